/** `milliner exec` and `milliner commands`: the desk's commands from a shell, as an ordinary XMPP client. */
import { parseForm, type Submission } from "../stanza/data-form.ts";
import { executeCommand, listCommands } from "../xmpp/adhoc-client.ts";
import { type AccountOptions, withAccount } from "./account.ts";
import { EXIT_OK, EXIT_REFUSED, EXIT_USAGE, UsageError } from "./exit.ts";
import type { Output } from "./output.ts";
import { renderTable, toJson, toText } from "./render.ts";

export interface ExecOptions extends AccountOptions {
  readonly json: boolean;
  readonly lang: string | undefined;
}

/** Runs one command with `field=value` arguments and prints its answer; resolves with the exit status. */
export async function exec(
  output: Output,
  to: string,
  node: string,
  fields: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const values = parseFields(fields);
  const response = await withAccount(options, (requests) =>
    executeCommand(requests, {
      to,
      node,
      values: values.size === 0 ? undefined : values,
      lang: options.lang,
    }),
  );
  const form = response.payload && parseForm(response.payload);
  if (response.status === "executing") {
    const asked = (form?.fields ?? []).filter((field) => field.type !== "fixed" && field.type !== "hidden");
    output.err(`${node} asks for more: ${asked.map((field) => `${field.var}=…`).join(" ")}`);
    return EXIT_USAGE;
  }
  const answer = toJson(response);
  output.out(options.json ? JSON.stringify(answer) : toText(answer, form?.instructions));
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

/** Reads `field=value` arguments; a field that is named again gets one more value. */
export function parseFields(fields: readonly string[]): Submission {
  const values = new Map<string, string[]>();
  for (const field of fields) {
    const at = field.indexOf("=");
    if (at < 1) throw new UsageError(`${field}: must be field=value`);
    const name = field.slice(0, at);
    values.set(name, [...(values.get(name) ?? []), field.slice(at + 1)]);
  }
  return values;
}
