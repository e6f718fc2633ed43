/**
 * Who may run what, where, and what somebody who may not is told.
 *
 * Rights come from three sources only: the configuration's admins, from their own address; affiliations in rooms; and
 * hats that a room's admins delegated to a member. What a room says about a person counts in that room only, and whoever
 * is nothing in a room does not learn whether the desk keeps it. Pure: whoever calls brings affiliations and grants.
 */
import type { RefusalCode } from "../core/errors.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Affiliation } from "../core/model.ts";
import type { Occupant, Role } from "../core/occupant.ts";

/** Who asks: a person from their own address, or an occupant through the room, known by what the room says. */
export type Requester =
  | { readonly kind: "account"; readonly jid: BareJid }
  | { readonly kind: "occupant"; readonly room: RoomJid; readonly occupant: Occupant };

/**
 * What somebody is in one kept room; `operator` stands above the room's own affiliations, and a `delegate` is a member
 * who may give and take some hats.
 */
export type Standing = "operator" | "delegate" | Affiliation;

const RANK: Readonly<Record<Standing, number>> = {
  outcast: 0,
  none: 0,
  member: 1,
  delegate: 2,
  admin: 3,
  owner: 4,
  operator: 5,
};

/* The least that each command asks for; what has no line here is for operators. */
const LEAST_STANDING: ReadonlyMap<string, Standing> = new Map<string, Standing>([
  ["add-user-hat", "delegate"],
  ["remove-user-hat", "delegate"],
  ["set-user-hats", "admin"],
  ["list-user-hats", "member"],
  ["list-room-hats", "member"],
  ["list-hats", "member"],
  ["define-hat", "admin"],
  ["retire-hat", "admin"],
  ["my-hats", "member"],
  ["delegate-hat", "admin"],
  ["hat-history", "admin"],
  ["undo", "admin"],
  ["desk-status", "admin"],
  ["export-hats", "admin"],
  ["import-hats", "admin"],
]);

/** Whether somebody asks as an operator: an admin of the configuration, from their own address. */
export function isOperator(requester: Requester, admins: ReadonlySet<BareJid>): boolean {
  return requester.kind === "account" && admins.has(requester.jid);
}

/** Who asks, as the desk knows people; undefined for an occupant whose real JID the room does not show. */
export function jidOf(requester: Requester): BareJid | undefined {
  return requester.kind === "account" ? requester.jid : requester.occupant.realJid;
}

/**
 * What the requester is in a kept room.
 *
 * `affiliation` is that room's word on an account; an occupant is judged by what they are in the room they ask through.
 * `holdsGrant` says whether a member may give some hat there.
 */
export function standingIn(
  room: RoomJid,
  requester: Requester,
  admins: ReadonlySet<BareJid>,
  affiliation: Affiliation,
  holdsGrant: () => boolean = () => false,
): Standing {
  if (isOperator(requester, admins)) return "operator";
  const known = requester.kind === "account" ? affiliation : affiliationThrough(requester, room);
  return known === "member" && holdsGrant() ? "delegate" : known;
}

function affiliationThrough(
  { room, occupant }: Extract<Requester, { kind: "occupant" }>,
  wanted: RoomJid,
): Affiliation {
  return room === wanted ? occupant.affiliation : "none";
}

/** Whether a standing is at least as high as another. */
export function isAtLeast(standing: Standing, least: Standing): boolean {
  return RANK[standing] >= RANK[least];
}

/** Whether this standing in a room is enough for a command, named by its node, in that room. */
export function mayRun(command: string, standing: Standing): boolean {
  return isAtLeast(standing, LEAST_STANDING.get(command) ?? "operator");
}

/** One request, as far as rights go. */
export interface Question {
  readonly command: string;
  readonly isOperator: boolean;
  /** The requester's standing in the room they name; undefined where the desk does not keep that room. */
  readonly here: Standing | undefined;
  /** Their standings in the other kept rooms. */
  readonly elsewhere: Iterable<Standing>;
}

/**
 * Judges a request before its values are looked at; undefined means granted.
 *
 * A stranger gets the same answer for a kept room as for one that is not: forbidden if no kept room lets them run the
 * command, no-such-room if another one does.
 */
export function judge({ command, isOperator, here, elsewhere }: Question): RefusalCode | undefined {
  if (here !== undefined && mayRun(command, here)) return undefined;
  if (here !== undefined && isAtLeast(here, "member")) return "forbidden";
  return isOperator || mayRunSomewhere(command, elsewhere) ? "no-such-room" : "forbidden";
}

/** Whether any of these standings is enough; this is also what decides if a command is listed. */
export function mayRunSomewhere(command: string, standings: Iterable<Standing>): boolean {
  for (const standing of standings) if (mayRun(command, standing)) return true;
  return false;
}

/** Somebody looking at a room's people. */
export interface Looker {
  readonly standing: Standing;
  /** Their role where they are in the room (XEP-0045, section 5.1). */
  readonly role?: Role;
}

/** Whether somebody may see who is behind a nick: as the room itself would show it. */
export function maySeeRealJids({ standing, role }: Looker, isNonAnonymous: boolean): boolean {
  if (isAtLeast(standing, "admin")) return true;
  return role === "moderator" || (isNonAnonymous && (isAtLeast(standing, "member") || isPresent(role)));
}

function isPresent(role: Role | undefined): boolean {
  return role !== undefined && role !== "none";
}
