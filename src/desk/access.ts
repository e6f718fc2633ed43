/**
 * Who may run what, where, and what somebody who may not is told.
 *
 * Rights come from two sources only: the configuration's admins, from their own address, and affiliations in rooms. What
 * a room says about a person counts in that room only, and whoever is nothing in a room does not learn whether the
 * desk keeps it. Pure: whoever calls brings the affiliations.
 */
import { HatsError, type RefusalCode } from "../core/errors.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import { type Affiliation, isAffiliated } from "../core/model.ts";
import type { Occupant, Role } from "../core/occupant.ts";

/** Who asks: a person from their own address, or an occupant through the room, known by what the room says. */
export type Requester =
  | { readonly kind: "account"; readonly jid: BareJid }
  | { readonly kind: "occupant"; readonly room: RoomJid; readonly occupant: Occupant };

/** What somebody is in one kept room; `operator` stands above the room's own affiliations. */
export type Standing = "operator" | Affiliation;

/* The least that each command asks for; what has no line here is for operators. */
const LEAST_STANDING: ReadonlyMap<string, "admin" | "member"> = new Map([
  ["add-user-hat", "admin"],
  ["remove-user-hat", "admin"],
  ["set-user-hats", "admin"],
  ["list-user-hats", "member"],
  ["list-room-hats", "member"],
  ["list-hats", "member"],
]);

/** Whether somebody asks as an operator: an admin of the configuration, from their own address. */
export function isOperator(requester: Requester, admins: ReadonlySet<BareJid>): boolean {
  return requester.kind === "account" && admins.has(requester.jid);
}

/**
 * What the requester is in a kept room.
 *
 * `affiliation` is that room's word on an account; an occupant is judged by what they are in the room they ask through.
 */
export function standingIn(
  room: RoomJid,
  requester: Requester,
  admins: ReadonlySet<BareJid>,
  affiliation: Affiliation,
): Standing {
  if (isOperator(requester, admins)) return "operator";
  if (requester.kind === "account") return affiliation;
  return requester.room === room ? requester.occupant.affiliation : "none";
}

/** Whether this standing in a room is enough for a command, named by its node, in that room. */
export function mayRun(command: string, standing: Standing): boolean {
  if (standing === "operator") return true;
  const least = LEAST_STANDING.get(command);
  if (least === undefined) return false;
  return least === "member" ? isAffiliated(standing) : standing === "owner" || standing === "admin";
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
  if (here !== undefined && here !== "operator" && isAffiliated(here)) return "forbidden";
  return isOperator || mayRunSomewhere(command, elsewhere) ? "no-such-room" : "forbidden";
}

/** Refuses what `judge` refuses. Throws HatsError forbidden, no-such-room. */
export function assertMayRun(question: Question): void {
  const refusal = judge(question);
  if (refusal !== undefined) throw new HatsError(refusal);
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
  if (standing === "operator" || standing === "owner" || standing === "admin") return true;
  return role === "moderator" || (isNonAnonymous && (isAffiliated(standing) || isPresent(role)));
}

function isPresent(role: Role | undefined): boolean {
  return role !== undefined && role !== "none";
}
