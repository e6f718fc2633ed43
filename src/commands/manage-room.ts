/**
 * `manage-room`: keeps a room at run time, says how the bot goes by there, and what becomes of the hats of an earlier
 * room of that address.
 *
 * A room of the configuration stays as it stands there; only the question of an earlier room is answered here for it.
 * Where it is in doubt whether the room is the one that the desk knows, to restore what the desk has says that it is,
 * and to keep it in the archive or to drop it says that it is not. A decision is about what was shown with the question:
 * where that is something else by now, it is asked anew.
 */
import { dropArchive, restoreArchive } from "../core/archive.ts";
import type { Change } from "../core/change.ts";
import { badField, type HatsError } from "../core/errors.ts";
import type { RoomJid } from "../core/jid.ts";
import type { Archive, ManagedRoom, View } from "../core/model.ts";
import { isLine } from "../core/text.ts";
import type { Receipt } from "../desk/desk.ts";
import { domainOf, parseJid, parseRoomJid } from "../stanza/jid.ts";
import { readFlag, readRequired, readValue } from "./answers.ts";
import {
  type Answers,
  type Asker,
  type Command,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
} from "./command.ts";
import { authorOf } from "./room/author.ts";
import { operatorCommand } from "./room/operator-command.ts";
import type { Services } from "./room/scene.ts";
import type { Phrases } from "./texts/phrases.ts";

const NODE = "manage-room";
const FATES = ["keep", "restore", "drop"] as const;

/* What was shown with the question of `archive`, among the answers; no field, so that it is the desk's own word. */
const SHOWN = "shown-archive";

/** What becomes of what an earlier room had. */
type Fate = (typeof FATES)[number];

/* What was asked for, as far as it was. */
interface Wish {
  readonly room: RoomJid;
  /** Null where the usual nick is asked for. */
  readonly nick: string | null | undefined;
  readonly announce: boolean | undefined;
  readonly fate: Fate | undefined;
  /** What the fate is of: see `matterOf`. */
  readonly matter: string;
}

/** Makes the command. */
export function manageRoomCommand(services: Services): Command {
  return operatorCommand(services, {
    node: NODE,
    stages: [
      { name: "room", ask: async () => ({ ask: new Map([["room", {}]]) }) },
      { name: "keeping", ask: async (asker, answers) => ask(services, asker, answers) },
    ],
    run: (asker, answers) => manage(services, asker, answers),
  });
}

function ask(services: Services, { phrases }: Asker, answers: Answers): Question | Skip {
  const { desk, care } = services;
  const room = readRoom(services, answers);
  const managed = desk.managedRooms().get(room);
  const isConfigured = care.configuredNick(room) !== undefined;
  const hasFate = latestArchive(desk.view(), room) !== undefined || care.isDoubted(room);
  if (isConfigured && !hasFate) return NOTHING_TO_ASK;
  const options = FATES.map((value) => ({ label: phrases.say(`archive-${value}`), value }));
  const summary = summaryOf(services, phrases, room);
  const matter = matterOf(services, phrases, room);
  const isAnother = answers.has(SHOWN) && readValue(answers, SHOWN) !== matter;
  return {
    ...(summary === undefined ? {} : { summary }),
    known: new Map([[SHOWN, [matter]], ...(isAnother ? ([["archive", []]] as const) : [])]),
    ask: new Map([
      ...(isConfigured
        ? []
        : ([
            ["nick", { values: [managed?.nick ?? care.usualNick] }],
            ["announce", { values: [managed?.announce === true ? "1" : "0"] }],
          ] as const)),
      ...(hasFate ? ([["archive", { options, values: ["keep"] }]] as const) : []),
    ]),
  };
}

/* What the decision is about: of a room in doubt what the desk has of it, since that is archived before anything older. */
function summaryOf({ desk, care }: Services, phrases: Phrases, room: RoomJid): string | undefined {
  const { hats, users } = desk.durableRoom(room);
  if (care.isDoubted(room) && hats.size + users.size > 0) {
    return phrases.say("archive-doubt", { hats: hats.size, users: users.size });
  }
  const latest = latestArchive(desk.view(), room);
  return latest === undefined ? undefined : phrases.say("archive-of", countsOf(...latest));
}

/* The same as long as it is the same decision, of the same things. */
function matterOf(services: Services, phrases: Phrases, room: RoomJid): string {
  const doubt = services.care.isDoubted(room) ? "in doubt" : "";
  return `${doubt}: ${summaryOf(services, phrases, room) ?? ""}`;
}

async function manage(services: Services, asker: Asker, answers: Answers): Promise<Outcome> {
  const wish = readWish(services, asker, answers);
  const kept = await keep(services, asker, wish);
  const decided = await decideFate(services, asker, wish);
  const lines = [...kept, ...decided];
  const unchanged = asker.phrases.say("room-unchanged", { room: wish.room });
  return { kind: "text", severity: "info", lines: lines.length === 0 ? [unchanged] : lines };
}

