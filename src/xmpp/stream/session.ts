/**
 * The second half of a stream: the session, taken up again or begun, and the stanzas in it.
 *
 * RFC 6120, section 7 (resource binding), XEP-0198 (stream management). A session is told to be online only once
 * stream management has answered: a stanza sent earlier, or counted from earlier, makes both sides count differently, and
 * servers end such a stream. Leaves out the session request of RFC 3921, which no server needs any more.
 */
import { randomUUID } from "node:crypto";
import { NS_CLIENT } from "../../stanza/namespaces.ts";
import { attribute, type Element, xml } from "../../stanza/xml.ts";
import type { NegotiationActions } from "./sign-in.ts";
import { cutOff, parseBindError } from "./stream-end.ts";
import { buildAckRequest, buildEnable, ManagedSession, NS_STREAM_MANAGEMENT } from "./stream-management.ts";

const NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind";
const STANZA_NAMES: readonly string[] = ["iq", "message", "presence"];

/** What a session tells its owner. */
export interface SessionEvents {
  /** A new session; `session` is undefined where the server does not manage streams. */
  bound(address: string, session: ManagedSession | undefined): void;
  /** The session of before goes on. */
  resumed(): void;
  stanza(stanza: Element): void;
}

/** The session of one stream. */
export class Session {
  readonly #resource: string;
  readonly #link: NegotiationActions;
  readonly #events: SessionEvents;
  readonly #bindId = randomUUID();
  #stage: "new" | "resuming" | "binding" | "enabling" | "online" = "new";
  #managed: ManagedSession | undefined;
  #isManagementOffered = false;
  #address = "";
  #early: Element[] = [];
  #isAckDue = false;

  /** `previous` is a session to take up again. */
  constructor(
    resource: string,
    previous: ManagedSession | undefined,
    link: NegotiationActions,
    events: SessionEvents,
  ) {
    this.#resource = resource;
    this.#managed = previous;
    this.#link = link;
    this.#events = events;
  }

  get isOnline(): boolean {
    return this.#stage === "online";
  }

  get mayResume(): boolean {
    return this.#managed?.mayResume === true;
  }

  /** Begins, with the features of a stream that has signed in. */
  receiveFeatures(features: Element): void {
    this.#isManagementOffered = features.getChild("sm", NS_STREAM_MANAGEMENT) !== undefined;
    if (this.#managed?.mayResume !== true || !this.#isManagementOffered) {
      this.#bind();
      return;
    }
    this.#stage = "resuming";
    this.#link.enter("resume");
    this.#link.write(this.#managed.buildResume());
  }

  /** Takes whatever else comes in. */
  receive(element: Element): void {
    const namespace = element.getNS();
    if (namespace === NS_CLIENT && STANZA_NAMES.includes(element.name)) this.#receiveStanza(element);
    else if (namespace === NS_STREAM_MANAGEMENT) this.#receiveManagement(element);
  }

  /** Notes that a stanza goes out as this text, and says what must follow it on the stream. */
  noteSent(text: string, mayWait?: () => boolean): string {
    const isDue = this.#managed?.keepSent(text, mayWait) ?? false;
    return isDue ? buildAckRequest().toString() : "";
  }

  /** What tells the server before a goodbye how much has been taken. */
  get lastWords(): string {
    return this.#managed?.buildAck().toString() ?? "";
  }

  #bind(): void {
    this.#managed = undefined;
    this.#stage = "binding";
    this.#link.enter("bind");
    const bind = xml("bind", { xmlns: NS_BIND }, xml("resource", {}, this.#resource));
    this.#link.write(xml("iq", { type: "set", id: this.#bindId }, bind));
  }

  #receiveStanza(stanza: Element): void {
    if (this.#stage === "binding" && attribute(stanza, "id") === this.#bindId) this.#receiveBound(stanza);
    else if (this.#stage === "enabling") this.#early.push(stanza);
    else if (this.#stage === "online") {
      this.#managed?.countReceived();
      this.#deliver(stanza);
    }
  }

  #receiveBound(iq: Element): void {
    const address = iq.getChild("bind", NS_BIND)?.getChildText("jid");
    if (!address) {
      this.#link.cut(parseBindError(iq, this.#resource));
      return;
    }
    this.#address = address;
    this.#stage = "enabling";
    if (!this.#isManagementOffered) {
      this.#begin(undefined);
      return;
    }
    this.#link.enter("enable");
    this.#link.write(buildEnable());
  }

  #receiveManagement(element: Element): void {
    if (element.name === "r") this.#acknowledgeSoon();
    else if (element.name === "a") this.#acknowledge(element);
    else if (element.name === "resumed") this.#resume(element);
    else if (element.name === "enabled") this.#begin(new ManagedSession(element));
    else if (element.name === "failed") this.#failManagement();
  }

  /* Once for all that came together, since servers ask after each stanza, and after what it sets off is on its way to the disk. */
  #acknowledgeSoon(): void {
    if (this.#isAckDue) return;
    this.#isAckDue = true;
    setImmediate(() => {
      this.#isAckDue = false;
      if (this.#managed !== undefined) this.#link.write(this.#managed.buildAck());
    });
  }

  #failManagement(): void {
    if (this.#stage === "resuming") this.#bind();
    else this.#begin(undefined);
  }

  #begin(managed: ManagedSession | undefined): void {
    if (this.#stage !== "enabling") return;
    this.#managed = managed;
    this.#stage = "online";
    this.#events.bound(this.#address, managed);
    for (const stanza of this.#early.splice(0)) this.#deliver(stanza);
  }

  #resume(resumed: Element): void {
    if (this.#stage !== "resuming" || this.#managed === undefined || !this.#acknowledge(resumed)) return;
    this.#stage = "online";
    for (const text of this.#managed.goOn()) this.#link.writeText(text);
    this.#events.resumed();
  }

  /* False where the count cannot be; with such a session nobody can go on, so the next attempt begins a new one. */
  #acknowledge(element: Element): boolean {
    const isPossible = this.#managed?.acknowledge(element) ?? true;
    if (!isPossible) this.#link.cut(cutOff("the server acknowledged more than was sent"));
    return isPossible;
  }

  #deliver(stanza: Element): void {
    if (stanza.attrs["from"] === "") delete stanza.attrs["from"];
    this.#events.stanza(stanza);
  }
}
