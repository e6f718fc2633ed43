/** A wire that a test can cut, or stop the traffic on, between a client and a server. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Passes bytes on between whoever connects and a port of 127.0.0.1. */
export class TcpProxy {
  /** How many have connected so far. */
  connections = 0;
  readonly #server: Server;
  readonly #fromServer = new Set<Socket>();
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      this.connections += 1;
      const server = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
      this.#fromServer.add(server);
      server.once("close", () => this.#fromServer.delete(server));
      this.#join(client, server);
      this.#join(server, client);
    });
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Keeps back what the server sends. */
  holdServer(): void {
    for (const socket of this.#fromServer) socket.pause();
  }

  /** Breaks all connections off; new ones may come. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("error", () => undefined);
    from.on("data", (bytes) => to.write(bytes));
    from.once("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
