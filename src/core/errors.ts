/**
 * The one catalogue of what can be refused, and why.
 *
 * A refusal is expected: it goes to the person who asked, as a stanza error (RFC 6120, section 8.3) or as a line above
 * the form. A fault is for the operator: it ends the program with a text that says how to mend it. Anything else that
 * is thrown is a bug of ours. The table in docs/errors.md is held against this file by a test.
 */

/** RFC 6120, section 8.3.2: what the asker may do about it. */
export type ErrorType = "auth" | "cancel" | "modify" | "wait";

/** The defined conditions of RFC 6120, section 8.3.3, that the desk uses. */
export type ErrorCondition =
  | "bad-request"
  | "forbidden"
  | "internal-server-error"
  | "item-not-found"
  | "not-allowed"
  | "resource-constraint";

/** The application conditions of XEP-0050, section 4.4. */
export type CommandCondition =
  | "bad-action"
  | "bad-payload"
  | "bad-sessionid"
  | "malformed-action"
  | "session-expired";

interface Refusal {
  readonly type: ErrorType;
  readonly condition: ErrorCondition;
  readonly application?: CommandCondition;
  readonly text: string;
}

/** Every refusal by its code. */
export const REFUSALS = {
  forbidden: { type: "cancel", condition: "forbidden", text: "you may not do that here" },
  "no-such-room": { type: "cancel", condition: "item-not-found", text: "no such room" },
  "not-affiliated": { type: "cancel", condition: "item-not-found", text: "user not affiliated with room" },
  "list-unreadable": { type: "cancel", condition: "not-allowed", text: "make me an owner of this room" },
  "bad-field": {
    type: "modify",
    condition: "bad-request",
    application: "bad-payload",
    text: "a field is missing or wrong",
  },
  "unknown-node": { type: "cancel", condition: "item-not-found", text: "no such command" },
  "malformed-action": {
    type: "modify",
    condition: "bad-request",
    application: "malformed-action",
    text: "unknown action",
  },
  "bad-action": {
    type: "modify",
    condition: "bad-request",
    application: "bad-action",
    text: "that action is not offered here",
  },
  "bad-sessionid": {
    type: "modify",
    condition: "bad-request",
    application: "bad-sessionid",
    text: "unknown session",
  },
  "session-expired": {
    type: "cancel",
    condition: "not-allowed",
    application: "session-expired",
    text: "this session has ended, start the command again",
  },
  "too-many-sessions": {
    type: "wait",
    condition: "resource-constraint",
    text: "too many open sessions, finish or cancel one first",
  },
  "room-not-ready": {
    type: "wait",
    condition: "resource-constraint",
    text: "the room cannot be reached now, nothing changed, try again shortly",
  },
  "store-unwritable": {
    type: "wait",
    condition: "resource-constraint",
    text: "the store cannot be written, nothing changed",
  },
  "outcome-unknown": {
    type: "wait",
    condition: "resource-constraint",
    text: "the store failed while writing, it is unknown whether this was saved; the desk needs a restart",
  },
  internal: { type: "cancel", condition: "internal-server-error", text: "something went wrong in the desk" },
} as const satisfies Record<string, Refusal>;

export type RefusalCode = keyof typeof REFUSALS;

interface RefusalDetail {
  /** The var of the field at fault; the text then begins with it. */
  readonly field?: string;
  /** Said instead of the catalogue's text. */
  readonly text?: string;
  readonly cause?: unknown;
}

/** A refusal of a request, with everything a stanza error needs. */
export class HatsError extends Error {
  override readonly name = "HatsError";
  readonly code: RefusalCode;
  readonly type: ErrorType;
  readonly condition: ErrorCondition;
  readonly application: CommandCondition | undefined;
  readonly field: string | undefined;
  readonly text: string;

  constructor(code: RefusalCode, detail: RefusalDetail = {}) {
    const refusal: Refusal = REFUSALS[code];
    const said = detail.text ?? refusal.text;
    const text = detail.field === undefined ? said : `${detail.field}: ${said}`;
    super(text, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.type = refusal.type;
    this.condition = refusal.condition;
    this.application = refusal.application;
    this.field = detail.field;
    this.text = text;
  }
}

/** Refuses the value of one field; `field` is its var, `text` says how to mend it. */
export function badField(field: string, text: string): HatsError {
  return new HatsError("bad-field", { field, text });
}

/** Every fault by its code, with the exit status of the program. */
export const FAULTS = {
  "config-invalid": { exit: 2, text: "the configuration is wrong" },
  "store-locked": { exit: 2, text: "another desk has this store open" },
  "store-damaged": { exit: 2, text: "the store is damaged" },
  "store-newer": { exit: 2, text: "the store was written by a newer version" },
  "store-unreadable": { exit: 2, text: "the store cannot be read" },
  "login-refused": { exit: 3, text: "the server refused the login" },
  "resource-conflict": { exit: 3, text: "somebody else is logged in with this resource" },
  "insecure-stream": { exit: 3, text: "the stream cannot be secured" },
  "no-connection": { exit: 3, text: "no connection to the server" },
} as const satisfies Record<string, { exit: number; text: string }>;

export type FaultCode = keyof typeof FAULTS;

/** Something only the operator can mend; `message` names the file, key or server and how to mend it. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly code: FaultCode;
  readonly exit: number;

  constructor(code: FaultCode, detail: string, cause?: unknown) {
    super(`${FAULTS[code].text}: ${detail}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exit = FAULTS[code].exit;
  }
}
