/**
 * A server that does what a test wants, also what no real one does: falls silent in any phase, sends what is no XML,
 * answers in somebody else's name.
 *
 * It believes any password (unless it shall not), knows the domain milliner.test only, and routes nothing.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Phase } from "../../src/xmpp/stream/watchdog.ts";
import { within } from "./deadline.ts";
import { FakePeer } from "./fake-server-peer.ts";

/** Where the server can fall silent. */
export type FakePhase = Exclude<Phase, "connect"> | "close";

/** What the server does; may be changed at any time, and counts from then on. */
export interface FakeBehaviour {
  silentAt?: FakePhase | undefined;
  tls?: { readonly mode: "starttls" | "direct"; readonly key: string; readonly cert: string };
  mechanisms?: readonly string[];
  /** The SASL condition that each password gets. */
  authFailure?: string | undefined;
  /** Further features before signing in. */
  features?: string;
  /** How the server shows by SCRAM that it knows the password. */
  proof?: "right" | "wrong" | "none";
  /** What it asks the client to compute; 1 by default. */
  iterations?: number;
  /** The stanza error condition that each resource gets. */
  bindFailure?: string | undefined;
  /** Whether stream management is offered. */
  isManaged?: boolean;
  /** Whether a session is said to be resumable. */
  resume?: "accept" | "refuse";
  /** The `h` of an accepted resumption; undefined refuses it. */
  resumedAt?: number | undefined;
  /** What follows each answer in the same packet. */
  afterProceed?: string;
  afterBind?: string;
  afterEnabled?: string;
  afterResumed?: string;
  onAckRequest?: (peer: FakePeer) => void;
}

/** The fake server. */
export class FakeServer {
  readonly behaviour: FakeBehaviour;
  /** All connections so far, oldest first. */
  readonly peers: FakePeer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #onPeer: (() => void)[] = [];
  #awaited = 0;

  private constructor(behaviour: FakeBehaviour) {
    this.behaviour = behaviour;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Starts on a free port of 127.0.0.1. */
  static async start(behaviour: FakeBehaviour = {}): Promise<FakeServer> {
    const fake = new FakeServer(behaviour);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Where clients connect. */
  get service(): string {
    return `${this.behaviour.tls?.mode === "direct" ? "xmpps" : "xmpp"}://127.0.0.1:${this.port}`;
  }

  /** The next connection that was not handed out yet. */
  async nextPeer(): Promise<FakePeer> {
    const index = this.#awaited++;
    while (this.peers[index] === undefined) {
      await within(new Promise<void>((resolve) => this.#onPeer.push(resolve)), "a connection");
    }
    return this.peers[index];
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    const { tls, silentAt } = this.behaviour;
    const isDirect = tls?.mode === "direct" && silentAt !== "tls";
    const inner = isDirect ? new TLSSocket(socket, { isServer: true, key: tls.key, cert: tls.cert }) : socket;
    this.peers.push(new FakePeer(inner, this.behaviour));
    for (const wake of this.#onPeer.splice(0)) wake();
  }
}
