/**
 * Tells a room's chat who got or lost a hat, in the rooms that want to hear it (`manage-room`, announce).
 *
 * Only what everybody there may see is told: hats that are shown, of people who are present, by their nicks. One message
 * at most in a while, of the difference since the one before, so that a burst is no flood; in the one language that the
 * room says is spoken there (XEP-0045, section 15.5.3, `muc#roominfo_lang`). Leaves out absent people, hats put aside or
 * given back with an earlier room, and being told later: what cannot be said now is not said.
 */
import type { Phrases } from "../../commands/texts/phrases.ts";
import type { Clock } from "../../core/clock.ts";
import { compareWardrobes } from "../../core/hats.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { type HatId, NO_HATS, type RoomView, type Wardrobe } from "../../core/model.ts";
import { isLine } from "../../core/text.ts";
import { compareHats, shownTitle } from "../../core/titles.ts";
import type { ChangeEvent, Desk } from "../../desk/desk.ts";
import { type Element, xml } from "../../stanza/xml.ts";
import type { Rooms } from "./rooms.ts";

/** The least time between two messages to one room. */
export const PAUSE_MS = 5_000;

/** How many people one message names. */
export const MOST_LINES = 10;

export interface AnnouncementOptions {
  readonly desk: Pick<Desk, "managedRooms" | "on" | "viewRoom">;
  readonly rooms: Pick<Rooms, "isReachable" | "occupants">;
  /** The language that a room says is spoken there; empty where it does not say. */
  readonly langOf: (room: RoomJid) => string;
  readonly clock: Clock;
  /** The phrases of the nearest language. */
  readonly phrases: (wanted: string) => Phrases;
  readonly send: (message: Element) => Promise<void>;
}

/* What somebody had in a room before anything of it was told. */
type Untold = Map<BareJid, Wardrobe>;

/** Announces from now on; returns how to stop that. */
export function announceChanges({
  desk,
  rooms,
  langOf,
  clock,
  phrases,
  send,
}: AnnouncementOptions): () => void {
  const untold = new Map<RoomJid, Untold>();
  const pauses = new Map<RoomJid, () => void>();

  function tell(room: RoomJid): void {
    const people = untold.get(room);
    untold.delete(room);
    pauses.delete(room);
    if (people === undefined) return;
    pauses.set(
      room,
      clock.after(PAUSE_MS, () => tell(room)),
    );
    const spoken = phrases(langOf(room));
    const lines = rooms.isReachable(room) ? linesOf(room, people, spoken) : [];
    if (lines.length === 0) return;
    const body = xml("body", {}, shorten(lines, spoken).join("\n"));
    const attrs = { to: room, type: "groupchat", "xml:lang": spoken.lang };
    send(xml("message", attrs, body)).catch(() => undefined);
  }

  function linesOf(room: RoomJid, people: Untold, spoken: Phrases): string[] {
    const view = desk.viewRoom(room);
    const nicks = new Map(rooms.occupants(room).map(({ realJid, nick }) => [realJid, nick]));
    return [...people].flatMap(([user, before]) => {
      const nick = nicks.get(user);
      if (nick === undefined || !isLine(nick)) return [];
      const after = view.user(user)?.hats ?? NO_HATS;
      const { added, removed } = compareWardrobes(shown(before), shown(after));
      const say = (phrase: string, ids: readonly HatId[], wardrobe: Wardrobe): string[] =>
        ids.length === 0 ? [] : [spoken.say(phrase, { nick, titles: quote(view, ids, wardrobe, spoken) })];
      return [...say("announced-added", added, after), ...say("announced-removed", removed, before)];
    });
  }

  const stopListening = desk.on("change", ({ room, changes }: ChangeEvent) => {
    const isSilent = desk.managedRooms().get(room)?.announce !== true;
    /* What waits when a room is put aside is of the room before: to tell it now would be to tell it to another one. */
    if (isSilent || changes.some(({ kind }) => kind === "archive")) {
      untold.delete(room);
      return;
    }
    const people = untold.get(room) ?? new Map<BareJid, Wardrobe>();
    for (const change of changes)
      if (change.kind === "user" && !people.has(change.user))
        people.set(change.user, change.before?.hats ?? NO_HATS);
    if (people.size === 0) return;
    untold.set(room, people);
    if (!pauses.has(room)) tell(room);
  });
  return () => {
    stopListening();
    for (const callOff of pauses.values()) callOff();
  };
}

function shown(wardrobe: Wardrobe): Wardrobe {
  return new Map([...wardrobe].filter(([, { active }]) => active === true));
}

function quote(view: RoomView, ids: readonly HatId[], wardrobe: Wardrobe, phrases: Phrases): string {
  const hats = ids.map((id) => ({ id, title: shownTitle(view, id, wardrobe.get(id)) })).toSorted(compareHats);
  return phrases.list(hats.map(({ title }) => phrases.say("quoted", { title })));
}

function shorten(lines: readonly string[], phrases: Phrases): readonly string[] {
  const left = lines.length - MOST_LINES;
  return left <= 0 ? lines : [...lines.slice(0, MOST_LINES), phrases.say("and-more", { count: left })];
}
