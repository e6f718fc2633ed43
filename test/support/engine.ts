/** An engine over commands that exist only in tests, and a client that talks to it in stanzas. */
import type { Command } from "../../src/commands/command.ts";
import { Engine, type EngineOptions, type Source } from "../../src/commands/engine/engine.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Occupant } from "../../src/core/occupant.ts";
import {
  type Action,
  buildCommandRequest,
  buildCommandResponse,
  type CommandResponse,
  findCommand,
  parseCommandRequest,
  parseCommandResponse,
} from "../../src/stanza/command.ts";
import { buildSubmission, type Form, parseForm, type Table, parseTable } from "../../src/stanza/data-form.ts";
import { buildStanzaError, parseStanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { type FieldSource, formSource, loadFormsOf } from "./command-forms.ts";

/** Values of a form, one or several a var. */
export type Values = Readonly<Record<string, string | readonly string[]>>;

/** A command that exists only in a test, with the fields of its form file. */
export interface TestCommand extends Pick<Command, "node" | "run" | "stages"> {
  readonly fields: readonly FieldSource[];
}

/** What somebody sends; `form` undefined is no `<x/>` at all. */
export interface Sent {
  readonly node: string;
  readonly action?: Action;
  readonly sessionid?: string;
  readonly form?: Values | Element;
  readonly lang?: string;
}

/** What comes back: an answer, or the error as `type/condition application: text`. */
export interface Received {
  readonly response: CommandResponse | undefined;
  readonly error: string | undefined;
  /** The stanza that goes out. */
  readonly xml: Element;
}

/** An engine over these commands; who may run them is everybody. */
export function engineOf(commands: readonly TestCommand[], options: Partial<EngineOptions> = {}): Engine {
  return new Engine({
    commands: commands.map(({ node, stages, run }) => ({ node, stages, run, isOffered: () => true })),
    forms: loadFormsOf(
      Object.fromEntries(commands.map(({ node, fields }) => [`${node}.json`, formSource(node, fields)])),
    ),
    ...options,
  });
}

/** A person at a full JID. */
export function account(address: string): Source {
  return { requester: { kind: "account", jid: (address.split("/")[0] ?? "") as BareJid }, address };
}

/** A member in a room, whose real JID is known if it is given. */
export function occupant(room: string, nick: string, known: Partial<Occupant> = {}): Source {
  return {
    requester: {
      kind: "occupant",
      room: room as RoomJid,
      occupant: {
        nick,
        affiliation: "member",
        role: "participant",
        realJid: undefined,
        occupantId: undefined,
        ...known,
      },
    },
    address: `${room}/${nick}`,
  };
}

/** Sends a request through the codecs, as it would come over the wire. */
export async function send(engine: Engine, source: Source, sent: Sent): Promise<Received> {
  const { form, ...request } = sent;
  const command = buildCommandRequest(request, form && (isElement(form) ? form : submission(form)));
  const iq = xml("iq", { type: "set", from: source.address, id: "1" }, command);
  try {
    const response = await engine.handle(source, parseCommandRequest(iq, command));
    const answer = xml("iq", { type: "result", to: source.address, id: "1" }, buildCommandResponse(response));
    return { response: parseCommandResponse(findCommand(answer) ?? answer), error: undefined, xml: answer };
  } catch (error) {
    const answer = xml("iq", { type: "error", to: source.address, id: "1" }, buildStanzaError(error));
    const { type, condition, application, text } = parseStanzaError(answer);
    if (condition === "internal-server-error") throw error;
    const specific = application === undefined ? "" : ` ${application}`;
    return { response: undefined, error: `${type}/${condition}${specific}: ${text}`, xml: answer };
  }
}

/** A form of these values; a value that is an empty list is a field without values. */
export function submission(values: Values): Element {
  return buildSubmission(
    new Map(
      Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? [value] : value]),
    ),
  );
}

/** The form of an answer. */
export function formIn({ response }: Received): Form {
  if (response?.payload === undefined) throw new Error("the answer has no form");
  return parseForm(response.payload);
}

/** The table of an answer. */
export function tableIn({ response }: Received): Table {
  const table = response?.payload && parseTable(response.payload);
  if (table === undefined) throw new Error("the answer has no table");
  return table;
}

/** The note of an answer; undefined where there is none. */
export function noteIn({ response }: Received): string | undefined {
  return response?.notes[0]?.text;
}

/** The id of the session that an answer belongs to. */
export function sessionidIn({ response }: Received): string {
  return response?.sessionid ?? "none";
}

function isElement(form: Element | Values): form is Element {
  return typeof form["getChild"] === "function";
}
