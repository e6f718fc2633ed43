/**
 * `desk-status`: how the desk stands in each room, and the one thing to do next; for a room's owners it can switch on the
 * hats of a room that has them switched off.
 *
 * The room is never asked for: without it the answer tells of all rooms of whoever asks. Rooms that want something come
 * first, so that they are seen however many there are.
 */
import { HatsError } from "../core/errors.ts";
import type { RoomJid } from "../core/jid.ts";
import { asLine, inBrief } from "../core/text.ts";
import { isAtLeast } from "../desk/access.ts";
import { readFlag, readList } from "./answers.ts";
import {
  type Answers,
  type Asker,
  type Command,
  NOTHING_TO_ASK,
  type Question,
  type Skip,
  type TableOutcome,
} from "./command.ts";
import { columnOf } from "./room/hat-table.ts";
import { type NextStep, nextStep } from "./room/next-step.ts";
import { enterRoom, isOfferedSomewhere, openRooms } from "./room/room-access.ts";
import type { Scene, Services } from "./room/scene.ts";
import type { RoomStanding } from "./room/room-care.ts";
import { ROW_BUDGET, takeWithin } from "./room/stanza-budget.ts";

const NODE = "desk-status";
const COLUMNS = [
  "room",
  "dialect",
  "rights",
  "wearers",
  "pending",
  "drift",
  "unshown",
  "last-error",
  "to-do",
] as const;

/* How many rooms are asked for their switch: each costs a question to the room. */
const MOST_SWITCHES = 50;

/* How many hats that cannot be shown are named. */
const MOST_UNSHOWN = 20;

/* The most that a cell says, in characters. */
const MOST_IN_CELL = 1_000;

/** One room as the answer tells of it. */
interface Report {
  readonly room: RoomJid;
  readonly standing: RoomStanding;
  readonly wearers: number;
  readonly step: NextStep | undefined;
}

/** Makes the command. */
export function deskStatusCommand(services: Services): Command {
  return {
    node: NODE,
    stages: [{ name: "hats", ask: (asker, answers) => askSwitch(services, asker, answers) }],
    isOffered: (requester) => isOfferedSomewhere(services, requester, NODE),
    judge: (asker, answers) => scenesOf(services, asker, answers),
    run: (asker, answers) => report(services, asker, answers),
  };
}

async function askSwitch(services: Services, asker: Asker, answers: Answers): Promise<Question | Skip> {
  const scenes = await scenesOf(services, asker, answers);
  const off = await switchedOff(services, scenes.filter(maySwitch));
  if (off.size === 0) return NOTHING_TO_ASK;
  return {
    ask: new Map([["enable-hats", {}]]),
    summary: asker.phrases.say("hats-are-off", { rooms: [...off].join(", ") }),
  };
}

async function report(services: Services, asker: Asker, answers: Answers): Promise<TableOutcome> {
  const scenes = await scenesOf(services, asker, answers);
  const isWanted = readFlag(answers, "enable-hats", false);
  const isNamed = readList(answers, "room").length > 0;
  if (isWanted && isNamed && !scenes.every(maySwitch)) throw new HatsError("forbidden");
  const off = await switchedOff(services, scenes);
  const on = new Set<RoomJid>();
  if (isWanted) {
    for (const scene of scenes) if (maySwitch(scene) && off.delete(scene.room)) on.add(scene.room);
    await Promise.all(Array.from(on, (room) => services.care.switchHatsOn(room)));
  }
  const reports = scenes.flatMap(({ room }) => reportOf(services, room, off, on));
  return tableOf(asker, reports.toSorted(byNeed));
}

/* The room that is named or implied, or all in which the requester may ask. */
async function scenesOf(services: Services, asker: Asker, answers: Answers): Promise<Scene[]> {
  const isImplied = asker.requester.kind === "occupant" || readList(answers, "room").length > 0;
  if (isImplied) return [await enterRoom(services, asker, NODE, answers)];
  const rooms = await openRooms(services, asker.requester, NODE);
  return Promise.all(
    rooms.map(
      async (room) => await enterRoom(services, asker, NODE, new Map([...answers, ["room", [room]]])),
    ),
  );
}

/* The room's own admins may give hats, but how the room works is for its owners. */
function maySwitch({ standing }: Scene): boolean {
  return isAtLeast(standing, "owner");
}

async function switchedOff({ care }: Services, scenes: readonly Scene[]): Promise<Set<RoomJid>> {
  const candidates = scenes.flatMap(({ room }) => (mayHaveSwitch(care.standing(room)) ? [room] : []));
  const asked = candidates.slice(0, MOST_SWITCHES);
  const switches = await Promise.all(asked.map((room) => care.readHatSwitch(room)));
  return new Set(asked.filter((_, index) => switches[index] === false));
}

/* Where the room's commands for hats are there, they are switched on. */
function mayHaveSwitch(standing: RoomStanding | undefined): boolean {
  if (standing?.state !== "ready" || standing.rights !== "owner" || !standing.wantsRoomHats) return false;
  return standing.dialect === undefined || standing.dialect === "own-presence";
}

/* A room that was switched `on` is asked for its commands only now: what was known of it is over. */
function reportOf(
  { care, desk }: Services,
  room: RoomJid,
  off: ReadonlySet<RoomJid>,
  on: ReadonlySet<RoomJid>,
): Report[] {
  const known = care.standing(room);
  if (known === undefined) return [];
  const isOutdated = on.has(room) && known.dialect === "own-presence";
  const standing = isOutdated ? { ...known, dialect: undefined } : known;
  const step = nextStep({ ...standing, isSwitchedOff: off.has(room) });
  return [{ room, standing, wearers: desk.durableRoom(room).users.size, step }];
}

function byNeed(a: Report, b: Report): number {
  const need = Number(a.step === undefined) - Number(b.step === undefined);
  return need || (a.room < b.room ? -1 : 1);
}

function tableOf({ phrases }: Asker, reports: readonly Report[]): TableOutcome {
  const rows = reports.map((report) => rowOf(report, phrases));
  const shown = takeWithin(rows, ROW_BUDGET, (row) => [...row, row[0] ?? "", row.at(-1) ?? ""]);
  return {
    kind: "table",
    title: phrases.say(shown.length < rows.length ? "status-part" : "status", {
      count: rows.length,
      shown: shown.length,
    }),
    columns: COLUMNS.map((name) => columnOf(name, phrases)),
    rows: shown,
    lines: shown.map((row) => lineOf(row, phrases)),
  };
}

function rowOf({ room, standing, wearers, step }: Report, phrases: Asker["phrases"]): readonly string[] {
  const { dialect, rights, pending, drift, unshown, reason, lastError } = standing;
  const why = reason ?? lastError;
  return [
    room,
    dialect ?? "",
    rights === undefined ? "" : phrases.say(`affiliation-${rights}`),
    String(wearers),
    String(pending),
    String(drift),
    cellOf(unshown.slice(0, MOST_UNSHOWN).join(", ")),
    why === undefined ? "" : cellOf(phrases.explain(why)),
    phrases.say(step === undefined ? "next-nothing" : `next-${step}`),
  ];
}

/* A room may give any text as its reason: it neither breaks the row nor takes the place of the rooms that follow. */
function cellOf(text: string): string {
  return inBrief(asLine(text), MOST_IN_CELL);
}

function lineOf(row: readonly string[], phrases: Asker["phrases"]): string {
  const cells = Object.fromEntries(COLUMNS.map((name, index) => [name.replace("-", ""), row[index] || "–"]));
  return phrases.say("status-line", cells);
}
