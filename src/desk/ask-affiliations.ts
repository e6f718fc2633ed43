/** Asks for the affiliations that a decision needs, before it is made. */
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Affiliation } from "../core/model.ts";
import type { AffiliationSource } from "./affiliation-source.ts";

/** What some people of one room are. */
export type Affiliations = ReadonlyMap<BareJid, Affiliation>;

/**
 * The affiliations of these people, as they are known when all have been asked for; at once where nobody has to be.
 *
 * Of a room that is not kept nothing is asked: the decision refuses it. Rejects as the source does.
 */
export function askAffiliations(
  source: AffiliationSource,
  room: RoomJid,
  users: readonly BareJid[],
): Affiliations | Promise<Affiliations> {
  const known = new Map<BareJid, Affiliation>();
  if (!source.isKept(room)) return known;
  for (const user of users) {
    const sure = source.sureAffiliation?.(room, user);
    if (sure === undefined) return askAll(source, room, users);
    known.set(user, sure);
  }
  return known;
}

async function askAll(
  source: AffiliationSource,
  room: RoomJid,
  users: readonly BareJid[],
): Promise<Affiliations> {
  const known = new Map<BareJid, Affiliation>();
  const asked = await Promise.all(users.map((user) => source.affiliation(room, user)));
  for (const [index, user] of users.entries()) known.set(user, newest(source, room, user, asked[index]!));
  return known;
}

/* Whoever lost an affiliation while somebody else's was still asked for does not have it any more. */
function newest(source: AffiliationSource, room: RoomJid, user: BareJid, asked: Affiliation): Affiliation {
  return source.lastKnownAffiliation?.(room, user) ?? asked;
}
