/** Delegation: who may give and take one hat besides those who may give and take all. Pure. */
import type { Change } from "./change.ts";
import { unknownHat } from "./catalogue.ts";
import { HatsError } from "./errors.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import { type Grant, type HatId, isAffiliated, isSameGrant, type View } from "./model.ts";

/**
 * Makes these the people who may give and take a hat; nobody and no members ends the delegation.
 *
 * @throws HatsError no-such-room, not-affiliated, bad-field
 */
export function delegateHat(view: View, roomJid: RoomJid, hat: HatId, grant: Grant): readonly Change[] {
  const room = keptRoom(view, roomJid);
  if (room.hat(hat) === undefined) throw unknownHat();
  const users = [...new Set(grant.users)].toSorted();
  if (!users.every((user) => isAffiliated(room.affiliation(user)))) throw new HatsError("not-affiliated");
  const before = room.grant(hat);
  const after = settled({ users, members: grant.members });
  return isSameGrant(before, after) ? [] : [{ kind: "grant", room: roomJid, hat, before, after }];
}

/**
 * Ends every delegation to a person who lost their affiliation: like their hats, it does not come back with them.
 *
 * @throws HatsError no-such-room
 */
export function endDelegations(view: View, roomJid: RoomJid, user: BareJid): readonly Change[] {
  const room = keptRoom(view, roomJid);
  return [...room.hatIds()].flatMap((hat): Change[] => {
    const before = room.grant(hat);
    if (before === undefined || !before.users.includes(user)) return [];
    const after = settled({ ...before, users: before.users.filter((other) => other !== user) });
    return [{ kind: "grant", room: roomJid, hat, before, after }];
  });
}

/** Whether a grant names this member: as one of all, or by their JID where it is known. */
export function isGrantedTo(grant: Grant | undefined, member: BareJid | undefined): boolean {
  if (grant === undefined) return false;
  return grant.members || (member !== undefined && grant.users.includes(member));
}

function settled(grant: Grant): Grant | undefined {
  return grant.users.length === 0 && !grant.members ? undefined : grant;
}
