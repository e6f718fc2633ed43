/**
 * The requester's side of ad-hoc commands: XEP-0050, sections 2.2 and 2.4, over disco (XEP-0030).
 *
 * One execute with a filled form, or a plain one; leaves out walking through stages, which a script has no need of.
 */
import { buildCommandRequest, type CommandResponse, parseCommandResponse } from "../stanza/command.ts";
import { buildSubmission, FORM_TYPE, type Submission } from "../stanza/data-form.ts";
import { buildDiscoQuery, parseDiscoItems } from "../stanza/disco.ts";
import { NS_COMMANDS, NS_DISCO_ITEMS, NS_MILLINER } from "../stanza/namespaces.ts";
import { StanzaError } from "../stanza/stanza-error.ts";
import type { Requests } from "./requests.ts";

/** A command as disco lists it. */
export interface ListedCommand {
  readonly node: string;
  readonly name: string;
}

/** What to run, where, and with which values; undefined values mean a plain execute without a form. */
export interface Execution {
  readonly to: string;
  readonly node: string;
  readonly values?: Submission | undefined;
  readonly lang?: string | undefined;
}

/**
 * Lists the commands that a responder offers to this account.
 *
 * @throws StanzaError, and what Requests rejects with
 */
export async function listCommands(requests: Requests, to: string): Promise<ListedCommand[]> {
  const result = await requests.request(to, "get", buildDiscoQuery(NS_DISCO_ITEMS, NS_COMMANDS));
  const query = result.getChild("query", NS_DISCO_ITEMS);
  const items = query === undefined ? [] : parseDiscoItems(query);
  return items.map(({ node = "", name = node }) => ({ node, name }));
}

/**
 * Runs a command in one stanza; a command that asks for more is canceled, and its answer tells what it asked.
 *
 * @throws StanzaError, and what Requests rejects with
 */
export async function executeCommand(requests: Requests, execution: Execution): Promise<CommandResponse> {
  const { to, node, values, lang } = execution;
  const language = lang === undefined ? {} : { lang };
  const form = values && buildSubmission(new Map([[FORM_TYPE, [NS_MILLINER]], ...values]));
  const result = await requests.request(
    to,
    "set",
    buildCommandRequest({ node, action: "execute", ...language }, form),
  );
  const command = result.getChild("command", NS_COMMANDS);
  const response = command && parseCommandResponse(command);
  if (response === undefined)
    throw new StanzaError("cancel", "undefined-condition", undefined, "not an ad-hoc command");
  if (response.status === "executing") await cancel(requests, to, response);
  return response;
}

async function cancel(requests: Requests, to: string, { node, sessionid }: CommandResponse): Promise<void> {
  await requests.request(to, "set", buildCommandRequest({ node, sessionid, action: "cancel" }));
}
