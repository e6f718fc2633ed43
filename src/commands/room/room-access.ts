/**
 * Into which rooms somebody's command reaches, and what they are told where it does not.
 *
 * The rules are desk/access.ts; what somebody is where, standings.ts finds. Whoever is nothing in a room gets the same
 * answer whether or not it is kept, so nothing said here may depend on a room that the requester has no part in.
 */
import { badField, HatsError } from "../../core/errors.ts";
import type { RoomJid } from "../../core/jid.ts";
import { isAtLeast, isOperator, judge, mayRun, type Requester, type Standing } from "../../desk/access.ts";
import { parseRoomJid } from "../../stanza/jid.ts";
import { onceKnown } from "../../core/once-known.ts";
import { readRequired, readValue } from "../answers.ts";
import type { Answers, Asker } from "../command.ts";
import type { Scene, Services } from "./scene.ts";
import {
  isStranger,
  standingNow,
  standingOf,
  standingOver,
  type Standings,
  standingsOf,
  standingThrough,
} from "./standings.ts";

/** Whether the requester may run a command anywhere, as far as is known without asking any room. */
export function isOfferedSomewhere(services: Services, requester: Requester, node: string): boolean {
  return services.rooms.rooms().some((room) => isKnownToRun(services, requester, node, room));
}

/**
 * The rooms in which the requester may run a command; the rooms are asked before that is none.
 *
 * @throws HatsError forbidden, room-not-ready
 */
export async function openRooms(services: Services, requester: Requester, node: string): Promise<RoomJid[]> {
  const known = services.rooms.rooms().filter((room) => isKnownToRun(services, requester, node, room));
  if (known.length > 0) return known;
  const standings = await standingsOf(services, requester);
  const open = [...standings].filter(([, standing]) => standing !== undefined && mayRun(node, standing));
  if (open.length === 0) throw refusal(services, requester, node, standings);
  return open.map(([room]) => room);
}

function isKnownToRun(services: Services, requester: Requester, node: string, room: RoomJid): boolean {
  const known = requester.kind === "account" && services.rooms.lastKnownAffiliation(room, requester.jid);
  return mayRun(node, standingOver(services, requester, room, known || "none"));
}

/**
 * Judges a request and finds its room: the one it came through, or the one that the answers name.
 *
 * @throws HatsError forbidden, no-such-room, room-not-ready; bad-field only for whoever has rights in some room
 */
export function enterRoom(
  services: Services,
  asker: Asker,
  node: string,
  answers: Answers,
): Promise<Scene> | Scene {
  const { requester } = asker;
  if (requester.kind === "occupant") {
    return onceKnown(standingThrough(services, requester), (standing) =>
      enterOwnRoom(services, asker, { room: requester.room, standing }, node, answers),
    );
  }
  let room: RoomJid;
  try {
    room = parseRoomJid(readRequired(answers, "room"));
  } catch (mistake) {
    return refuseUnnamed(services, requester, node, mistake);
  }
  /* Asked at the same time, kept or not: else the time that an answer takes would tell strangers which it is. */
  const everywhere = isStranger(services, requester, room) ? standingsOf(services, requester) : undefined;
  everywhere?.catch(() => undefined);
  const isKept = services.rooms.isKept(room);
  const here = isKept ? standingOf(services, requester, room) : undefined;
  return onceKnown(here, (standing) =>
    standing !== undefined && mayRun(node, standing)
      ? { asker, room, standing }
      : refuseEntry(services, requester, node, { isKept, standing, everywhere }),
  );
}

/* What is known of somebody who may not go in; their standings everywhere where those were asked for already. */
interface Outsider {
  readonly isKept: boolean;
  readonly standing: Standing | undefined;
  readonly everywhere: Promise<Standings> | undefined;
}

async function refuseEntry(
  services: Services,
  requester: Requester,
  node: string,
  { isKept, standing, everywhere }: Outsider,
): Promise<never> {
  if (standing !== undefined && isAtLeast(standing, "member")) throw new HatsError("forbidden");
  const standings = await (everywhere ?? standingsOf(services, requester));
  /* It may have become ready since: that makes nobody a stranger there. */
  if (isKept && standing === undefined) throw new HatsError("room-not-ready");
  throw refusal(services, requester, node, standings);
}

/** Refuses at the moment of decision what is granted no more. Throws HatsError forbidden, room-not-ready. */
export function assertStillGranted(services: Services, scene: Scene, node: string): void {
  if (!mayRun(node, standingNow(services, scene))) throw new HatsError("forbidden");
}

/* Whoever may run the command nowhere hears that first, and nothing about what they wrote. */
async function refuseUnnamed(
  services: Services,
  requester: Requester,
  node: string,
  mistake: unknown,
): Promise<never> {
  await openRooms(services, requester, node);
  throw mistake;
}

function enterOwnRoom(
  services: Services,
  asker: Asker,
  { room, standing }: Omit<Scene, "asker">,
  node: string,
  answers: Answers,
): Scene {
  if (!services.rooms.isKept(room) || !mayRun(node, standing)) throw new HatsError("forbidden");
  const named = readValue(answers, "room");
  if (named !== undefined && parseRoomJid(named) !== room) throw badField("room", "only-this-room", { room });
  return { asker, room, standing };
}

/* The same for every room that the requester is nothing in, kept or not, ready or not. */
function refusal(services: Services, requester: Requester, node: string, standings: Standings): HatsError {
  const elsewhere = [...standings.values()];
  if (elsewhere.includes(undefined)) return new HatsError("room-not-ready");
  const code = judge({
    command: node,
    isOperator: isOperator(requester, services.admins),
    here: undefined,
    elsewhere: elsewhere.filter((standing) => standing !== undefined),
  });
  return new HatsError(code ?? "forbidden");
}
