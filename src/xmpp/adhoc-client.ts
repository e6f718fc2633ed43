/**
 * The requester's side of ad-hoc commands: XEP-0050 1.3.0, sections 2.2 to 2.4, over disco (XEP-0030).
 *
 * Lists what a responder offers, runs a command in one stanza, or goes through its stages one by one. Works with every
 * responder: nothing here knows which commands there are. Leaves out payloads other than data forms.
 */
import {
  type Action,
  buildCommandRequest,
  type CommandResponse,
  parseCommandResponse,
} from "../stanza/command.ts";
import {
  buildSubmission,
  type Form,
  FORM_TYPE,
  parseForm,
  parseTable,
  type Submission,
  type Table,
} from "../stanza/data-form.ts";
import { buildDiscoQuery, parseDiscoItems } from "../stanza/disco.ts";
import { NS_COMMANDS, NS_DISCO_ITEMS, NS_MILLINER } from "../stanza/namespaces.ts";
import { StanzaError } from "../stanza/stanza-error.ts";
import type { Element } from "../stanza/xml.ts";

/** Whatever sends an IQ and brings its result; it rejects where the answer is an error, or none comes. */
export interface IqSender {
  request(to: string, type: "get" | "set", payload: Element): Promise<Element>;
}

/** A command as disco lists it. */
export interface ListedCommand {
  readonly node: string;
  readonly name: string;
}

/** Which command, where, and in which language. */
export interface CommandAddress {
  /** The address of the responder; a full JID where the command is a client's. */
  readonly to: string;
  readonly node: string;
  readonly lang?: string | undefined;
}

type Value = string | boolean | readonly string[];

/** What is filled out, by var: a value or several, a flag as a boolean; or the same as a map. Undefined leaves a field out. */
export type Values = ReadonlyMap<string, Value | undefined> | Readonly<Record<string, Value | undefined>>;

/** A command with its values; undefined values mean a plain execute without a form. */
export interface Execution extends CommandAddress {
  readonly values?: Values | undefined;
}

/**
 * Lists the commands that a responder offers to this account, by their names in a language where one is given.
 *
 * @throws StanzaError, and what the sender rejects with
 */
export async function listCommands(sender: IqSender, to: string, lang?: string): Promise<ListedCommand[]> {
  const result = await sender.request(to, "get", buildDiscoQuery(NS_DISCO_ITEMS, NS_COMMANDS, lang));
  const query = result.getChild("query", NS_DISCO_ITEMS);
  const items = query === undefined ? [] : parseDiscoItems(query);
  return items.map(({ node = "", name = node }) => ({ node, name }));
}

/**
 * Runs a command in one stanza; a command that asks for more is canceled, and its answer tells what it asked.
 *
 * The form says that it is one of this desk's, unless the values hold another FORM_TYPE.
 *
 * @throws StanzaError, TypeError for a value that is none, and what the sender rejects with
 */
export async function executeCommand(sender: IqSender, execution: Execution): Promise<CommandResponse> {
  const { values, ...address } = execution;
  const session = await CommandSession.open(
    sender,
    address,
    values && new Map([[FORM_TYPE, [NS_MILLINER]], ...toSubmission(values)]),
  );
  const { response } = session;
  // The answer was asked for, the cancel is a courtesy: some refuse it, or answer it with something else.
  if (response.status === "executing") await session.cancel().catch(() => undefined);
  return response;
}

/**
 * Begins a command and goes on stage by stage.
 *
 * @throws StanzaError, and what the sender rejects with
 */
export function startCommand(sender: IqSender, address: CommandAddress): Promise<CommandSession> {
  return CommandSession.open(sender, address);
}

/** The form or result of an answer; undefined where it has none. A table has no fields: `tableOf` reads it. */
export function formOf({ payload }: CommandResponse): Form | undefined {
  return payload && parseForm(payload);
}

/** The table of an answer; undefined where it has none. */
export function tableOf({ payload }: CommandResponse): Table | undefined {
  return payload && parseTable(payload);
}

/** A command under way: each step sends what was filled out, and `response` is the answer to the last one. */
export class CommandSession {
  readonly #sender: IqSender;
  readonly #address: CommandAddress;
  #response: CommandResponse;

  private constructor(sender: IqSender, address: CommandAddress, response: CommandResponse) {
    this.#sender = sender;
    this.#address = address;
    this.#response = response;
  }

  /** Sends the first stanza, with a form where there are values. */
  static async open(sender: IqSender, address: CommandAddress, values?: Values): Promise<CommandSession> {
    return new CommandSession(sender, address, await send(sender, address, { action: "execute" }, values));
  }

  /** The last answer. */
  get response(): CommandResponse {
    return this.#response;
  }

  /** The form or result of the last answer; undefined where it has none. */
  get form(): Form | undefined {
    return formOf(this.#response);
  }

  /** Does what the responder takes for the usual step here. */
  execute(values?: Values): Promise<CommandResponse> {
    return this.#step("execute", values);
  }

  /** Goes on to the next stage, or adds a further part. */
  next(values?: Values): Promise<CommandResponse> {
    return this.#step("next", values);
  }

  /** Goes back to the stage before. */
  prev(values?: Values): Promise<CommandResponse> {
    return this.#step("prev", values);
  }

  /** Completes the command, or the parts of this stage. */
  complete(values?: Values): Promise<CommandResponse> {
    return this.#step("complete", values);
  }

  /** Gives the command up. */
  cancel(): Promise<CommandResponse> {
    return this.#step("cancel");
  }

  async #step(action: Action, values?: Values): Promise<CommandResponse> {
    const formType = this.form?.formType;
    const typed =
      formType === undefined ? values : values && new Map([[FORM_TYPE, [formType]], ...toSubmission(values)]);
    const { sessionid } = this.#response;
    this.#response = await send(this.#sender, this.#address, { action, sessionid }, typed);
    return this.#response;
  }
}

async function send(
  sender: IqSender,
  { to, node, lang }: CommandAddress,
  step: { readonly action: Action; readonly sessionid?: string },
  values?: Values,
): Promise<CommandResponse> {
  const language = lang === undefined ? {} : { lang };
  const request = buildCommandRequest(
    { node, ...step, ...language },
    values && buildSubmission(toSubmission(values)),
  );
  const result = await sender.request(to, "set", request);
  const command = result.getChild("command", NS_COMMANDS);
  const response = command && parseCommandResponse(command);
  if (response !== undefined) return response;
  throw new StanzaError("cancel", "undefined-condition", undefined, "not an ad-hoc command");
}

function toSubmission(values: Values): Submission {
  const given: Iterable<[string, unknown]> = values instanceof Map ? values : Object.entries(values);
  const submission = new Map<string, readonly string[]>();
  for (const [name, value] of given) if (value !== undefined) submission.set(name, textsOf(name, value));
  return submission;
}

/* Judged here, too: from JavaScript anything may come. */
function textsOf(name: string, value: unknown): readonly string[] {
  if (typeof value === "boolean") return [value ? "1" : "0"];
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (texts.every((text) => typeof text === "string")) return texts;
  throw new TypeError(`${name}: must be a text, texts or a boolean`);
}
