/**
 * What somebody is in kept rooms, as the rooms say it and the desk's delegations.
 *
 * The rules are desk/access.ts; here what they ask for is found. Leaves out what follows from it (room-access.ts).
 */
import { HatsError } from "../../core/errors.ts";
import { isGrantedTo } from "../../core/grants.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { type Affiliation, isAffiliated } from "../../core/model.ts";
import { onceKnown } from "../../core/once-known.ts";
import { isOperator, jidOf, type Requester, type Standing, standingIn } from "../../desk/access.ts";
import type { Desk } from "../../desk/desk.ts";
import type { RoomDirectory } from "./room-directory.ts";

/** Who can say what somebody is. */
export interface Witnesses {
  readonly desk: Pick<Desk, "durableRoom">;
  readonly rooms: RoomDirectory;
  /** The admins of the configuration. */
  readonly admins: ReadonlySet<BareJid>;
}

/** What the requester is in each of some rooms; undefined while that room cannot be asked. */
export type Standings = ReadonlyMap<RoomJid, Standing | undefined>;

type Account = Extract<Requester, { kind: "account" }>;

/* A request that was granted in a room. */
interface Granted {
  readonly asker: { readonly requester: Requester };
  readonly room: RoomJid;
}

/** What the requester is in each kept room, all of them asked at the same time. */
export async function standingsOf(witnesses: Witnesses, requester: Requester): Promise<Standings> {
  const rooms = witnesses.rooms.rooms();
  const standings = await Promise.all(rooms.map(async (room) => standingOf(witnesses, requester, room)));
  return new Map(rooms.map((room, index) => [room, standings[index]]));
}

/** What the requester is in a kept room, made sure of before it would lead to a refusal; at once where that is known. */
export function standingOf(
  witnesses: Witnesses,
  requester: Requester,
  room: RoomJid,
): Promise<Standing | undefined> | Standing {
  const { rooms, admins } = witnesses;
  if (requester.kind === "occupant" || isOperator(requester, admins)) {
    return standingOver(witnesses, requester, room, "none");
  }
  const sure = rooms.sureAffiliation?.(room, requester.jid);
  return sure === undefined
    ? askStanding(witnesses, requester, room)
    : standingOver(witnesses, requester, room, sure);
}

/**
 * What an occupant is in the room they ask through: as it shows them, or where it may have kept something to itself, as it
 * answers.
 *
 * @throws HatsError list-unreadable, room-not-ready where that cannot be made sure of
 */
export function standingThrough(
  witnesses: Witnesses,
  requester: Extract<Requester, { kind: "occupant" }>,
): Promise<Standing> | Standing {
  const { rooms } = witnesses;
  const { room, occupant } = requester;
  const { affiliation, realJid } = occupant;
  const isShown = rooms.sureAffiliation === undefined || realJid === undefined || !rooms.isKept(room);
  if (isShown || !isAffiliated(affiliation)) return standingOver(witnesses, requester, room, "none");
  return onceKnown(rooms.sureAffiliation?.(room, realJid) ?? rooms.affiliation(room, realJid), (said) => {
    const judged = { ...requester, occupant: { ...occupant, affiliation: said } };
    return standingOver(witnesses, judged, room, "none");
  });
}

async function askStanding(
  witnesses: Witnesses,
  requester: Account,
  room: RoomJid,
): Promise<Standing | undefined> {
  const { rooms } = witnesses;
  try {
    return standingOver(witnesses, requester, room, await rooms.askerAffiliation(room, requester.jid));
  } catch (error) {
    if (!(error instanceof HatsError)) throw error;
    /* To tell somebody unknown that the bot needs more rights would tell them that the room is kept. A room that does
       not let the bot in knows nobody: else one wrong address in the configuration would keep all strangers waiting. */
    return error.code === "room-not-ready" && rooms.isComing(room) ? undefined : "none";
  }
}

/** What the requester is in a room, by its word on their account and by what was delegated to them. */
export function standingOver(
  witnesses: Witnesses,
  requester: Requester,
  room: RoomJid,
  affiliation: Affiliation,
): Standing {
  return standingIn(room, requester, witnesses.admins, affiliation, () =>
    holdsGrant(witnesses, room, requester),
  );
}

function holdsGrant({ desk }: Witnesses, room: RoomJid, requester: Requester): boolean {
  const own = jidOf(requester);
  for (const grant of desk.durableRoom(room).grants.values()) if (isGrantedTo(grant, own)) return true;
  return false;
}

/**
 * What the requester of a granted request is in its room by now.
 *
 * @throws HatsError room-not-ready where nobody knows any more: what they were proves nothing
 */
export function standingNow(witnesses: Witnesses, { asker, room }: Granted): Standing {
  const { requester } = asker;
  if (isOperator(requester, witnesses.admins)) return "operator";
  const affiliation = affiliationNow(witnesses, room, requester);
  if (affiliation === undefined) throw new HatsError("room-not-ready");
  return affiliation === "member" && holdsGrant(witnesses, room, requester) ? "delegate" : affiliation;
}

/* Somebody whose real JID the room does not show is known by nick. */
function affiliationNow({ rooms }: Witnesses, room: RoomJid, requester: Requester): Affiliation | undefined {
  const own = jidOf(requester);
  if (own !== undefined) return rooms.lastKnownAffiliation(room, own);
  const nick = requester.kind === "occupant" ? requester.occupant.nick : undefined;
  return rooms.occupants(room).find((occupant) => occupant.nick === nick)?.affiliation;
}

/** Whether nothing is known of an account in a room, as far as is known without asking it. */
export function isStranger({ rooms, admins }: Witnesses, requester: Requester, room: RoomJid): boolean {
  if (requester.kind === "occupant" || isOperator(requester, admins)) return false;
  return !isAffiliated(rooms.lastKnownAffiliation(room, requester.jid) ?? "none");
}