function readWish(services: Services, { phrases, isOneShot }: Asker, answers: Answers): Wish {
  const { care, desk } = services;
  const room = readRoom(services, answers);
  const nick = answers.has("nick") ? readNick(room, answers) : undefined;
  const announce = answers.has("announce") ? readFlag(answers, "announce", false) : undefined;
  const configured = care.configuredNick(room);
  if (configured !== undefined && nick && nick !== configured) throw badField("nick", "configured-nick");
  if (configured !== undefined && announce === true) throw badField("announce", "configured-announce");
  const fate = readFate(answers);
  const hasFate = care.isDoubted(room) || latestArchive(desk.view(), room) !== undefined;
  if (fate !== undefined && fate !== "keep" && !hasFate) throw badField("archive", "no-archive");
  const matter = matterOf(services, phrases, room);
  if (fate !== undefined && !isOneShot && readValue(answers, SHOWN) !== matter) throw anotherMatter();
  return { room, nick, announce, fate, matter };
}

function anotherMatter(): HatsError {
  return badField("archive", "not-what-was-shown");
}

/* Whoever has an address at a service of rooms counts as an occupant of one: the admins would shut themselves out. */
function readRoom({ admins }: Services, answers: Answers): RoomJid {
  const room = parseRoomJid(readRequired(answers, "room"));
  const domain = domainOf(room);
  if ([...admins].some((admin) => domainOf(admin) === domain)) throw badField("room", "not-a-room-jid");
  return room;
}

function readNick(room: RoomJid, answers: Answers): string | null {
  const nick = readValue(answers, "nick");
  if (nick === undefined) return null;
  if (!isLine(nick) || parseJid(`${room}/${nick}`)?.resource !== nick) throw badField("nick", "not-a-nick");
  return nick;
}

function readFate(answers: Answers): Fate | undefined {
  const value = readValue(answers, "archive");
  if (value === undefined) return undefined;
  const fate = FATES.find((known) => known === value);
  if (fate === undefined) throw badField("archive", "not-one-of", { values: FATES.join(", ") });
  return fate;
}

/* The room is entered once it is durable that it is kept. */
async function keep(services: Services, asker: Asker, wish: Wish): Promise<string[]> {
  const { desk, care, rooms } = services;
  const { room } = wish;
  if (care.configuredNick(room) !== undefined) return [];
  const wasKept = rooms.isKept(room);
  const receipt = await desk.transact({ room, users: [], author: authorOf(asker), command: NODE }, (view) =>
    keptChanges(view, wish),
  );
  const nick = desk.managedRooms().get(room)?.nick ?? care.usualNick;
  care.keep(room, nick);
  if (!wasKept) return [asker.phrases.say("room-added", { room, nick })];
  return receipt.changes.length === 0 ? [] : [asker.phrases.say("room-changed", { room, nick })];
}

function keptChanges(view: View, { room, nick, announce }: Wish): readonly Change[] {
  const before = view.managed(room);
  const ownNick = nick === undefined ? before?.nick : nick;
  const announces = announce ?? before?.announce ?? false;
  const after: ManagedRoom = {
    ...(ownNick ? { nick: ownNick } : {}),
    ...(announces ? { announce: true } : {}),
  };
  const isSame = before !== undefined && before.nick === after.nick && before.announce === after.announce;
  return isSame ? [] : [{ kind: "managed", room, before, after }];
}

async function decideFate(services: Services, asker: Asker, wish: Wish): Promise<string[]> {
  const { desk, care } = services;
  const { phrases } = asker;
  const { room, fate } = wish;
  if (fate !== undefined && wish.matter !== matterOf(services, phrases, room)) throw anotherMatter();
  const isDoubted = care.isDoubted(room);
  /* Whoever only wants another nick has not said which room it is. */
  if (isDoubted && fate === undefined) return [];
  if (isDoubted) await care.settleDoubt(room, fate === "restore");
  const latest = latestArchive(desk.view(), room);
  if (isDoubted && fate === "restore") return [phrases.say("room-settled-same", { room })];
  const settled = isDoubted ? [phrases.say("room-settled-other", { room })] : [];
  if (latest === undefined) return settled;
  const [at, archive] = latest;
  if (fate === undefined || fate === "keep")
    return [...settled, phrases.say("archive-kept", countsOf(at, archive))];
  const receipt = await desk.transact({ room, users: [], author: authorOf(asker), command: NODE }, (view) =>
    fate === "restore" ? restoreArchive(view, room, at, desk.limits) : dropArchive(view, room, at),
  );
  const counts = fate === "drop" ? countsOf(at, archive) : restoredCounts(at, receipt);
  return [...settled, phrases.say(`archive-${fate === "drop" ? "dropped" : "restored"}`, counts)];
}

/* Of several, the one that was put aside last; the others follow, one a command. */
function latestArchive(view: View, room: RoomJid): readonly [at: string, archive: Archive] | undefined {
  return [...view.archives(room)].at(-1);
}

function countsOf(at: string, { hats, users }: Archive): Record<string, number | string> {
  return { at, hats: hats.size, users: users.size };
}

function restoredCounts(at: string, { changes }: Receipt): Record<string, number | string> {
  const count = (kind: Change["kind"]): number => changes.filter((change) => change.kind === kind).length;
  return { at, hats: count("hat"), users: count("user") };
}
