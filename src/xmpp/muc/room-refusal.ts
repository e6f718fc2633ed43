/**
 * Why the bot is not in a room, and when it tries again: XEP-0045 1.35, sections 7.2 (errors on joining), 8.2, 9.1,
 * 10.9 and 15.6 (put out of the room).
 */
import { type OccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { BackoffBounds } from "../../core/backoff.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The room may be there again any moment. */
const SOON: BackoffBounds = { firstMs: 5 * SECOND, maxMs: 5 * MINUTE };
/** Somebody decided it, so that coming back at once would be rude and useless. */
const LATER: BackoffBounds = { firstMs: MINUTE, maxMs: 60 * MINUTE };

interface RefusalKind {
  readonly text: string;
  readonly retry: BackoffBounds;
}

/** Every reason, what the operator is told, and how soon the next attempt is. */
export const ROOM_REFUSALS = {
  "no-such-room": { text: "there is no such room; the bot creates none", retry: SOON },
  "not-a-room": { text: "this address is not a room", retry: LATER },
  "password-required": {
    text: "the room asks for a password, which the bot does not give; take it away",
    retry: LATER,
  },
  "members-only": { text: "only members may enter; make the bot a member", retry: LATER },
  banned: { text: "the bot is banned from the room", retry: LATER },
  "nick-taken": { text: "somebody else has the bot's nick", retry: LATER },
  "nick-refused": { text: "the room does not take the bot's nick", retry: LATER },
  full: { text: "the room is full", retry: SOON },
  locked: { text: "the room is not open yet, or may not be entered", retry: LATER },
  unreachable: { text: "the room does not answer", retry: SOON },
  kicked: { text: "the bot was kicked out of the room", retry: LATER },
  removed: { text: "the bot lost the affiliation that let it in", retry: LATER },
  destroyed: { text: "the room was destroyed", retry: LATER },
  shutdown: { text: "the room's service is shutting down", retry: SOON },
  lost: { text: "the room put the bot out without saying why", retry: SOON },
  created: { text: "the room was new; the bot left it", retry: LATER },
  other: { text: "the room refused the bot", retry: LATER },
} as const satisfies Record<string, RefusalKind>;

export type RoomRefusalCode = keyof typeof ROOM_REFUSALS;

/** One refusal; `text` is for the operator. */
export interface RoomRefusal {
  readonly code: RoomRefusalCode;
  readonly text: string;
}

/* On joining (section 7.2) and on asking what the room is; conditions in both tables mean the same. */
const BY_CONDITION: ReadonlyMap<string, RoomRefusalCode> = new Map([
  ["not-authorized", "password-required"],
  ["registration-required", "members-only"],
  ["forbidden", "banned"],
  ["conflict", "nick-taken"],
  ["not-acceptable", "nick-refused"],
  ["jid-malformed", "nick-refused"],
  ["service-unavailable", "full"],
  ["item-not-found", "no-such-room"],
  ["gone", "destroyed"],
  ["not-allowed", "locked"],
  ["remote-server-not-found", "unreachable"],
  ["remote-server-timeout", "unreachable"],
]);

const BY_STATUS: readonly (readonly [number, RoomRefusalCode])[] = [
  [STATUS.banned, "banned"],
  [STATUS.technical, "lost"],
  [STATUS.kicked, "kicked"],
  [STATUS.affiliationRemoved, "removed"],
  [STATUS.membersOnly, "members-only"],
  [STATUS.serviceShutdown, "shutdown"],
];

/** Makes a refusal; `detail` is the room's own word on it. */
export function refusal(code: RoomRefusalCode, detail?: string): RoomRefusal {
  const { text } = ROOM_REFUSALS[code];
  return { code, text: detail === undefined ? text : `${text} (${detail})` };
}

/** What a failed question or a presence of type error means; everything but a StanzaError means no answer. */
export function refusalFromError(failure: unknown): RoomRefusal {
  if (!(failure instanceof StanzaError)) return refusal("unreachable");
  const code = BY_CONDITION.get(failure.condition) ?? (failure.type === "wait" ? "unreachable" : "other");
  return refusal(code, failure.text ?? (code === "other" ? failure.condition : undefined));
}

/** What the bot's own presence of type unavailable means. */
export function refusalFromDeparture({ destroyed, statuses }: OccupantPresence): RoomRefusal {
  if (destroyed !== undefined) {
    const { alternate, reason } = destroyed;
    const parts = [reason, alternate !== undefined && `the room asks to go to ${alternate}`];
    return refusal("destroyed", parts.filter(Boolean).join("; ") || undefined);
  }
  return refusal(BY_STATUS.find(([status]) => statuses.has(status))?.[1] ?? "lost");
}
