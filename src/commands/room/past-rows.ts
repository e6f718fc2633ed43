/**
 * What happened in a room as people read it: a row for each thing that an entry touched.
 *
 * Who asks here sees everybody's real JID. Of the desk's own admins the people of a room learn no more than that, unless
 * the room has them in its lists.
 */
import type { HatChange } from "../../core/change.ts";
import {
  isAffiliated,
  type Attachment,
  type Grant,
  type Hat,
  type HatId,
  type RoomView,
} from "../../core/model.ts";
import type { RecordedEntry } from "../../core/recorded.ts";
import { type Thing, thingsOf, type TouchedHat } from "../../core/touched.ts";
import { asLine } from "../../core/text.ts";
import { compareHats } from "../../core/titles.ts";
import { buildDateTime, buildEnd } from "../../stanza/date-time.ts";
import { buildDuration } from "../../stanza/duration.ts";
import { sayHue } from "../colour.ts";
import { DEEDS } from "./deeds.ts";
import { nameSeveral, type People, peopleOf } from "./people.ts";
import type { Scene, Services } from "./scene.ts";

/** One thing that happened. */
export interface PastRow {
  readonly id: number;
  /** Where the thing stands among those of its entry. */
  readonly index: number;
  readonly when: string;
  readonly who: string;
  readonly what: string;
  readonly whom: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
  /** Whether it says no more than that the room has a new hat. */
  readonly isNewHat: boolean;
}

type Side = "after" | "before";

/* The most that a cell says of several hats, in characters. */
const MOST_IN_CELL = 400;
const SECONDS_LENGTH = "CCYY-MM-DDThh:mm:ss".length;

/* Why things happened that the room had happen, as it is written down. */
const ROOM_REASONS: ReadonlyMap<string, string> = new Map([
  ["affiliation ended", "why-affiliation-ended"],
  ["created", "why-created"],
  ["destroyed", "why-destroyed"],
  ["recreated", "why-recreated"],
  ["forgotten", "why-forgotten"],
]);

/**
 * Words for entries of the scene's room, in the language of whoever asks.
 *
 * Entries are to be put into words the newest first: what one of them says of how a hat was called before, holds for
 * those that follow.
 */
export class PastWords {
  readonly #services: Services;
  readonly #scene: Scene;
  readonly #people: People;
  readonly #view: RoomView;
  /* What hats were called before the entries seen so far. */
  readonly #earlierTitles = new Map<HatId, string | undefined>();

  constructor(services: Services, scene: Scene) {
    this.#services = services;
    this.#scene = scene;
    this.#people = peopleOf(services, scene);
    this.#view = services.desk.viewRoom(scene.room);
  }

  /** The row of one thing of an entry. */
  row(entry: RecordedEntry, thing: Thing, index: number): PastRow {
    const row = this.#rowOf(entry, thing, index);
    for (const { hat, before } of hatChanges(entry)) this.#earlierTitles.set(hat, before?.title);
    return row;
  }

  /** One line that tells an entry from others, by its first thing. */
  label(entry: RecordedEntry): string {
    const [first, ...others] = thingsOf(entry);
    if (first === undefined) return String(entry.seq);
    return this.#withMore(this.row(entry, first, 0), others.filter((thing) => !isNewHat(thing)).length);
  }

  /** One line for rows of one entry. */
  brief(first: PastRow, others: readonly PastRow[]): string {
    return this.#withMore(first, others.filter((row) => !row.isNewHat).length);
  }

  /** A row as a sentence. */
  line({ when, who, what, reason, ...row }: PastRow): string {
    const done = this.#say("past-line", { when, who, what, change: this.change(row) });
    return reason === "" ? done : this.#say("past-line-reason", { line: done, reason });
  }

  /** What became of a thing: from what to what. */
  change({ whom, before, after }: Pick<PastRow, "after" | "before" | "whom">): string {
    const nothing = this.#say("nothing");
    return this.#say("past-change", { whom, before: before || nothing, after: after || nothing });
  }

  /** What a thing was before an entry, or after it; empty where it was not there. */
  side(entry: RecordedEntry, thing: Thing, side: Side): string {
    if (thing.kind === "person") return this.#worn(entry, thing.hats, side);
    if (thing.kind === "hat") return this.#hat(thing.hat, thing.difference[side]);
    if (thing.kind === "grant") return this.#grant(thing.difference[side]);
    const isThere =
      thing.kind === "managed"
        ? thing.difference[side] !== undefined
        : thing.isArchived === (side === "after");
    return isThere ? this.#say(thing.kind === "managed" ? "room-kept" : "room-archived") : "";
  }

