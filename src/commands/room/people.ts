/**
 * The people of a room as one requester may know them.
 *
 * Whoever the room shows real JIDs deals in JIDs. Everybody else deals in nicks of present occupants, in forms and
 * answers alike: such an option carries the occupant's own address, `room@service/nick`, which any field for JIDs
 * takes, which is no more than the room shows, and which cannot be mistaken for anybody's real one.
 */
import { badField, HatsError } from "../../core/errors.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { isAffiliated } from "../../core/model.ts";
import { asLine } from "../../core/text.ts";
import { jidOf, maySeeRealJids } from "../../desk/access.ts";
import { parseJid, parseUserJid } from "../../stanza/jid.ts";
import type { Option } from "../../stanza/data-form.ts";
import type { Answers, Filling } from "../command.ts";
import type { Phrases } from "../texts/phrases.ts";
import { listChoice } from "./list-choice.ts";
import { assertSamePerson } from "./offered-people.ts";
import type { Scene, Services } from "./scene.ts";

/** Names people to a requester, and understands how the requester names them. */
export interface People {
  /** How the requester knows a person; undefined where they may not know of them. */
  name(user: BareJid): string | undefined;
  /**
   * Whom a submitted value means: a JID, or the address of an occupant.
   *
   * @throws HatsError bad-field, not-affiliated, list-unreadable
   */
  find(value: string): BareJid;
  /**
   * The filling of a field that asks for one person or several. Of `chosen`, those who can be chosen are already; only those
   * are offered who are `wanted`, or everybody where nobody is.
   */
  choice(
    count: "multi" | "single",
    chosen?: readonly BareJid[],
    wanted?: (user: BareJid) => boolean,
  ): Promise<Filling>;
}

/* Somebody who can be chosen; the desk may not know who they are. */
interface Candidate extends Option {
  readonly user: BareJid | undefined;
}

/* More names than these are a number to whoever reads them. */
const MOST_NAMED = 10;

/** Names several people in a row: those whom the requester may know of, the first ones where they are many. */
export function nameSeveral(people: People, users: readonly BareJid[], phrases: Phrases): string {
  const names = users.flatMap((user) => people.name(user) ?? []).toSorted();
  const left = names.length - MOST_NAMED;
  const rest = left > 0 ? [phrases.say("more", { count: left })] : [];
  return phrases.list([...names.slice(0, MOST_NAMED), ...rest]);
}

const NOTHING_OFFERED: Answers = new Map();

/** The people of the scene's room, as they are now; `answers` know whom a form offered. */
export function peopleOf(services: Services, scene: Scene, answers = NOTHING_OFFERED): People {
  const { rooms } = services;
  const { room } = scene;
  const own = jidOf(scene.asker.requester);
  const seesJids = seesRealJids(services, scene, own);
  let nicks: ReadonlyMap<BareJid | undefined, string> | undefined;

  function nickOf(user: BareJid): string | undefined {
    nicks ??= new Map(rooms.occupants(room).map(({ realJid, nick }) => [realJid, shownNick(nick)]));
    return nicks.get(user);
  }

  async function candidates(): Promise<Candidate[] | undefined> {
    if (!seesJids) return occupantCandidates(services, room);
    const users = await affiliatedUsers(services, room);
    return users?.map((user) => ({ user, label: labelOf(user, nickOf(user)), value: user }));
  }

  return {
    name: (user) => (seesJids ? user : (nickOf(user) ?? (user === own ? user : undefined))),
    find(value) {
      const slash = value.indexOf("/");
      const isOccupant = slash > 0 && parseJid(value.slice(0, slash))?.bare === room;
      if (isOccupant) {
        const nick = value.slice(slash + 1);
        const user = findOccupant(services, room, nick);
        assertSamePerson(scene, answers, nick, user);
        return user;
      }
      const user = parseUserJid(value);
      if (!seesJids && user !== own) throw badField("user", "by-nick");
      return user;
    },
    async choice(count, chosen = [], wanted = () => true) {
      const known = withoutUnwanted(await candidates(), wanted);
      const there = chosen.filter((user) => known === undefined || known.some(({ value }) => value === user));
      const choice = listChoice(known?.toSorted(byLabel), count);
      return there.length === 0 ? choice : { ...choice, values: there };
    },
  };
}

/* Who else is here is looked at only where the requester's standing does not settle it. */
function seesRealJids(
  { rooms }: Services,
  { room, standing, asker }: Scene,
  own: BareJid | undefined,
): boolean {
  const isNonAnonymous = rooms.isNonAnonymous(room);
  if (maySeeRealJids({ standing }, isNonAnonymous)) return true;
  const { requester } = asker;
  const role =
    requester.kind === "occupant"
      ? requester.occupant.role
      : rooms.occupants(room).find(({ realJid }) => realJid === own)?.role;
  return role !== undefined && maySeeRealJids({ standing, role }, isNonAnonymous);
}

/* Nicks are what the room wrote, character by character: to prepare one could make it somebody else's. */
function findOccupant({ rooms }: Services, room: RoomJid, nick: string): BareJid {
  const occupant = rooms.occupants(room).find((known) => known.nick === nick);
  if (occupant === undefined) throw new HatsError("not-affiliated");
  if (occupant.realJid === undefined) throw new HatsError("list-unreadable");
  return occupant.realJid;
}

function occupantCandidates({ rooms }: Services, room: RoomJid): Candidate[] {
  const known = rooms.occupants(room).filter(({ affiliation }) => isAffiliated(affiliation));
  return known.map(({ nick, realJid }) => ({
    user: realJid,
    label: shownNick(nick),
    value: `${room}/${nick}`,
  }));
}

function withoutUnwanted(
  candidates: readonly Candidate[] | undefined,
  isWanted: (user: BareJid) => boolean,
): Option[] | undefined {
  const wanted = candidates?.filter(({ user }) => user !== undefined && isWanted(user)) ?? [];
  return (wanted.length > 0 ? wanted : candidates)?.map(({ label, value }) => ({ label, value }));
}

/* Where the list cannot be read, people are typed in, and judged when it comes to them. */
async function affiliatedUsers({ rooms }: Services, room: RoomJid): Promise<BareJid[] | undefined> {
  try {
    return [...(await rooms.affiliated(room)).keys()];
  } catch (error) {
    if (error instanceof HatsError && error.code === "list-unreadable") return undefined;
    throw error;
  }
}

/* Who goes by a nick with marks in it that a line may not hold must not look like who goes by the same without. */
function shownNick(nick: string): string {
  return asLine(nick, "\ufffd");
}

function labelOf(user: BareJid, nick: string | undefined): string {
  return nick === undefined ? user : `${nick} (${user})`;
}

function byLabel(a: Option, b: Option): number {
  return a.label < b.label ? -1 : 1;
}
