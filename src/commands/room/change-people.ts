/**
 * What the three commands that change people's hats have in common: several people, all or nothing, and the answer.
 */
import type { Change, ExpiresChange, UserChange } from "../../core/change.ts";
import { badField } from "../../core/errors.ts";
import { compareWardrobes, type WardrobeDifference } from "../../core/hats.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { keptRoom } from "../../core/kept-room.ts";
import {
  type Attachment,
  type Expiries,
  type HatId,
  NO_EXPIRIES,
  NO_HATS,
  type RoomView,
  type View,
  type Wardrobe,
} from "../../core/model.ts";
import { overlay } from "../../core/overlay.ts";
import { compareHats, shownTitle, type TitledHat } from "../../core/titles.ts";
import type { Receipt } from "../../desk/desk.ts";
import { buildEnd } from "../../stanza/date-time.ts";
import { readList, readReason } from "../answers.ts";
import type { Answers, Confirmation, Outcome } from "../command.ts";
import type { Phrases } from "../texts/phrases.ts";
import { isToBeConfirmed, peopleIn } from "./confirmation.ts";
import { nameSeveral, peopleOf } from "./people.ts";
import { changeRoom, tellOf } from "./change-room.ts";
import type { Scene, Services } from "./scene.ts";
import { assertAffiliated, findSeveral } from "./several-people.ts";
import { ROW_BUDGET, takeWithin } from "./stanza-budget.ts";

/** What happens to one person, on a view that has seen the people before. */
export type Transition = (view: View, user: BareJid, room: RoomView) => readonly Change[];

/** What to change, and what to say where nothing did. */
export interface PeopleChange {
  readonly command: string;
  readonly users: readonly BareJid[];
  /** Begins the decision, on the room as it is before anybody changed. */
  decide(room: RoomView): Transition;
  /** Says that a person's hats are as they were. */
  sayUnchanged(name: string, user: BareJid): string;
}

/** The people that the field `user` names, at least one. */
export function readUsers(services: Services, scene: Scene, answers: Answers): BareJid[] {
  const people = peopleOf(services, scene, answers);
  const users = findSeveral(people, readList(answers, "user"));
  if (users.length === 0) throw badField("user", "missing");
  return users;
}

/** The people that the field `user` names, all of them affiliated. Throws HatsError as `readUsers`, and not-affiliated. */
export async function readAffiliated(services: Services, scene: Scene, answers: Answers): Promise<BareJid[]> {
  const users = readUsers(services, scene, answers);
  const affiliations = await Promise.all(users.map((user) => services.rooms.affiliation(scene.room, user)));
  const known = new Map(users.map((user, index) => [user, affiliations[index]]));
  assertAffiliated(peopleOf(services, scene), users, (user) => known.get(user) ?? "none");
  return users;
}

/** Says whose hats this is about. */
export function sayWhose(services: Services, scene: Scene, users: readonly BareJid[]): string {
  const { phrases } = scene.asker;
  return phrases.say("these-people", { users: nameSeveral(peopleOf(services, scene), users, phrases) });
}

/** Changes people's hats as one durable transaction and tells what became of each; many people are confirmed first. */
export async function changePeople(
  services: Services,
  scene: Scene,
  answers: Answers,
  change: PeopleChange,
): Promise<Confirmation | Outcome> {
  const { users, command } = change;
  let decided: readonly Change[] = [];
  let isHeldBack = false;
  const receipt = await changeRoom(services, scene, {
    command,
    users,
    reason: readReason(answers, services.desk.limits),
    decide(view, before) {
      const transition = change.decide(before);
      assertAffiliated(peopleOf(services, scene), users, (user) => before.affiliation(user));
      decided = forEach(view, scene.room, users, transition);
      isHeldBack = isToBeConfirmed(scene.asker, decided);
      return isHeldBack ? [] : decided;
    },
  });
  if (isHeldBack) return confirm(services, scene, decided);
  return tellOf(services, scene, receipt, tell(services, scene, change, receipt));
}

function confirm(services: Services, scene: Scene, decided: readonly Change[]): Confirmation {
  const { phrases } = scene.asker;
  const users = peopleIn(decided);
  const names = nameSeveral(peopleOf(services, scene), users, phrases);
  const summary = phrases.say("confirm-people", { count: users.length, names, room: scene.room });
  return { kind: "confirmation", summary };
}

/** Titles as they stand in a sentence: quoted, in the order of hats; of those of `worn` as their wearer has them. */
export function quoteHats(
  services: Services,
  { room, asker }: Scene,
  ids: Iterable<HatId>,
  worn: Wardrobe = NO_HATS,
): string {
  const view = services.desk.viewRoom(room);
  const hats = [...ids].map((id) => ({ id, title: shownTitle(view, id, worn.get(id)) }));
  return hats.length === 0 ? asker.phrases.say("none") : quoteTitles(hats, asker.phrases, worn);
}

