/**
 * The one thing to do next about a room: what stands between it and full service, the most urgent first.
 *
 * The texts are phrases, `next-` and the name of the step; docs/rooms.md has them too. `desk-status` and
 * `milliner check` say the same.
 */
import type { RoomStanding } from "./room-care.ts";

/** What is known of a room besides how it stands. */
export interface RoomFacts
  extends Pick<
    RoomStanding,
    "code" | "dialect" | "lastError" | "rights" | "state" | "unshown" | "wantsRoomHats"
  > {
  /** Whether the room could show hats and has them switched off. */
  readonly isSwitchedOff: boolean;
}

/** Every step, in the order of urgency. */
export const NEXT_STEPS = [
  "say-which-room",
  "mend-the-store",
  "create-room",
  "mend-address",
  "take-password-away",
  "make-member",
  "lift-ban",
  "choose-nick",
  "make-place",
  "open-room",
  "look-at-server",
  "ask-who-kicked",
  "look-at-reason",
  "wait",
  "make-owner",
  "switch-hats-on",
  "load-module",
  "take-hats-off",
  "look-at-error",
] as const;

export type NextStep = (typeof NEXT_STEPS)[number];

/** The step by the code of a refusal or suspension. */
export const STEP_BY_CODE: Readonly<Record<string, NextStep>> = {
  forgotten: "say-which-room",
  unarchived: "mend-the-store",
  "no-such-room": "create-room",
  created: "create-room",
  destroyed: "create-room",
  "not-a-room": "mend-address",
  "password-required": "take-password-away",
  "members-only": "make-member",
  removed: "make-member",
  banned: "lift-ban",
  "nick-taken": "choose-nick",
  "nick-refused": "choose-nick",
  full: "make-place",
  locked: "open-room",
  unreachable: "look-at-server",
  shutdown: "wait",
  lost: "wait",
  kicked: "ask-who-kicked",
  other: "look-at-reason",
};

/* For a room that the bot is in. */
const IN_SERVICE: readonly (readonly [NextStep, (room: RoomFacts) => boolean])[] = [
  ["make-owner", ({ rights }) => rights !== "owner"],
  ["switch-hats-on", ({ isSwitchedOff }) => isSwitchedOff],
  ["load-module", ({ dialect, wantsRoomHats }) => wantsRoomHats && dialect === "own-presence"],
  ["take-hats-off", ({ unshown }) => unshown.length > 0],
  ["look-at-error", ({ lastError }) => lastError !== undefined],
  ["wait", ({ dialect, wantsRoomHats }) => wantsRoomHats && dialect === undefined],
];

/** The next step; undefined where nothing is missing. */
export function nextStep(room: RoomFacts): NextStep | undefined {
  if (room.code !== undefined) return STEP_BY_CODE[room.code] ?? "look-at-reason";
  if (room.state !== "ready") return "wait";
  return IN_SERVICE.find(([, isMissing]) => isMissing(room))?.[0];
}
