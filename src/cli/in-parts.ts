/**
 * Commands whose values or answers are longer than a stanza: sent part by part, and put together again.
 *
 * What fits goes in one stanza, and is to be refused where it holds a field that the command does not have. A field
 * that does not fit is sent in parts, at the stage whose form asks for it and offers both next and complete.
 * Confirmations are given: whoever writes a command line has said what is to be done.
 */
import { bytesOfValue, VALUE_BUDGET } from "../commands/room/stanza-budget.ts";
import { joinDocuments, splitDocument } from "../commands/documents/split-document.ts";
import type { CommandResponse } from "../stanza/command.ts";
import {
  buildForm,
  type Field,
  parseForm,
  parseTable,
  STRICT,
  type Submission,
} from "../stanza/data-form.ts";
import { StanzaError } from "../stanza/stanza-error.ts";
import {
  type CommandAddress,
  type CommandSession,
  executeCommand,
  type IqSender,
  startCommand,
} from "../xmpp/adhoc-client.ts";
import { UsageError } from "./exit.ts";

/**
 * Runs a command with values of any length, and gathers all parts of its answer.
 *
 * @throws UsageError, StanzaError with the responder's reason, and what the sender rejects with
 */
export async function runCommand(
  sender: IqSender,
  address: CommandAddress,
  values: Submission,
): Promise<CommandResponse> {
  if (values.size === 0) return readOn(await startCommand(sender, address));
  if (isLong(values)) return walk(await startCommand(sender, address), values);
  const strict = new Map([...values, [STRICT, ["1"]]]);
  const response = await executeCommand(sender, { ...address, values: strict });
  return values.has("after") ? response : askOn(sender, address, values, response);
}

function isLong(values: Submission): boolean {
  return bytesOf([...values.values()].flat()) > VALUE_BUDGET;
}

async function walk(session: CommandSession, values: Submission): Promise<CommandResponse> {
  try {
    while (session.response.status === "executing") await step(session, values);
  } catch (error) {
    if (session.response.status === "executing") await session.cancel();
    throw error;
  }
  return session.response;
}

async function step(session: CommandSession, values: Submission): Promise<void> {
  const asked = session.form?.fields ?? [];
  const filled = fill(asked, values);
  const long = asked.find((field) => bytesOf(filled.get(field.var) ?? []) > VALUE_BUDGET);
  if (long === undefined) await session.execute(filled);
  else {
    refuseUnasked(asked, values);
    await sendParts(session, filled, long.var);
  }
  const again = session.form?.fields ?? [];
  if (session.response.status === "executing" && isSameForm(asked, again)) throw refusal(session);
}

/* In one stanza the desk would refuse it. The room may have been asked before, or be clear. */
function refuseUnasked(asked: readonly Field[], values: Submission): void {
  const vars = ["room", ...asked.map((field) => field.var)];
  const unasked = [...values.keys()].find((name) => !vars.includes(name));
  if (unasked === undefined) return;
  const text = `${unasked}: no such field; there are ${vars.join(", ")}`;
  throw new StanzaError("modify", "bad-request", "bad-payload", text);
}

/* A part that was not taken comes back in its field, to be mended. */
async function sendParts(session: CommandSession, filled: Submission, name: string): Promise<void> {
  const offered = session.response.actions?.offered ?? [];
  if (!offered.includes("next") || !offered.includes("complete")) {
    throw new UsageError(`${name}: longer than a stanza carries, and the command takes it in one only`);
  }
  const parts = split(name, filled.get(name) ?? []);
  for (const [index, part] of parts.entries()) {
    const values = new Map([...filled, [name, part]]);
    if (index === parts.length - 1) {
      await session.complete(values);
      return;
    }
    await session.next(values);
    const field = session.form?.fields.find((known) => known.var === name);
    if (field === undefined || (field.values ?? []).length > 0) throw refusal(session);
  }
}

function split(name: string, lines: readonly string[]): string[][] {
  try {
    return splitDocument(lines, VALUE_BUDGET);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UsageError(`${name}: not JSON as it stands (${error.message})`);
    throw error;
  }
}

function fill(asked: readonly Field[], values: Submission): Submission {
  return new Map(
    asked
      .filter(({ type }) => type !== "fixed")
      .map((field) => [field.var, values.get(field.var) ?? field.values ?? []]),
  );
}

function isSameForm(asked: readonly Field[], again: readonly Field[]): boolean {
  return asked.map((field) => field.var).join() === again.map((field) => field.var).join();
}

/* Step by step a mistake is no error, but the same form again with the reason first. */
function refusal({ form }: CommandSession): StanzaError {
  const reason = form?.instructions ?? "the same was asked again";
  return new StanzaError("modify", "bad-request", "bad-payload", reason);
}

/* In one stanza, an answer with more to come says after which entry, and takes that as a value. */
async function askOn(
  sender: IqSender,
  address: CommandAddress,
  values: Submission,
  first: CommandResponse,
): Promise<CommandResponse> {
  const parts: Part[] = [];
  let response = first;
  for (;;) {
    const part = readPart(response);
    if (part === undefined) return response;
    parts.push(part);
    if (part.after === undefined) return together(response, parts);
    response = await executeCommand(sender, {
      ...address,
      values: new Map([...values, ["after", [part.after]]]),
    });
  }
}

/* Step by step the next part follows; what asks for something is given up. */
async function readOn(session: CommandSession): Promise<CommandResponse> {
  const parts: Part[] = [];
  for (;;) {
    const { response } = session;
    const part = readPart(response);
    if (part !== undefined) parts.push(part);
    if (response.status !== "executing") return together(response, parts);
    if (part === undefined) {
      await session.cancel();
      return response;
    }
    await session.next();
  }
}

interface Part {
  readonly document: readonly string[];
  readonly after: string | undefined;
}

function readPart({ payload }: CommandResponse): Part | undefined {
  const form = payload === undefined || parseTable(payload) !== undefined ? undefined : parseForm(payload);
  if (form?.type !== "result") return undefined;
  const values = (name: string) => form.fields.find((field) => field.var === name)?.values;
  const document = values("document");
  return document && { document, after: values("after")?.[0] };
}

function together(last: CommandResponse, parts: readonly Part[]): CommandResponse {
  if (parts.length < 2 || last.payload === undefined) return last;
  const document = joinDocuments(parts.map((part) => part.document));
  const { fields, ...form } = parseForm(last.payload);
  const whole = fields.map((field) => (field.var === "document" ? { ...field, values: document } : field));
  return { ...last, payload: buildForm({ ...form, fields: whole }) };
}

function bytesOf(values: readonly string[]): number {
  return values.reduce((sum, value) => sum + bytesOfValue(value), 0);
}
