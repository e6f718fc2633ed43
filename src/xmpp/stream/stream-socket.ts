/**
 * The socket under a stream: TCP, with TLS from the start (XEP-0368) or from the middle (RFC 6120, section 5).
 *
 * It stands in for the sockets of @xmpp/client, which leave Nagle's algorithm on (44 ms a round trip), break
 * characters that lie across two packets, let an error thrown while reading end the process, and verify certificates
 * against the environment's wishes. One object for the whole life of a connection: securing it swaps what is inside.
 */
import { EventEmitter } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import { Intake } from "./intake.ts";
import { buildTlsOptions, type Trust } from "./trust.ts";

/** Where to connect to. */
export interface StreamTarget {
  readonly host: string;
  readonly port: number;
  readonly directTls: boolean;
}

/** What holds for each socket of a connection. */
export interface SocketPolicy {
  /** Whom the certificate must name. */
  readonly domain: string;
  readonly trust: Trust;
  /** Whether the other end, given by its IP address, is on this machine: there no verified TLS is asked for. */
  readonly isLoopback: (address: string) => boolean;
  readonly clock: Clock;
  /** Whether much is under way, so that what comes in may be gathered (intake.ts). */
  readonly isBusy: () => boolean;
}

/** The server's certificate is not one to believe. */
export class CertificateError extends Error {
  constructor(reason: string) {
    super(`the server's certificate is not trusted: ${reason}`);
    this.name = "CertificateError";
  }
}

type SocketEvents = {
  /** TCP stands, and TLS too where it is direct. */
  connect: [];
  /** TCP stands and the TLS handshake begins. */
  handshake: [];
  /** The handshake is done; after `connect` only where it was not direct. */
  secure: [];
  data: [text: string];
  error: [error: Error];
  close: [];
};

/* Told when a text was handed to the machine, or why it was not. */
type Written = (error?: Error | null) => void;

/** A socket that hands on whole characters, and emits `error` before `close` at most once. */
export class StreamSocket extends EventEmitter<SocketEvents> {
  /** Whether TLS is on; read by @xmpp/client, which sends passwords in the clear only then. */
  secure = false;
  readonly #policy: SocketPolicy;
  readonly #intake: Intake;
  #tcp: Socket | undefined;
  #tls: TLSSocket | undefined;
  #isClosed = false;
  /* What was written in this turn, and who waits for it to be handed to the machine. */
  #gathered = "";
  #waiting: Written[] = [];

  constructor(policy: SocketPolicy) {
    super();
    this.#policy = policy;
    this.#intake = new Intake(policy.clock, policy.isBusy, (text) => this.#handOn(text));
  }

  /** Whether the other end is on this machine; false before `connect`. */
  get isLoopback(): boolean {
    const address = this.#tcp?.remoteAddress;
    return address !== undefined && this.#policy.isLoopback(address);
  }

  connect(target: StreamTarget): void {
    const tcp = connectTcp({ host: target.host, port: target.port });
    this.#tcp = tcp;
    tcp.once("connect", () => {
      tcp.setNoDelay(true);
      if (target.directTls) {
        this.#startTls(tcp, { ALPNProtocols: ["xmpp-client"] }, "connect");
        return;
      }
      this.#read(tcp);
      this.emit("connect");
    });
    this.#watch(tcp);
  }

  /** Goes on in TLS from here; what the other side sent before is forgotten. `secure` follows, or `error`. */
  startTls(): void {
    const tcp = this.#tcp;
    if (tcp === undefined) throw new Error("STARTTLS before the connection stands");
    this.#flush();
    tcp.removeAllListeners("data");
    this.#startTls(tcp, {}, "secure");
  }

  /**
   * `callback` gets an error where the text could not be handed to the machine.
   *
   * What is written in one turn, as the answers to all commands of one journal record are, goes out in one piece.
   */
  write(text: string, callback?: Written): void {
    if (this.#isClosed || this.#tcp === undefined) {
      callback?.(new Error("the socket is closed"));
      return;
    }
    if (this.#gathered === "") process.nextTick(() => this.#flush());
    this.#gathered += text;
    if (callback !== undefined) this.#waiting.push(callback);
  }

  #flush(): void {
    const text = this.#gathered;
    const waiting = this.#waiting;
    this.#gathered = "";
    this.#waiting = [];
    if (text === "") return;
    (this.#tls ?? this.#tcp)?.write(text, (error) => {
      for (const callback of waiting) callback(error);
    });
  }

  /** Closes this side; the other side may close its own. */
  end(): void {
    this.#flush();
    (this.#tls ?? this.#tcp)?.end();
  }

  /** Closes at once; what was written before is handed to the machine first, such as why the stream ends. */
  destroy(): void {
    this.#flush();
    this.#intake.drop();
    for (const socket of [this.#tls, this.#tcp]) socket?.destroy();
    this.#close();
  }

  #startTls(tcp: Socket, options: { ALPNProtocols?: string[] }, done: "connect" | "secure"): void {
    const { domain, trust } = this.#policy;
    const tls = connectTls({
      socket: tcp,
      ...buildTlsOptions(domain, trust),
      ...options,
      // Encryption alone is still better than none where nobody can stand in between.
      ...(this.isLoopback && { rejectUnauthorized: false }),
    });
    this.#tls = tls;
    tls.once("secureConnect", () => {
      this.secure = true;
      this.#read(tls);
      this.emit(done);
    });
    this.#watch(tls);
    this.emit("handshake");
  }

  #read(socket: Socket): void {
    const decoder = new StringDecoder("utf8");
    socket.on("data", (bytes: Buffer) => this.#intake.take(decoder.write(bytes)));
  }

  #handOn(text: string): void {
    try {
      this.emit("data", text);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /* What came before the end may say why it ends. */
  #watch(socket: Socket | TLSSocket): void {
    socket.on("error", (error: Error) => {
      this.#intake.end();
      this.#fail(this.#describe(error, socket));
    });
    socket.once("close", () => {
      this.#intake.end();
      this.#close();
    });
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.emit("error", error);
    this.destroy();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit("close");
  }

  #describe(error: Error, socket: Socket | TLSSocket): Error {
    const isRefusal = !this.secure && "authorizationError" in socket && Boolean(socket.authorizationError);
    return isRefusal ? new CertificateError(error.message) : error;
  }
}
