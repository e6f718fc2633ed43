/**
 * A foreign client in a test: slixmpp, whose ad-hoc, form, disco and room code is not ours, run by test/support/slixmpp.
 *
 * It logs in without TLS, so the server must not demand it. Leaves out everything that the scenarios do not need.
 */
import { fileURLToPath } from "node:url";
import type { TestServer } from "../../src/testing/index.ts";
import { ClientRefusal, startJsonClient } from "./json-client.ts";

const SCRIPT = fileURLToPath(new URL("slixmpp/client.py", import.meta.url));

/** A hat's attributes as they stand in the stanza. */
export type SeenHat = Readonly<Record<string, string>>;

/** What an entity says of itself, and the commands it offers this client. */
export interface Discovered {
  /** Pairs of category and type. */
  readonly identities: readonly (readonly [string, string])[];
  readonly features: readonly string[];
  readonly commands: readonly { readonly jid: string; readonly node: string; readonly name: string }[];
}

/** One field of a form as slixmpp reads it; a boolean's value is a boolean, a multi field's a list. */
export interface SeenField {
  readonly var: string;
  readonly type: string;
  readonly label: string;
  readonly required: boolean;
  readonly value: string | boolean | readonly string[] | null;
  readonly options: readonly { readonly label: string; readonly value: string }[];
}

/** One stage of a command as slixmpp reads it. */
export interface SeenStage {
  readonly status: "executing" | "completed" | "canceled";
  readonly node: string;
  readonly sessionid: string;
  readonly actions: readonly string[];
  readonly notes: readonly { readonly type: string; readonly text: string }[];
  readonly form: {
    readonly type: string;
    readonly title: string;
    readonly instructions: string;
    readonly fields: readonly SeenField[];
    /** The vars of a table's columns. */
    readonly reported: readonly string[];
    readonly items: readonly Readonly<Record<string, unknown>>[];
  } | null;
}

/** A presence in a room, with the hats it shows. */
export interface SeenPresence {
  readonly from: string;
  readonly type: string;
  readonly hats: readonly SeenHat[];
  readonly legacyHats: readonly SeenHat[];
  /** The desk's hats in the bot's own presence. */
  readonly wearers: readonly { readonly nick: string; readonly hats: readonly SeenHat[] }[];
}

/** Values to fill into a form, by var. */
export type FormValues = Readonly<Record<string, string | boolean | readonly string[]>>;

/** A refusal, as slixmpp understood it. */
export const SlixmppError = ClientRefusal;
/** A refusal, as slixmpp understood it. */
export type SlixmppError = ClientRefusal;

/** A client's ad-hoc commands. */
export interface AdhocUser {
  readonly jid: string;
  discover(jid: string): Promise<Discovered>;
  /** Executes a command; with values it sends a filled form at once. */
  start(jid: string, node: string, values?: FormValues): Promise<SeenStage>;
  /** Goes on in the command that was started last, filling these values into the form that is shown. */
  go(action: "execute" | "next" | "complete" | "prev" | "cancel", values?: FormValues): Promise<SeenStage>;
  /** Logs out and ends the process. */
  close(): Promise<void>;
}

/** A logged in slixmpp. */
export interface Slixmpp extends AdhocUser {
  join(room: string, nick: string): Promise<void>;
  leave(room: string, nick: string): Promise<void>;
  /** Resolves with the first room presence, seen already or to come, that passes and was not taken yet. */
  nextPresence(test: (presence: SeenPresence) => boolean): Promise<SeenPresence>;
}

/** Starts slixmpp and logs in with an account that exists; the password is the user name unless given. */
export async function startSlixmpp(server: TestServer, user: string, password = user): Promise<Slixmpp> {
  const client = await startJsonClient(SCRIPT, server, user, password);
  return {
    jid: client.jid,
    discover: (jid) => client.ask("discover", { jid }),
    start: (jid, node, values) => client.ask("start", { jid, node, ...(values && { values }) }),
    go: (action, values) => client.ask("go", { action, ...(values && { values }) }),
    join: (room, nick) => client.ask("join", { room, nick }),
    leave: (room, nick) => client.ask("leave", { room, nick }),
    nextPresence: (test) => client.next("presence", test),
    close: () => client.close(),
  };
}
