/**
 * Why a stream ended, and whether trying again can help.
 *
 * RFC 6120: stream errors (section 4.9.3), SASL failures (section 6.5), errors of resource binding (section 7.7.2).
 * What a person has to mend ends the connection with a text that says how; everything else passes by itself and is
 * tried again. A fault of the server's side ends it only as long as the bot was never online: afterwards it is
 * more likely that an operator is at work there than that the configuration was wrong all along.
 */
import { type Element, elements } from "../../stanza/xml.ts";
import { SASL_MECHANISMS } from "./sasl-mechanisms.ts";
import type { FatalCode, FatalReason } from "./stream.ts";
import { CertificateError } from "./stream-socket.ts";

/** How a stream ended. */
export interface StreamEnd {
  /** What happened, for the log and for whoever waits. */
  readonly reason: string;
  /** What to mend, where waiting does not help. */
  readonly fatal?: FatalReason;
  /** Only fatal before the bot was ever online. */
  readonly isPassingOnceOnline?: boolean;
  /** The server may still hold the session, so it is worth asking for it again. */
  readonly mayResume: boolean;
}

/* Errors of a socket that reached nobody. */
const NOBODY_THERE: readonly unknown[] = [
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
];

/* Errors of a socket whose other end went away without a word. */
const GONE: readonly unknown[] = ["ECONNRESET", "EPIPE"];

/* SASL failures that say nothing about the password. */
const PASSING_SASL_FAILURES: readonly string[] = ["aborted", "temporary-auth-failure"];

/** The socket, the network or the server broke off. */
export function brokenOff(reason: string): StreamEnd {
  return { reason, mayResume: true };
}

/** The socket was open, and what is at its other end said nothing of XMPP. */
export function strange(reason: string, isDirectTls: boolean): StreamEnd {
  const orTls = isDirectTls ? "" : ", or this one is for direct TLS (xmpps://)";
  return brokenOff(`${reason}; if XMPP is at another port${orTls}, set \`service\``);
}

/** Whether a socket failed because its other end went away, as a port that expects TLS at once does with anything else. */
export function isGone(error: Error): boolean {
  return "code" in error && GONE.includes(error.code);
}

/** The stream was cut on our side, and taking the session up again would bring the same once more. */
export function cutOff(reason: string): StreamEnd {
  return { reason, mayResume: false };
}

/** Reads why a socket failed. */
export function parseSocketError(error: Error, domain: string): StreamEnd {
  if (!(error instanceof CertificateError)) return brokenOff(reasonOf(error, domain));
  return passingOnceOnline(
    "certificate",
    `${error.message}. It must be valid for ${domain} and issued by an authority that this machine knows, or by the ` +
      "one given as `ca`.",
  );
}

/* Where a name has several addresses the error has no text of its own, but those of all attempts. */
function reasonOf(error: Error, domain: string): string {
  if ("library" in error && "reason" in error) return reasonOfTls(String(error.reason), domain);
  const texts = error instanceof AggregateError ? error.errors.map((each: Error) => each.message) : [];
  const text = error.message === "" ? texts.join(", ") : error.message;
  const isNobodyThere = "code" in error && NOBODY_THERE.includes(error.code);
  return isNobodyThere ? `${text}; if the server is elsewhere, set \`service\`` : text;
}

/* The text of OpenSSL's own error is a line of source, with a line break at its end; its reason is for people. */
function reasonOfTls(reason: string, domain: string): string {
  if (reason === "wrong version number")
    return "what is at this port does not begin with TLS, as xmpps:// says; for STARTTLS write xmpp:// in `service`";
  return `the TLS handshake failed (${reason}); see that the server has a certificate for ${domain}`;
}

/** The server offers no TLS, and somebody could read along. */
export function refuseInsecure(host: string): StreamEnd {
  return passingOnceOnline(
    "insecure",
    `${host} offers no STARTTLS, so the password and all that follows could be read on the way. Switch TLS on there, ` +
      "or connect to its direct TLS port with xmpps://. Only a server on this machine may do without.",
  );
}

/** The server offers no way of signing in that can be used here. */
export function refuseMechanisms(offered: readonly string[], isSecure: boolean): StreamEnd {
  const list = offered.join(", ") || "none";
  const isPlainOffered = !isSecure && offered.includes("PLAIN");
  return passingOnceOnline(
    "no-mechanism",
    isPlainOffered
      ? `The server offers only ${list}, which sends the password in the clear, and the stream has no TLS. Switch TLS on there.`
      : `The server offers no way of signing in that the bot knows (offered: ${list}; known: ${SASL_MECHANISMS.join(", ")}).`,
  );
}

/** Reads a SASL `<failure/>`. */
export function parseAuthFailure(failure: Element, account: string): StreamEnd {
  const condition = elements(failure).find((child) => child.name !== "text")?.name ?? "not-authorized";
  const text = failure.getChildText("text");
  const reason = `${account} could not sign in: ${condition}${text ? ` (${text})` : ""}`;
  if (PASSING_SASL_FAILURES.includes(condition)) return brokenOff(reason);
  return fatal("not-authorized", `${reason}. Check the JID and the password.`);
}

/** Reads a `<stream:error/>`. */
export function parseStreamError(error: Element, resource: string): StreamEnd {
  const named = elements(error).find((child) => child.name !== "text");
  const condition = named?.name ?? "undefined-condition";
  /* By see-other-host the condition itself says where to (section 4.9.3.19): whether to go there is the operator's to say. */
  const words = [named?.getText(), error.getChildText("text")].filter(Boolean).join(": ");
  const reason = `the server ended the stream: ${condition}${words ? ` (${words})` : ""}`;
  if (condition === "conflict") return fatal("conflict", explainConflict(resource));
  if (condition !== "host-unknown") return brokenOff(reason);
  return passingOnceOnline("host-unknown", `${reason}. Check the domain of the JID, and \`service\`.`);
}

/** Reads the error that answered the request for a resource. */
export function parseBindError(iq: Element, resource: string): StreamEnd {
  const error = iq.getChild("error");
  const condition = error && elements(error).find((child) => child.name !== "text")?.name;
  if (condition === "conflict") return passingOnceOnline("conflict", explainConflict(resource));
  return brokenOff(`the server refused the resource ${resource}: ${condition ?? "undefined-condition"}`);
}

function explainConflict(resource: string): string {
  return (
    `Another client is signed in to this account with the same resource, ${resource}, and the two would end each other's ` +
    "session without end. Stop the other one, or give one of them another `resource`."
  );
}

function fatal(code: FatalCode, text: string): StreamEnd {
  return { reason: text, fatal: { code, text }, mayResume: false };
}

function passingOnceOnline(code: FatalCode, text: string): StreamEnd {
  return { ...fatal(code, text), isPassingOnceOnline: true, mayResume: true };
}
