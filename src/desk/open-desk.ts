/**
 * The desk over its store: decides on the pending state, makes decisions durable, and tells who listens.
 */
import { randomUUID } from "node:crypto";
import { archiveRoom } from "../core/archive.ts";
import type { Change } from "../core/change.ts";
import type { Author, Draft } from "../core/entry.ts";
import { badField, HatsError } from "../core/errors.ts";
import { addUserHat, removeUserHat, setUserHats, stripUser } from "../core/hats.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import { DEFAULT_LIMITS, type Limits } from "../core/limits.ts";
import { silentLog } from "../core/log.ts";
import {
  type Affiliation,
  type Attachment,
  type Base,
  emptyRoom,
  type Hat,
  type HatId,
  type ManagedRoom,
  type User,
  type View,
} from "../core/model.ts";
import { parseReason } from "../core/reason.ts";
import { viewState } from "../core/view.ts";
import { parseRoomJid, parseUserJid } from "../stanza/jid.ts";
import { Store } from "../store/store.ts";
import type { AffiliationSource } from "./affiliation-source.ts";
import { Announcer } from "./announcer.ts";
import type {
  Attend,
  ChangeEvent,
  Desk,
  DeskOptions,
  DurableRoom,
  Outcome,
  Receipt,
  Request,
  RoomHats,
} from "./desk.ts";

const UNCHANGED: Receipt = { changes: [], seq: undefined };
const PROGRAM: Author = { kind: "program" };

