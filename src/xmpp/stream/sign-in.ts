/**
 * The first half of a stream: TLS, then who the bot is. RFC 6120, sections 5 (STARTTLS) and 6 (SASL).
 *
 * The rule of what may be sent over what is here: off this machine nothing goes on without TLS, and a password in
 * the clear (PLAIN) only ever goes over TLS. SCRAM comes first where it is offered. @xmpp/client leads through SASL.
 */
import { type Element, xml } from "../../stanza/xml.ts";
import { SASL_MECHANISMS, type SaslMechanisms } from "./sasl-mechanisms.ts";
import {
  brokenOff,
  parseAuthFailure,
  refuseInsecure,
  refuseMechanisms,
  type StreamEnd,
} from "./stream-end.ts";
import type { StreamSocket } from "./stream-socket.ts";
import type { Phase } from "./watchdog.ts";

const NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls";
const NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl";

/** What negotiating needs of the link it works for. */
export interface NegotiationActions {
  write(element: Element): void;
  /** Writes what is already text. */
  writeText(text: string): void;
  /** A new stream begins (RFC 6120, section 4.3.3): what else came with the old one is not to be heard. */
  forgetStream(): void;
  enter(phase: Phase): void;
  cut(end: StreamEnd): void;
}

/** Where and as whom. */
export interface SignInOptions {
  readonly host: string;
  readonly account: string;
  readonly mechanisms: SaslMechanisms;
}

/** Signs in over one socket. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #socket: StreamSocket;
  readonly #link: NegotiationActions;
  /* What the server may answer now; everything else is out of turn, and somebody else's trick. */
  #awaited: "features" | "proceed" | "success" | "nothing" = "features";

  constructor(options: SignInOptions, socket: StreamSocket, link: NegotiationActions) {
    this.#options = options;
    this.#socket = socket;
    this.#link = link;
  }

  get isDone(): boolean {
    return this.#awaited === "nothing";
  }

  /** Takes the features of a stream that has not signed in; "left" leaves what remains of them to @xmpp/client. */
  receiveFeatures(features: Element): "taken" | "left" {
    if (this.#awaited !== "features") return "taken";
    if (this.#socket.secure) return this.#authenticate(features);
    if (features.getChild("starttls", NS_TLS) !== undefined) return this.#requestTls();
    if (this.#socket.isLoopback) return this.#authenticate(features);
    this.#link.cut(refuseInsecure(this.#options.host));
    return "taken";
  }

  /** Takes what is neither features nor stanza; "left" leaves it to @xmpp/client. */
  receive(element: Element): "taken" | "left" {
    if (this.#awaited === "proceed") this.#receiveProceed(element);
    else if (this.#awaited === "success") return this.#receiveSuccess(element);
    return "taken";
  }

  #requestTls(): "taken" {
    this.#awaited = "proceed";
    this.#link.enter("starttls");
    this.#link.write(xml("starttls", { xmlns: NS_TLS }));
    return "taken";
  }

  #receiveProceed(element: Element): void {
    if (element.is("proceed", NS_TLS)) {
      this.#awaited = "features";
      this.#link.forgetStream();
      this.#socket.startTls();
    } else if (element.is("failure", NS_TLS)) this.#link.cut(brokenOff("the server refused STARTTLS"));
  }

  /* @xmpp/client shall see only the ways of signing in that may be used. */
  #authenticate(features: Element): "taken" | "left" {
    const mechanisms = features.getChild("mechanisms", NS_SASL)?.getChildren("mechanism") ?? [];
    const offered = mechanisms.map((mechanism) => mechanism.text());
    const allowed = SASL_MECHANISMS.filter((name) => name !== "PLAIN" || this.#socket.secure);
    const usable = allowed.filter((name) => offered.includes(name));
    if (usable.length === 0) {
      this.#link.cut(refuseMechanisms(offered, this.#socket.secure));
      return "taken";
    }
    features.children = [];
    features.append(
      xml(
        "mechanisms",
        { xmlns: NS_SASL },
        usable.map((name) => xml("mechanism", {}, name)),
      ),
    );
    this.#awaited = "success";
    this.#link.enter("auth");
    return "left";
  }

  #receiveSuccess(element: Element): "taken" | "left" {
    if (element.is("success", NS_SASL)) return this.#succeed(element);
    if (element.is("failure", NS_SASL)) this.#link.cut(parseAuthFailure(element, this.#options.account));
    return element.is("challenge", NS_SASL) ? "left" : "taken";
  }

  #succeed(success: Element): "taken" | "left" {
    if (!this.#options.mechanisms.isServerProven(success.text())) {
      this.#link.cut(
        brokenOff("the server does not know the password, and so is not the one it seems to be"),
      );
      return "taken";
    }
    this.#awaited = "nothing";
    this.#link.forgetStream();
    this.#link.enter("header");
    return "left";
  }
}
