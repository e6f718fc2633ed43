/**
 * Why the bot is not in a room, and when it tries again: XEP-0045 1.35, sections 7.2 (errors on joining), 8.2, 9.1,
 * 10.9 and 15.6 (put out of the room).
 */
import { type OccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { BackoffBounds } from "../../core/backoff.ts";
import type { Explanation } from "../../core/explanations.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The room may be there again any moment. */
const SOON: BackoffBounds = { firstMs: 5 * SECOND, maxMs: 5 * MINUTE };
/** Somebody decided it, so that coming back at once would be rude and useless. */
const LATER: BackoffBounds = { firstMs: MINUTE, maxMs: 60 * MINUTE };

/** Every reason, and how soon the next attempt is; its words are the explanation `refused-` and the code. */
export const ROOM_REFUSALS = {
  "no-such-room": SOON,
  "not-a-room": LATER,
  "password-required": LATER,
  "members-only": LATER,
  banned: LATER,
  "nick-taken": LATER,
  "nick-refused": LATER,
  full: SOON,
  locked: LATER,
  unreachable: SOON,
  kicked: LATER,
  removed: LATER,
  destroyed: LATER,
  shutdown: SOON,
  lost: SOON,
  created: LATER,
  other: LATER,
} as const satisfies Record<string, BackoffBounds>;

export type RoomRefusalCode = keyof typeof ROOM_REFUSALS;

/** One refusal; `why` is for the operator. */
export interface RoomRefusal {
  readonly code: RoomRefusalCode;
  readonly why: Explanation;
}

type Meanings = ReadonlyMap<string, RoomRefusalCode>;

/* On asking what the room is. Other refusals are some server's, to which addresses it lets nobody: no room speaks by them. */
const ON_ASKING: Meanings = new Map([
  ["item-not-found", "no-such-room"],
  ["gone", "destroyed"],
  ["service-unavailable", "unreachable"],
  ["remote-server-not-found", "unreachable"],
  ["remote-server-timeout", "unreachable"],
]);

/* On joining (section 7.2). */
const ON_JOINING: Meanings = new Map([
  ...ON_ASKING,
  ["not-authorized", "password-required"],
  ["registration-required", "members-only"],
  ["forbidden", "banned"],
  ["conflict", "nick-taken"],
  ["not-acceptable", "nick-refused"],
  ["jid-malformed", "nick-refused"],
  ["service-unavailable", "full"],
  ["not-allowed", "locked"],
]);

/* By these a room answers the presence of somebody whom it does not know to be in. */
const NOT_IN: ReadonlySet<string> = new Set(["item-not-found", "not-acceptable", "gone", "not-allowed"]);

const BY_STATUS: readonly (readonly [number, RoomRefusalCode])[] = [
  [STATUS.banned, "banned"],
  [STATUS.technical, "lost"],
  [STATUS.kicked, "kicked"],
  [STATUS.affiliationRemoved, "removed"],
  [STATUS.membersOnly, "members-only"],
  [STATUS.serviceShutdown, "shutdown"],
];

/** Makes a refusal; `details` say more of it. */
export function refusal(code: RoomRefusalCode, ...details: readonly Explanation[]): RoomRefusal {
  const what: Explanation = { code: `refused-${code}` };
  return {
    code,
    why: details.length === 0 ? what : { code: "with-detail", values: { what, detail: details } },
  };
}

/** The room's own words on it, as it wrote them. */
export function wordsOf(text: string | undefined): readonly Explanation[] {
  return text ? [{ code: "quoted", values: { words: text } }] : [];
}

/** What it means that the question what the room is failed; everything but a StanzaError means no answer. */
export function refusalFromQuestion(failure: unknown): RoomRefusal {
  return failure instanceof StanzaError ? refusalFrom(failure, ON_ASKING) : refusal("unreachable");
}

/** What it means that the presence that enters is answered by an error. */
export function refusalFromEntrance(error: StanzaError): RoomRefusal {
  return refusalFrom(error, ON_JOINING);
}

function refusalFrom(failure: StanzaError, meanings: Meanings): RoomRefusal {
  const code = meanings.get(failure.condition) ?? (failure.type === "wait" ? "unreachable" : "other");
  return code === "other" ? refusal(code, failure.explanation) : refusal(code, ...wordsOf(failure.text));
}

/** What it means that the room answers a presence of the bot, which was in, by an error; undefined where it still is. */
export function refusalFromBounce({ condition, text }: StanzaError): RoomRefusal | undefined {
  return NOT_IN.has(condition) ? refusal("lost", ...wordsOf(text)) : undefined;
}

/** What the bot's own presence of type unavailable means. */
export function refusalFromDeparture({ destroyed, statuses }: OccupantPresence): RoomRefusal {
  if (destroyed !== undefined) {
    const { alternate, reason } = destroyed;
    const elsewhere: Explanation[] = alternate ? [{ code: "go-elsewhere", values: { room: alternate } }] : [];
    return refusal("destroyed", ...wordsOf(reason), ...elsewhere);
  }
  return refusal(BY_STATUS.find(([status]) => statuses.has(status))?.[1] ?? "lost");
}
