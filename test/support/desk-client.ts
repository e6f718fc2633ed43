/** What a person does with the desk, as their client would put it. */
import { buildCommandRequest, type CommandResponse, parseCommandResponse } from "../../src/stanza/command.ts";
import { buildSubmission, FORM_TYPE, parseTable } from "../../src/stanza/data-form.ts";
import { NS_COMMANDS, NS_MILLINER } from "../../src/stanza/namespaces.ts";
import { parseStanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import type { StanzaExchange } from "../../src/testing/stanza-exchange.ts";

/** A field's value, or its several. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** The IQ that runs a command in one stanza. */
export function buildOneShot(to: string, node: string, fields: Fields): Element {
  const values = Object.entries(fields).map(
    ([name, value]) => [name, typeof value === "string" ? [value] : value] as const,
  );
  const form = buildSubmission(new Map([[FORM_TYPE, [NS_MILLINER]], ...values]));
  return xml("iq", { type: "set", to }, buildCommandRequest({ node, action: "execute" }, form));
}

/** Runs a command in one stanza; rejects with StanzaError when it is refused. */
export async function runCommand(
  person: StanzaExchange,
  to: string,
  node: string,
  fields: Fields = {},
): Promise<CommandResponse> {
  const answer = await person.request(buildOneShot(to, node, fields));
  if (answer.attrs["type"] === "error") throw parseStanzaError(answer);
  const command = answer.getChild("command", NS_COMMANDS);
  const response = command && parseCommandResponse(command);
  if (response === undefined) throw new Error(`no command in ${String(answer)}`);
  return response;
}

/** The rows of a completed answer, by column. */
export function rowsOf({ payload }: CommandResponse): Record<string, string>[] {
  const table = payload && parseTable(payload);
  if (table === undefined) throw new Error(`no table in ${String(payload)}`);
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map((column, at) => [column.var, row[at] ?? ""])),
  );
}
