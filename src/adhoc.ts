/**
 * Ad-hoc commands (XEP-0050) from a program of one's own: find them, run them in one stanza or stage by stage, cancel.
 *
 * For every responder, not only for this desk. Leaves out the connection: it is the program's.
 *
 * @example
 * ```ts
 * import { client } from "@xmpp/client";
 * import { executeCommand, iqSender } from "milliner/adhoc";
 *
 * const xmpp = client({ service: "xmpp://example.org", username: "alice", password });
 * const sender = iqSender(xmpp);
 * await xmpp.start();
 * const { notes } = await executeCommand(sender, {
 *   to: "hats@example.org/milliner",
 *   node: "add-user-hat",
 *   values: { room: "team@rooms.example.org", user: "bob@example.org", title: "Teacher" },
 * });
 * ```
 */
export type {
  CommandResponse,
  Note,
  OfferedAction,
  Severity,
  Status,
} from "./stanza/command.ts";
export type {
  Column,
  Field,
  FieldType,
  Form,
  Option,
  Submission,
  Table,
  Validation,
} from "./stanza/data-form.ts";
export { StanzaError } from "./stanza/stanza-error.ts";
export {
  type CommandAddress,
  type CommandSession,
  type Execution,
  executeCommand,
  formOf,
  type IqSender,
  listCommands,
  type ListedCommand,
  startCommand,
  tableOf,
  type Values,
} from "./xmpp/adhoc-client.ts";
export { iqSender, type IqSenderOptions, type XmppClient } from "./xmpp/iq-sender.ts";
export { RequestTimeout } from "./xmpp/requests.ts";
export { StreamDownError, UnsendableError } from "./xmpp/stream/stream.ts";
