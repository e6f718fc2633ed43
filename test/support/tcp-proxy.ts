/** A wire that a test can cut, or stop the traffic on, between a client and a server. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Hears what passes over one connection. */
export interface Listener {
  fromClient(bytes: Buffer): void;
  fromServer(bytes: Buffer): void;
}

/** Passes bytes on between whoever connects and a port of 127.0.0.1. */
export class TcpProxy {
  /** How many have connected so far. */
  connections = 0;
  readonly #server: Server;
  readonly #fromServer = new Set<Socket>();
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number, listen?: () => Listener) {
    this.#server = createServer({ noDelay: true }, (client) => {
      this.connections += 1;
      const server = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
      this.#fromServer.add(server);
      server.once("close", () => this.#fromServer.delete(server));
      const listener = listen?.();
      this.#join(client, server, (bytes) => listener?.fromClient(bytes));
      this.#join(server, client, (bytes) => listener?.fromServer(bytes));
    });
  }

  /** Starts one; `listen` is called for each connection. */
  static async start(targetPort: number, listen?: () => Listener): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort, listen);
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

  #join(from: Socket, to: Socket, hear: (bytes: Buffer) => void): void {
    this.#sockets.add(from);
    from.on("error", () => undefined);
    from.on("data", (bytes) => {
      hear(bytes);
      to.write(bytes);
    });
    from.once("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
