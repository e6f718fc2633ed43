/** An account that asks: logs in, asks once, logs out. */
import { OperatorError } from "../core/errors.ts";
import { type Jid, parseJid } from "../stanza/jid.ts";
import { connect, type Connection } from "../xmpp/stream/connection.ts";
import type { ConnectionOptions } from "../xmpp/stream/connection-options.ts";
import { faultOf } from "../xmpp/stream/fault.ts";
import { Requests, RequestTimeout } from "../xmpp/requests.ts";
import { parseService, SERVICE_SHAPE } from "../xmpp/stream/service.ts";
import { faultOfCertificates } from "../xmpp/stream/trust.ts";
import { StreamDownError } from "../xmpp/stream/stream.ts";
import { UsageError } from "./exit.ts";
import { readNamed } from "./named-file.ts";

/** Who asks and where; what was typed, not checked yet. */
export interface AccountOptions {
  readonly as: string | undefined;
  readonly passwordFile: string | undefined;
  readonly service: string | undefined;
  readonly ca: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Lets `ask` talk to others as this account; one attempt, no reconnect.
 *
 * @throws UsageError, OperatorError, and what `ask` throws
 */
export async function withAccount<T>(
  options: AccountOptions,
  ask: (requests: Requests) => Promise<T>,
): Promise<T> {
  const account = readAccount(options);
  try {
    return await withStream(account, ask);
  } catch (error) {
    throw inFlags(error);
  }
}

/* What mends it is a key of the configuration for the bot, and a flag here. */
const FLAGS: readonly (readonly [key: string, flag: string])[] = [
  ["`service`", "--service or MILLINER_SERVICE"],
  ["`ca`", "--ca"],
  ["another `resource`", "another resource, here by --as JID/RESOURCE"],
];

function inFlags(error: unknown): unknown {
  if (!(error instanceof OperatorError)) return error;
  error.message = FLAGS.reduce((text, [key, flag]) => text.replaceAll(key, flag), error.message);
  return error;
}

/**
 * The same over a stream by these options.
 *
 * @throws OperatorError, and what `ask` throws
 */
export async function withStream<T>(
  options: ConnectionOptions,
  ask: (requests: Requests) => Promise<T>,
): Promise<T> {
  const connection = connect(options);
  try {
    await untilOnline(connection);
    return await ask(new Requests(connection, { timeoutMs: ANSWER_TIMEOUT_MS }));
  } catch (error) {
    if (error instanceof RequestTimeout || error instanceof StreamDownError) {
      throw new OperatorError("no-connection", error.message, error);
    }
    throw error;
  } finally {
    await connection.stop();
  }
}

function readAccount({ as, passwordFile, service, ca, env }: AccountOptions): ConnectionOptions {
  const jid = readJid(as);
  return {
    jid: jid.bare,
    password: passwordFile === undefined ? passwordOf(env) : readPassword(passwordFile),
    resource: jid.resource === "" ? `milliner-exec-${process.pid}` : jid.resource,
    service:
      readService("--service", service) ??
      readService("MILLINER_SERVICE", env["MILLINER_SERVICE"]) ??
      `xmpp://${jid.domain}:5222`,
    ...(ca === undefined ? {} : { ca: readCertificates(ca) }),
  };
}

function readCertificates(path: string): string {
  const written = readNamed("--ca", path);
  const fault = faultOfCertificates(written);
  if (fault !== undefined) throw new UsageError(`--ca: ${path} ${fault}`);
  return written;
}

function readJid(as: string | undefined): Jid {
  if (as === undefined) throw new UsageError("--as: say which account asks, such as --as alice@example.org");
  const jid = parseJid(as);
  if (jid === undefined || jid.local === "")
    throw new UsageError(`--as: ${as} is not a JID, such as alice@example.org`);
  return jid;
}

function readService(from: string, service: string | undefined): string | undefined {
  if (service === undefined || parseService(service) !== undefined) return service;
  throw new UsageError(`${from}: ${service} must be ${SERVICE_SHAPE}`);
}

function readPassword(path: string): string {
  const password = withoutLineBreak(readNamed("--password-file", path));
  if (password === "") throw new UsageError(`--password-file: ${path} holds no password`);
  return password;
}

function passwordOf(env: AccountOptions["env"]): string {
  const password = env["MILLINER_PASSWORD"];
  if (password === undefined || password === "") {
    throw new UsageError("--password-file: name a file that holds the password, or set MILLINER_PASSWORD");
  }
  return password;
}

function untilOnline(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.on("online", () => resolve());
    connection.on("fatal", (reason) => reject(faultOf(reason)));
    connection.on("offline", (reason) => {
      /* A fatal reason follows in the same turn and says more. */
      queueMicrotask(() => reject(new OperatorError("no-connection", reason)));
    });
  });
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}
