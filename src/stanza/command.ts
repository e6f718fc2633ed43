/**
 * `<command/>`: XEP-0050 1.3.0, both directions.
 *
 * Leaves out payloads other than data forms (XEP-0066 URLs), and what the actions of a session mean: that is the
 * engine's business.
 */
import { badField } from "../core/errors.ts";
import { parseSubmission, type Submission } from "./data-form.ts";
import { NS_COMMANDS, NS_DATA_FORM } from "./namespaces.ts";
import { attribute, type Element, elements, xml } from "./xml.ts";

/** Section 3.4: what a requester may want done. */
export type Action = "cancel" | "complete" | "execute" | "next" | "prev";

/** The actions that `<actions/>` can offer; cancel always is, and execute stands for one of these. */
export type OfferedAction = "complete" | "next" | "prev";

export type Status = "canceled" | "completed" | "executing";

export type Severity = "error" | "info" | "warn";

/** A line for people beside or instead of a form. */
export interface Note {
  readonly severity: Severity;
  readonly text: string;
}

/** What a requester sent. */
export interface CommandRequest {
  readonly node: string;
  readonly sessionid: string | undefined;
  /** As it stands; `execute` where there is none. It may be anything. */
  readonly action: string;
  /** The values of the form, where there was one. */
  readonly submission: Submission | undefined;
  /** The language asked for, empty where none is. */
  readonly lang: string;
}

/** What a responder answers. */
export interface CommandResponse {
  readonly node: string;
  readonly sessionid: string;
  readonly status: Status;
  readonly lang: string;
  /** Which actions are offered, and which of them execute stands for. */
  readonly actions?: { readonly execute: OfferedAction; readonly offered: readonly OfferedAction[] };
  /** The form or table, built. */
  readonly payload?: Element;
  readonly notes: readonly Note[];
  /** The var of the field that a form is shown again for, empty where it is none; said in the form, and not sent. */
  readonly mistaken?: string;
}

const OFFERED: readonly OfferedAction[] = ["prev", "next", "complete"];
const ACTIONS: readonly string[] = [...OFFERED, "execute", "cancel"];

/** Whether an action is one that XEP-0050 knows. */
export function isAction(action: string): action is Action {
  return ACTIONS.includes(action);
}

/** The `<command/>` of an IQ, if it is one. */
export function findCommand(iq: Element): Element | undefined {
  return iq.getChild("command", NS_COMMANDS);
}

/**
 * Reads a request from its IQ; a form of type cancel is read as submitted (section 3.5).
 *
 * @throws HatsError bad-field for a form that cannot be read
 */
export function parseCommandRequest(iq: Element, command: Element): CommandRequest {
  const forms = command.getChildren("x", NS_DATA_FORM);
  if (forms.length > 1) throw badField("form", "several-forms");
  return {
    node: attribute(command, "node") ?? "",
    sessionid: attribute(command, "sessionid"),
    action: attribute(command, "action") ?? "execute",
    submission: forms[0] && parseSubmission(forms[0]),
    lang: attribute(command, "xml:lang") ?? attribute(iq, "xml:lang") ?? "",
  };
}

/** Builds a request as a client sends it; `x` is a built form, usually a submission. */
export function buildCommandRequest(
  request: {
    readonly node: string;
    readonly sessionid?: string;
    readonly action?: Action;
    readonly lang?: string;
  },
  x?: Element,
): Element {
  const { node, sessionid, action, lang } = request;
  return xml("command", { xmlns: NS_COMMANDS, node, sessionid, action, "xml:lang": lang }, x);
}

/** Builds the answer; the payload comes before the notes, since some clients show only the first of them. */
export function buildCommandResponse(response: CommandResponse): Element {
  const { node, sessionid, status, lang, actions, payload, notes } = response;
  return xml(
    "command",
    { xmlns: NS_COMMANDS, node, sessionid, status, "xml:lang": lang },
    actions &&
      xml(
        "actions",
        { execute: actions.execute },
        actions.offered.map((action) => xml(action)),
      ),
    payload,
    notes.map((note) => xml("note", { type: note.severity }, note.text)),
  );
}

/** Reads an answer as a client sees it; undefined where the `<command/>` has no status that XEP-0050 knows. */
export function parseCommandResponse(command: Element): CommandResponse | undefined {
  const status = attribute(command, "status");
  if (status !== "canceled" && status !== "completed" && status !== "executing") return undefined;
  const actions = command.getChild("actions");
  const payload = command.getChild("x", NS_DATA_FORM);
  return {
    node: attribute(command, "node") ?? "",
    sessionid: attribute(command, "sessionid") ?? "",
    status,
    lang: attribute(command, "xml:lang") ?? "",
    ...(actions === undefined ? {} : { actions: parseActions(actions) }),
    ...(payload === undefined ? {} : { payload }),
    notes: command.getChildren("note").map(parseNote),
  };
}

function parseActions(actions: Element): { execute: OfferedAction; offered: OfferedAction[] } {
  const names = elements(actions).map((child) => child.name);
  const usual = attribute(actions, "execute");
  const execute = OFFERED.find((action) => action === usual) ?? "next";
  return { execute, offered: OFFERED.filter((action) => names.includes(action)) };
}

function parseNote(note: Element): Note {
  const type = attribute(note, "type");
  return { severity: type === "error" || type === "warn" ? type : "info", text: note.getText() };
}
