/** `milliner exec` and `milliner commands`: the desk's commands from a shell, as an ordinary XMPP client. */
import type { Readable } from "node:stream";
import { parseForm } from "../stanza/data-form.ts";
import { listCommands } from "../xmpp/adhoc-client.ts";
import { type AccountOptions, withAccount } from "./account.ts";
import { EXIT_OK, EXIT_REFUSED, EXIT_USAGE } from "./exit.ts";
import { readFields } from "./fields.ts";
import { runCommand } from "./in-parts.ts";
import type { Output } from "./output.ts";
import { renderTable, toJson, toText } from "./render.ts";

export interface ExecOptions extends AccountOptions {
  readonly json: boolean;
  readonly lang: string | undefined;
  /** What is piped in. */
  readonly stdin: Readable;
}

/** Runs one command with `field=value` arguments and prints its answer; resolves with the exit status. */
export async function exec(
  output: Output,
  to: string,
  node: string,
  fields: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { lang, stdin, json } = options;
  const values = await readFields(fields, stdin);
  const response = await withAccount(options, (requests) => runCommand(requests, { to, node, lang }, values));
  const form = response.payload && parseForm(response.payload);
  if (response.status === "executing") {
    const asked = (form?.fields ?? []).filter((field) => field.type !== "fixed" && field.type !== "hidden");
    output.err(`${node} asks for more: ${asked.map((field) => `${field.var}=…`).join(" ")}`);
    return EXIT_USAGE;
  }
  const answer = toJson(response);
  output.out(json ? JSON.stringify(answer) : toText(answer, form?.instructions));
  return answer.notes.some(({ type }) => type === "error") ? EXIT_REFUSED : EXIT_OK;
}

/** Prints the commands that `to` offers this account. */
export async function commands(
  output: Output,
  to: string,
  options: AccountOptions & { readonly json: boolean },
): Promise<number> {
  const listed = await withAccount(options, (requests) => listCommands(requests, to));
  if (options.json) output.out(JSON.stringify(listed));
  else
    output.out(
      renderTable(
        ["node", "name"],
        listed.map(({ node, name }) => [node, name]),
      ),
    );
  return EXIT_OK;
}
