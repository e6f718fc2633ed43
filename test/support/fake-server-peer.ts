/** One connection of the fake server: it plays the server's part of a stream by itself, and says what a test lets it say. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { within } from "./deadline.ts";
import { FakeScram } from "./fake-server-scram.ts";
import type { FakeBehaviour, FakePhase } from "./fake-server.ts";

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
  "id='s1' from='milliner.test' version='1.0'>";

type Answer = (match: RegExpExecArray) => void;

/** The server's end of one connection. */
export class FakePeer {
  /** Everything the client sent, TLS taken off. */
  received = "";
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #behaviour: FakeBehaviour;
  readonly #waiting = new Set<() => void>();
  readonly #answers: readonly (readonly [pattern: RegExp, answer: Answer])[];
  readonly #plain: Socket;
  #socket: Socket;
  #read = 0;
  #taken = 0;
  #isSignedIn = false;
  #scram: FakeScram | undefined;

  constructor(socket: Socket, behaviour: FakeBehaviour) {
    this.#plain = socket;
    this.#socket = socket;
    this.#behaviour = behaviour;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    this.#answers = [
      [/<stream:stream [^>]*>/g, () => this.#open()],
      [/<starttls [^>]*>/g, () => this.#startTls()],
      [/<auth [^>]*mechanism="([^"]*)"[^>]*>([^<]*)<\/auth>/g, (match) => this.#authenticate(match)],
      [/<response [^>]*>([^<]*)<\/response>/g, (match) => this.#finishAuthentication(match[1])],
      [/<iq [^>]*id="([^"]*)"[^>]*><bind [^>]*><resource>([^<]*)</g, (match) => this.#bind(match)],
      [/<enable [^>]*>/g, () => this.#enable()],
      [/<resume [^>]*>/g, () => this.#resume()],
      [/<r [^>]*>/g, () => this.#behaviour.onAckRequest?.(this)],
      [/<\/stream:stream>/g, () => this.#close()],
    ];
    this.#attach(socket);
  }

  /** Sends text or bytes as one packet, however bad. */
  send(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Sends bytes in as many packets, none before the one before it has left. */
  async sendInPackets(packets: readonly (string | Buffer)[]): Promise<void> {
    for (const packet of packets) {
      await new Promise<void>((resolve, reject) => {
        this.#socket.write(packet, (error) => (error ? reject(error) : resolve()));
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Waits for the pattern in what came since the match before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const search = async (): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(this.received.slice(this.#taken));
        if (match !== null) {
          this.#taken += match.index + match[0].length;
          return match;
        }
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    };
    return within(search(), `${pattern} from the client`);
  }

  /** Breaks the connection off, without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  /** Breaks the encryption off by what is no TLS: an error at the other end. Only under STARTTLS. */
  breakTls(): void {
    this.#plain.write("this is no TLS record");
  }

  /** Whether this connection is encrypted. */
  get isSecure(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  #attach(socket: Socket): void {
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => this.#receive(bytes.toString("utf8")));
  }

  #receive(text: string): void {
    this.received += text;
    for (let found = this.#nextAnswer(); found !== undefined; found = this.#nextAnswer()) {
      this.#read = found.end;
      found.answer();
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #nextAnswer(): { end: number; answer: () => void } | undefined {
    const found = this.#answers.flatMap(([pattern, answer]) => {
      pattern.lastIndex = this.#read;
      const match = pattern.exec(this.received);
      return match === null
        ? []
        : [{ start: match.index, end: pattern.lastIndex, answer: () => answer(match) }];
    });
    return found.toSorted((a, b) => a.start - b.start)[0];
  }

  #unlessSilent(phase: FakePhase, text: string): void {
    if (this.#behaviour.silentAt !== phase) this.send(text);
  }

  #open(): void {
    if (this.#behaviour.silentAt === "header") return;
    this.send(HEADER);
    this.#unlessSilent("features", `<stream:features>${this.#features()}</stream:features>`);
  }

  #features(): string {
    const { tls, mechanisms = ["SCRAM-SHA-1", "PLAIN"], isManaged = true } = this.#behaviour;
    if (tls?.mode === "starttls" && !this.isSecure)
      return "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
    if (this.#isSignedIn)
      return `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${isManaged ? "<sm xmlns='urn:xmpp:sm:3'/>" : ""}`;
    const list = mechanisms.map((name) => `<mechanism>${name}</mechanism>`).join("");
    const others = this.#behaviour.features ?? "";
    return `${others}<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${list}</mechanisms>`;
  }

  #startTls(): void {
    const { tls, silentAt } = this.#behaviour;
    if (silentAt === "starttls" || tls === undefined) return;
    this.#plain.removeAllListeners("data");
    this.send(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${this.#behaviour.afterProceed ?? ""}`);
    if (silentAt === "tls") return;
    this.#socket = new TLSSocket(this.#plain, { isServer: true, key: tls.key, cert: tls.cert });
    this.#attach(this.#socket);
  }

  #authenticate([, mechanism = "", initial = ""]: RegExpExecArray): void {
    if (this.#behaviour.silentAt === "auth") return;
    if (mechanism === "PLAIN") {
      this.#finishAuthentication();
      return;
    }
    this.#scram = new FakeScram(initial, this.#behaviour.iterations);
    this.send(`<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${this.#scram.challenge}</challenge>`);
  }

  #finishAuthentication(response = ""): void {
    const { authFailure, proof = "right" } = this.#behaviour;
    this.#isSignedIn = authFailure === undefined;
    const final = this.#scram?.prove(response, proof) ?? "";
    this.send(
      authFailure === undefined
        ? `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${final}</success>`
        : `<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><${authFailure}/></failure>`,
    );
  }

  #bind([, id = "", resource = ""]: RegExpExecArray): void {
    const { bindFailure } = this.#behaviour;
    if (bindFailure !== undefined) {
      this.send(
        `<iq type='error' id='${id}'><error type='cancel'>` +
          `<${bindFailure} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
      );
      return;
    }
    this.#unlessSilent(
      "bind",
      `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>` +
        `<jid>bot@milliner.test/${resource}</jid></bind></iq>${this.#behaviour.afterBind ?? ""}`,
    );
  }

  #enable(): void {
    const { afterEnabled = "", resume = "accept" } = this.#behaviour;
    const offer = resume === "accept" ? " id='sm1' resume='true'" : "";
    this.#unlessSilent("enable", `<enabled xmlns='urn:xmpp:sm:3'${offer}/>${afterEnabled}`);
  }

  #resume(): void {
    const { resumedAt, afterResumed = "" } = this.#behaviour;
    this.#unlessSilent(
      "resume",
      resumedAt === undefined
        ? "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
        : `<resumed xmlns='urn:xmpp:sm:3' previd='sm1' h='${resumedAt}'/>${afterResumed}`,
    );
  }

  #close(): void {
    if (this.#behaviour.silentAt === "close") return;
    this.send("</stream:stream>");
    this.#socket.end();
  }
}