/**
 * Opens the desk over the store in `options.data`, which no other process may have open.
 *
 * @throws OperatorError store-locked, store-damaged, store-newer, store-unreadable
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const log = options.log ?? silentLog;
  const now = options.now ?? (() => new Date());
  const announcer = new Announcer(log);
  const store = await Store.open({
    path: options.data,
    log,
    now,
    onDurable: (entry) => announcer.announce(entry),
    ...(options.history === undefined ? {} : { retention: options.history }),
  });
  return new OpenDesk(store, announcer, now, options);
}

class OpenDesk implements Desk {
  readonly #store: Store;
  readonly #announcer: Announcer;
  readonly #affiliations: AffiliationSource;
  readonly #limits: Limits;
  readonly #attend: Attend;
  readonly #now: () => Date;
  readonly #randomUuid: () => string;
  /* The changes that are decided and not durable yet. */
  readonly #appending = new Set<Promise<unknown>>();

  constructor(store: Store, announcer: Announcer, now: () => Date, options: DeskOptions) {
    this.#store = store;
    this.#announcer = announcer;
    this.#now = now;
    this.#affiliations = options.affiliations;
    this.#attend = options.attend ?? (() => []);
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#randomUuid = options.randomUuid ?? randomUUID;
  }

  addUserHat(userJid: string, roomJid: string, hatId: string, attachment?: Attachment): Promise<Outcome> {
    return this.#change(userJid, roomJid, (view, user, room) =>
      addUserHat(view, user, room, hatId, attachment, this.#limits),
    );
  }

  removeUserHat(userJid: string, roomJid: string, hatId: string): Promise<Outcome> {
    return this.#change(userJid, roomJid, (view, user, room) => removeUserHat(view, user, room, hatId));
  }

  setUserHats(
    userJid: string,
    roomJid: string,
    hats: Readonly<Record<string, Attachment>> | undefined,
  ): Promise<Outcome> {
    return this.#change(userJid, roomJid, (view, user, room) =>
      setUserHats(view, user, room, readHats(hats), this.#limits),
    );
  }

  userHats(userJid: string, roomJid: string): Record<string, Attachment> {
    const user = parseUserJid(userJid);
    return plainHats(this.#keptRoom(parseRoomJid(roomJid)).users.get(user));
  }

  roomHats(roomJid: string): RoomHats {
    const { hats, users } = this.#keptRoom(parseRoomJid(roomJid));
    return {
      hats: plain(hats, (hat): Hat => ({ ...hat })),
      users: plain(users, (user) => ({ hats: plainHats(user) })),
    };
  }

  async transact(request: Request, decide: (view: View) => readonly Change[]): Promise<Receipt> {
    const known = await this.#askAffiliations(request.room, request.users);
    const view = this.#store.pending.over(
      this.#durableView((room, user) => {
        const affiliation = room === request.room ? known.get(user) : undefined;
        if (affiliation === undefined) throw new Error(`nobody asked for the affiliation of ${user}`);
        return affiliation;
      }),
    );
    return this.#commit(request, decide(view));
  }

  async stripUser(room: RoomJid, user: BareJid, author: Author, reason?: string): Promise<Receipt> {
    const changes = stripUser(this.#store.pending.over(this.view()), user, room);
    return this.#commit({ room, author, ...(reason === undefined ? {} : { reason }) }, changes);
  }

  async recordBase(room: RoomJid, user: BareJid, base: Base | undefined): Promise<void> {
    await this.#commit({ room, author: { kind: "room" } }, [{ kind: "base", room, user, after: base }]);
  }

  /* What was last put into the room goes too: the new room never had it. */
  async archiveRoom(room: RoomJid, reason: string): Promise<Receipt> {
    const view = this.#store.pending.over(this.view());
    const bases = [...this.durableRoom(room).base.keys()];
    return this.#commit({ room, author: { kind: "room" }, reason }, [
      ...archiveRoom(view, room, this.#now().toISOString()),
      ...bases.map((user): Change => ({ kind: "base", room, user, after: undefined })),
    ]);
  }

  managedRooms(): ReadonlyMap<RoomJid, ManagedRoom> {
    return this.#store.state.managed;
  }

  mintHatId(): HatId {
    return `urn:uuid:${this.#randomUuid()}` as HatId;
  }

  view(): View {
    return this.#durableView((_room, user) => {
      throw new Error(`the durable view knows no affiliations, not that of ${user} either`);
    });
  }

  durableRoom(room: RoomJid): DurableRoom {
    return this.#store.state.rooms.get(room) ?? emptyRoom();
  }

  on(_event: "change", listener: (event: ChangeEvent) => void): () => void {
    return this.#announcer.add(listener);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #change(
    userJid: string,
    roomJid: string,
    decide: (view: View, user: BareJid, room: RoomJid) => readonly Change[],
  ): Promise<Outcome> {
    const user = parseUserJid(userJid);
    const room = parseRoomJid(roomJid);
    const receipt = await this.transact({ room, users: [user], author: PROGRAM }, (view) =>
      decide(view, user, room),
    );
    return { changed: receipt.seq !== undefined };
  }

  /* Of a room that is not kept nothing is asked: the decision refuses it. */
  async #askAffiliations(
    room: RoomJid,
    users: readonly BareJid[],
  ): Promise<ReadonlyMap<BareJid, Affiliation>> {
    if (!this.#affiliations.isKept(room)) return new Map();
    const asked = await Promise.all(users.map((user) => this.#affiliations.affiliation(room, user)));
    return new Map(
      users.map((user, index) => {
        const now = this.#affiliations.lastKnownAffiliation?.(room, user);
        return [user, now ?? asked[index]!];
      }),
    );
  }

  async #commit(about: Omit<Request, "users">, changes: readonly Change[]): Promise<Receipt> {
    if (changes.length === 0) return this.#unchanged();
    const { room, author, command } = about;
    const reason = about.reason === undefined ? undefined : parseReason(about.reason, this.#limits);
    const noted = this.#attend(room, changes, (user) => this.#pendingBase(room, user));
    const draft: Draft = {
      at: this.#now().toISOString(),
      room,
      author,
      ...(command === undefined ? {} : { command }),
      ...(reason === undefined ? {} : { reason }),
      changes: noted.length === 0 ? changes : [...changes, ...noted],
    };
    const appending = this.#store.append(draft);
    this.#appending.add(appending);
    try {
      const { seq } = await appending;
      return { changes, seq };
    } finally {
      this.#appending.delete(appending);
    }
  }

  #pendingBase(room: RoomJid, user: BareJid): Base | undefined {
    return this.#store.pending.over(this.view()).room(room)?.base(user);
  }

  /* What made a change needless may itself not be durable yet; if it fails, so does whoever relied on it. */
  async #unchanged(): Promise<Receipt> {
    await Promise.all(this.#appending);
    return UNCHANGED;
  }

  #keptRoom(room: RoomJid): DurableRoom {
    if (!this.#affiliations.isKept(room)) throw new HatsError("no-such-room");
    return this.durableRoom(room);
  }

  #durableView(affiliationOf: (room: RoomJid, user: BareJid) => Affiliation): View {
    return viewState(this.#store.state, (room) => this.#affiliations.isKept(room), affiliationOf);
  }
}

function readHats(hats: unknown): ReadonlyMap<string, Attachment> {
  if (hats === undefined) return new Map();
  if (typeof hats !== "object" || hats === null || Array.isArray(hats)) {
    throw badField("hats", "not an object of hat ids and attachments");
  }
  return new Map(Object.entries(hats));
}

function plainHats(user: User | undefined): Record<string, Attachment> {
  return plain(user?.hats ?? new Map<HatId, Attachment>(), (attachment): Attachment => ({ ...attachment }));
}

/* Object.fromEntries makes own properties of all keys, __proto__ too. */
function plain<V, P>(map: ReadonlyMap<string, V>, copy: (value: V) => P): Record<string, P> {
  return Object.fromEntries([...map].map(([key, value]) => [key, copy(value)]));
}