  #rowOf(entry: RecordedEntry, thing: Thing, index: number): PastRow {
    return {
      id: entry.seq,
      index,
      when: buildDateTime(`${entry.at.slice(0, SECONDS_LENGTH)}Z`),
      who: this.#who(entry),
      what: this.#what(entry),
      whom: this.#whom(entry, thing),
      before: this.side(entry, thing, "before"),
      after: this.side(entry, thing, "after"),
      reason: this.#reason(entry),
      isNewHat: isNewHat(thing),
    };
  }

  /* A hat that was made for somebody goes without saying. */
  #withMore(first: PastRow, count: number): string {
    const line = this.line(first);
    return count > 0 ? this.#say("past-label-more", { line, count }) : line;
  }

  #say(key: string, values: Readonly<Record<string, number | string>> = {}): string {
    return this.#scene.asker.phrases.say(key, values);
  }

  #who({ author }: RecordedEntry): string {
    if (author.kind !== "account" && author.kind !== "occupant") return this.#say(`who-${author.kind}`);
    const isOperator = this.#scene.standing === "operator";
    const { jid, address } = author;
    if (!isOperator && this.#isHidden(author)) return this.#say("who-operator");
    const nick = author.kind === "occupant" ? asLine(author.nick) : "";
    const name = (jid && this.#people.name(jid)) ?? nick;
    if (!isOperator || address === undefined) return name;
    return author.kind === "account" ? address : `${name} (${address})`;
  }

  #isHidden({ jid }: { readonly jid?: Parameters<People["name"]>[0] }): boolean {
    const { admins, rooms } = this.#services;
    if (jid === undefined || !admins.has(jid)) return false;
    return !isAffiliated(rooms.lastKnownAffiliation(this.#scene.room, jid) ?? "none");
  }

  #what({ author, command, undoes }: RecordedEntry): string {
    if (command === undefined) return this.#say(`did-${author.kind}`);
    return this.#say(DEEDS.get(command) ?? "did-other", { command, id: undoes ?? "" });
  }

  #reason({ author, reason = "" }: RecordedEntry): string {
    const known = author.kind === "room" ? ROOM_REASONS.get(reason) : undefined;
    return known === undefined ? reason : this.#say(known);
  }

  #whom(entry: RecordedEntry, thing: Thing): string {
    if (thing.kind === "person") return this.#people.name(thing.user) ?? this.#say("somebody");
    if (thing.kind === "grant") return this.#say("whom-grant", { title: this.#title(entry, thing.hat) });
    return this.#say(thing.kind === "hat" ? "whom-hats" : "whom-room");
  }

  #worn(entry: RecordedEntry, touched: ReadonlyMap<HatId, TouchedHat>, side: Side): string {
    const hats = [...touched]
      .filter(([, { worn }]) => worn === undefined || worn[side] !== undefined)
      .map(([id, hat]) => ({ id, hat, title: this.#title(entry, id, hat.worn?.[side]) }))
      .toSorted(compareHats)
      .map(({ hat, title }) => this.#marked(title, this.#marksOf(hat, side)));
    return this.#within(hats);
  }

  #marksOf({ worn, lapses }: TouchedHat, side: Side): string[] {
    const attachment = worn?.[side];
    const until = lapses?.[side];
    const marks: string[] = [];
    if (attachment !== undefined && attachment.active !== true) marks.push(this.#say("mark-hidden"));
    if (attachment?.required === true) marks.push(this.#say("mark-required"));
    if (until !== undefined) marks.push(this.#say("mark-until", { expires: buildEnd(until) }));
    if (until === undefined && lapses !== undefined && worn === undefined) marks.push(this.#say("mark-kept"));
    return marks;
  }

  #hat(id: HatId, hat: Hat | undefined): string {
    if (hat === undefined) return "";
    const marks: string[] = [];
    if (hat.hue !== undefined) marks.push(sayHue(hat.hue));
    if (hat.defaultExpires !== undefined) {
      marks.push(this.#say("mark-usually", { duration: buildDuration(hat.defaultExpires) }));
    }
    return this.#marked(hat.title ?? id, marks);
  }

  #grant(grant: Grant | undefined): string {
    if (grant === undefined) return "";
    if (grant.members) return this.#say("every-member");
    return nameSeveral(this.#people, grant.users, this.#scene.asker.phrases);
  }

  #marked(title: string, marks: readonly string[]): string {
    const quoted = this.#say("quoted", { title });
    return marks.length === 0 ? quoted : `${quoted} (${marks.join(", ")})`;
  }

  #within(hats: readonly string[]): string {
    let length = 0;
    const shown = hats.filter((hat, index) => index === 0 || (length += hat.length) <= MOST_IN_CELL);
    const left = hats.length - shown.length;
    if (left === 0) return shown.join(", ");
    return this.#scene.asker.phrases.list([...shown, this.#say("more", { count: left })]);
  }

  /* As it was called then, as far as is known; else as it is called now. */
  #title(entry: RecordedEntry, id: HatId, attachment?: Attachment): string {
    const change = hatChanges(entry).find(({ hat }) => hat === id);
    const later = this.#earlierTitles.has(id) ? this.#earlierTitles.get(id) : this.#view.hat(id)?.title;
    const own = change === undefined ? later : (change.after?.title ?? change.before?.title);
    return attachment?.title ?? own ?? id;
  }
}

function isNewHat(thing: Thing): boolean {
  return thing.kind === "hat" && thing.difference.before === undefined;
}

function hatChanges({ changes }: RecordedEntry): HatChange[] {
  return changes.filter((change) => change.kind === "hat");
}
