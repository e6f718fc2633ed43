/**
 * The one catalogue of what can be refused, and why.
 *
 * A refusal is expected: it goes to the person who asked, as a stanza error (RFC 6120, section 8.3) or as a line above
 * the form. A fault is for the operator: it ends the program with a text that says how to mend it. Anything else that
 * is thrown is a bug of ours. The table in docs/errors.md is held against this file by a test.
 */
import {
  type Explained,
  explainInEnglish,
  type Explanation,
  type ExplanationCode,
  EXPLANATIONS,
} from "./explanations.ts";

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
  forbidden: { type: "cancel", condition: "forbidden", text: EXPLANATIONS.forbidden },
  "no-such-room": { type: "cancel", condition: "item-not-found", text: EXPLANATIONS["no-such-room"] },
  "not-affiliated": { type: "cancel", condition: "item-not-found", text: EXPLANATIONS["not-affiliated"] },
  "list-unreadable": { type: "cancel", condition: "not-allowed", text: EXPLANATIONS["list-unreadable"] },
  "bad-field": {
    type: "modify",
    condition: "bad-request",
    application: "bad-payload",
    text: EXPLANATIONS["bad-field"],
  },
  "unknown-node": { type: "cancel", condition: "item-not-found", text: EXPLANATIONS["unknown-node"] },
  "malformed-action": {
    type: "modify",
    condition: "bad-request",
    application: "malformed-action",
    text: EXPLANATIONS["malformed-action"],
  },
  "bad-action": {
    type: "modify",
    condition: "bad-request",
    application: "bad-action",
    text: EXPLANATIONS["bad-action"],
  },
  "bad-sessionid": {
    type: "modify",
    condition: "bad-request",
    application: "bad-sessionid",
    text: EXPLANATIONS["bad-sessionid"],
  },
  "session-expired": {
    type: "cancel",
    condition: "not-allowed",
    application: "session-expired",
    text: EXPLANATIONS["session-expired"],
  },
  "too-many-sessions": {
    type: "wait",
    condition: "resource-constraint",
    text: EXPLANATIONS["too-many-sessions"],
  },
  "desk-stopping": {
    type: "wait",
    condition: "resource-constraint",
    text: EXPLANATIONS["desk-stopping"],
  },
  "room-not-ready": {
    type: "wait",
    condition: "resource-constraint",
    text: EXPLANATIONS["room-not-ready"],
  },
  "store-unwritable": {
    type: "wait",
    condition: "resource-constraint",
    text: EXPLANATIONS["store-unwritable"],
  },
  "outcome-unknown": {
    type: "wait",
    condition: "resource-constraint",
    text: EXPLANATIONS["outcome-unknown"],
  },
  internal: { type: "cancel", condition: "internal-server-error", text: EXPLANATIONS.internal },
} as const satisfies Record<string, Refusal>;

export type RefusalCode = keyof typeof REFUSALS;

interface RefusalDetail {
  /** The var of the field at fault; the text then begins with it. */
  readonly field?: string;
  /** Said instead of what the catalogue says of the code. */
  readonly explanation?: Explanation;
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
  /** Why, to be said in any language; without the field. */
  readonly explanation: Explanation;
  /** Why, in English; begins with the field's var where one is at fault. */
  readonly text: string;

  constructor(code: RefusalCode, { field, explanation = { code }, cause }: RefusalDetail = {}) {
    const refusal: Refusal = REFUSALS[code];
    const text = explainInEnglish(withField(field, explanation));
    super(text, cause === undefined ? undefined : { cause });
    this.code = code;
    this.type = refusal.type;
    this.condition = refusal.condition;
    this.application = refusal.application;
    this.field = field;
    this.explanation = explanation;
    this.text = text;
  }

  /** Why, with the field that is at fault. */
  get whole(): Explanation {
    return withField(this.field, this.explanation);
  }
}

/** Refuses the value of one field; `field` is its var, `why` says how to mend it. */
export function badField(
  field: string,
  why: ExplanationCode,
  values?: Readonly<Record<string, Explained>>,
): HatsError {
  return new HatsError("bad-field", { field, explanation: values ? { code: why, values } : { code: why } });
}

/** Why anything failed that was thrown, to be said in any language; what does not say it itself is a bug of ours. */
export function explanationOf(error: unknown): Explanation {
  return isExplaining(error) ? error.explanation : { code: "internal" };
}

function isExplaining(error: unknown): error is { readonly explanation: Explanation } {
  return error instanceof Error && "explanation" in error;
}

function withField(field: string | undefined, what: Explanation): Explanation {
  return field === undefined ? what : { code: "at", values: { place: field, what } };
}

/** Every fault by its code, with the exit status of the program. */
export const FAULTS = {
  "config-invalid": { exit: 2, text: "the configuration is wrong" },
  "store-locked": { exit: 2, text: "another desk has this store open" },
  "store-damaged": { exit: 2, text: "the store is damaged" },
  "store-newer": { exit: 2, text: "the store was written by a newer version" },
  "store-unreadable": { exit: 2, text: "the store cannot be read" },
  "backup-unwritable": { exit: 2, text: "the backup cannot be written" },
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
