/** `milliner exec` and `milliner commands`: the desk's commands from a shell, as an ordinary XMPP client. */
import type { Readable } from "node:stream";
import type { CommandResponse } from "../stanza/command.ts";
import { parseJid } from "../stanza/jid.ts";
import { StanzaError } from "../stanza/stanza-error.ts";
import { type CommandAddress, formOf, listCommands } from "../xmpp/adhoc-client.ts";
import type { Submission } from "../stanza/data-form.ts";
import { type AccountOptions, withAccount } from "./account.ts";
import { refusalToJson, toJson } from "./answer.ts";
import { tellAsked } from "./asked.ts";
import { EXIT_OK, EXIT_REFUSED, EXIT_USAGE, UsageError } from "./exit.ts";
import { checkText, readFields } from "./fields.ts";
import { runCommand } from "./in-parts.ts";
import type { Output } from "./output.ts";
import { toText } from "./render.ts";
import { inOneLine, renderTable } from "./table.ts";

/* What servers answer for an account that they ask nothing: the first Prosody, the others ejabberd. */
const OF_ACCOUNTS: readonly string[] = ["service-unavailable", "item-not-found", "subscription-required"];
/* And for a full address at which nobody is. */
const OF_NOBODY: readonly string[] = ["service-unavailable", "recipient-unavailable"];

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
  checkAddress(to);
  const { lang, stdin, json } = options;
  checkText("NODE", node);
  checkText("--lang", lang ?? "");
  const values = await readFields(fields, stdin);
  const response = await ask(output, { to, node, lang }, values, options);
  const answer = toJson(response);
  if (json) output.out(JSON.stringify(answer));
  if (response.status === "executing") {
    output.err(inOneLine(tellAsked(node, answer.asked, formOf(response)?.formType)));
    return EXIT_USAGE;
  }
  if (!json) output.out(toText(answer, formOf(response)?.instructions, output.width));
  return answer.notes.some(({ type }) => type === "error") ? EXIT_REFUSED : EXIT_OK;
}

/* A refusal is an answer, too: a script gets it in the same shape, besides the reason on stderr. */
async function ask(
  output: Output,
  address: CommandAddress,
  values: Submission,
  options: ExecOptions,
): Promise<CommandResponse> {
  try {
    return await withAccount(options, (requests) => runCommand(requests, address, values));
  } catch (error) {
    if (options.json && error instanceof StanzaError) output.out(JSON.stringify(refusalToJson(error)));
    throw withHint(address.to, error);
  }
}

/** Prints the commands that `to` offers this account. */
export async function commands(
  output: Output,
  to: string,
  options: AccountOptions & Pick<ExecOptions, "json" | "lang">,
): Promise<number> {
  checkAddress(to);
  checkText("--lang", options.lang ?? "");
  const listed = await withAccount(options, (requests) => listCommands(requests, to, options.lang)).catch(
    (error: unknown) => {
      throw withHint(to, error);
    },
  );
  if (options.json) output.out(JSON.stringify(listed));
  else if (listed.length === 0) output.err(`${to} has no commands for this account`);
  else
    output.out(
      renderTable(
        ["node", "name"],
        listed.map(({ node, name }) => [node, name]),
        output.width,
      ),
    );
  return EXIT_OK;
}

/* A word in the wrong place would be asked for as a domain; a server or a component, too, may have commands. */
function checkAddress(to: string): void {
  const jid = parseJid(to);
  if (jid !== undefined && (jid.local !== "" || jid.domain.includes("."))) return;
  throw new UsageError(`TO: ${to} is not the address of a desk, such as hats@example.org/milliner`);
}

/* For a bare address, and for one at which nobody is online, the server answers by itself, and no bot hears of it. */
function withHint(to: string, error: unknown): unknown {
  const jid = parseJid(to);
  if (jid === undefined || jid.local === "" || !(error instanceof StanzaError)) return error;
  const isBare = jid.resource === "";
  if (!(isBare ? OF_ACCOUNTS : OF_NOBODY).includes(error.condition)) return error;
  const { type, condition, application, text } = error;
  const hint = isBare ? `did you mean ${to}/milliner?` : `is the bot running, and is ${to} its address?`;
  return new StanzaError(type, condition, application, text === undefined ? hint : `${text} (${hint})`);
}
