/**
 * A log line for each change (who, where, by which command, under which number of the history), and for how each room
 * stands.
 *
 * What exactly changed, on whom and why stays in the history, which has its own retention and is read by those who may:
 * a log is copied to many places and kept for other reasons. So no reason, no title and no wearer is in it.
 */
import type { Author } from "./core/entry.ts";
import { explainInEnglish } from "./core/explanations.ts";
import type { BareJid, RoomJid } from "./core/jid.ts";
import type { Log } from "./core/log.ts";
import type { Desk } from "./desk/desk.ts";
import type { Rooms } from "./xmpp/muc/rooms.ts";

/** Logs every change of a desk from now on; returns how to stop that. */
export function logChanges(desk: Pick<Desk, "on">, log: Log): () => void {
  return desk.on("change", ({ seq, room, author, command, undoes, changes }) => {
    if (changes.every(({ kind }) => kind === "base")) return;
    const users = new Set<BareJid>();
    for (const change of changes) if (change.kind !== "base" && "user" in change) users.add(change.user);
    log.info({ seq, room, who: whoIs(author, room), command, undoes, people: users.size }, "changed");
  });
}

/** Logs from now on what becomes of each room; one begins offline, and where it stays so there is nothing to say. */
export function logRooms(rooms: Pick<Rooms, "on">, log: Log): void {
  const onTheirWay = new Set<RoomJid>();
  rooms.on("state", (room, { state, code, why, nick }) => {
    if (state === "offline" && !onTheirWay.delete(room)) return;
    if (state !== "offline") onTheirWay.add(room);
    const fields = { room, state, nick, code, reason: why && explainInEnglish(why) };
    if (state === "refused" || state === "suspended") log.warn(fields, `room ${state}`);
    else log.info(fields, `room ${state}`);
  });
}

function whoIs(author: Author, room: RoomJid): string {
  if (author.kind === "account") return author.jid;
  if (author.kind === "occupant") return author.jid ?? `${room}/${author.nick}`;
  return `the ${author.kind}`;
}