/** Titles of these hats, quoted, in the order of hats; with what is unusual about those of `worn`. */
export function quoteTitles(hats: readonly TitledHat[], phrases: Phrases, worn: Wardrobe = NO_HATS): string {
  const quoted = hats.toSorted(compareHats).map(({ id, title }) => {
    const marks = marksOf(worn.get(id)).map((mark) => phrases.say(mark));
    const own = phrases.say("quoted", { title });
    return marks.length === 0 ? own : `${own} (${marks.join(", ")})`;
  });
  return phrases.list(quoted);
}

function marksOf(attachment: Attachment | undefined): string[] {
  if (attachment === undefined) return [];
  const { active, required } = attachment;
  return [...(active === true ? [] : ["mark-hidden"]), ...(required === true ? ["mark-required"] : [])];
}

/* People are distinct, so what one gets matters to the next only through the room's catalogue. */
function forEach(
  view: View,
  room: RoomJid,
  users: readonly BareJid[],
  transition: Transition,
): readonly Change[] {
  const changes: Change[] = [];
  let seen = view;
  for (const user of users) {
    const own = transition(seen, user, keptRoom(seen, room));
    changes.push(...own);
    const hats = own.filter((change) => change.kind === "hat");
    if (hats.length > 0) seen = overlay(seen, hats);
  }
  return changes;
}

function tell(services: Services, scene: Scene, change: PeopleChange, receipt: Receipt): string[] {
  const people = peopleOf(services, scene);
  const fates = fatesIn(receipt.changes);
  const { phrases } = scene.asker;
  const lines: string[] = [];
  for (const user of change.users) {
    const name = people.name(user) ?? "";
    const fate = fates.get(user);
    if (fate === undefined) lines.push(change.sayUnchanged(name, user));
    else
      lines.push(...tellOne(services, scene, name, fate), ...tellUnshown(services, scene, name, user, fate));
  }
  const told = takeWithin(lines, ROW_BUDGET, (line) => [line]);
  const left = lines.length - told.length;
  return left > 0 ? [...told, phrases.say("and-more", { count: left })] : [...told];
}

/* What became of one person. */
interface Fate {
  worn?: UserChange;
  lapsing?: ExpiresChange;
}

function fatesIn(changes: readonly Change[]): ReadonlyMap<BareJid, Fate> {
  const fates = new Map<BareJid, Fate>();
  for (const change of changes) {
    if (change.kind !== "user" && change.kind !== "expires") continue;
    const fate = fates.get(change.user) ?? {};
    fates.set(change.user, fate);
    if (change.kind === "user") fate.worn = change;
    else fate.lapsing = change;
  }
  return fates;
}

function tellOne(services: Services, scene: Scene, name: string, fate: Fate): string[] {
  const difference = differenceOf(fate);
  return (["added", "changed", "removed"] as const)
    .filter((kind) => difference[kind].length > 0)
    .map((kind) => {
      const hats = difference[kind];
      const expires = kind === "removed" ? undefined : commonExpiry(hats, fate.lapsing?.after);
      const worn = kind === "removed" ? NO_HATS : fate.worn?.after?.hats;
      const titles = quoteHats(services, scene, hats, worn);
      const values = { user: name, titles, room: scene.room };
      const { phrases } = scene.asker;
      return expires === undefined
        ? phrases.say(kind, values)
        : phrases.say(`${kind}-until`, { ...values, expires: buildEnd(expires) });
    });
}

/* What the room cannot show of what somebody has now, as it is. */
function tellUnshown(
  services: Services,
  scene: Scene,
  name: string,
  user: BareJid,
  { worn }: Fate,
): string[] {
  const { unshown, underCommonTitle } = services.care.showing(scene.room, user);
  if (worn === undefined || (unshown.length === 0 && underCommonTitle.length === 0)) return [];
  const { added, changed } = compareWardrobes(worn.before?.hats ?? NO_HATS, worn.after?.hats ?? NO_HATS);
  const given = new Set([...added, ...changed]);
  const lines = { "no-place": unshown, "common-title": underCommonTitle };
  return Object.entries(lines).flatMap(([phrase, ids]) => {
    const hats = ids.filter((id) => given.has(id));
    if (hats.length === 0) return [];
    const titles = quoteHats(services, scene, hats);
    return [scene.asker.phrases.say(phrase, { user: name, titles, room: scene.room })];
  });
}

/* A hat that only lapses at another time than before is worn in another way, too. */
function differenceOf({ worn, lapsing }: Fate): WardrobeDifference {
  const { added, changed, removed } = compareWardrobes(
    worn?.before?.hats ?? NO_HATS,
    worn?.after?.hats ?? NO_HATS,
  );
  if (lapsing === undefined) return { added, changed, removed };
  const { before = NO_EXPIRIES, after = NO_EXPIRIES } = lapsing;
  const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
    (id) => before.get(id) !== after.get(id) && ![...added, ...changed, ...removed].includes(id),
  );
  return { added, changed: [...changed, ...moved], removed };
}

function commonExpiry(hats: readonly HatId[], expiries: Expiries = NO_EXPIRIES): string | undefined {
  const [first] = hats;
  const expires = first && expiries.get(first);
  return hats.every((id) => expiries.get(id) === expires) ? expires : undefined;
}
