/**
 * The desk over its store: decides on the pending state, makes decisions durable, and tells who listens.
 */
import { randomUUID } from "node:crypto";
import { archiveRoom, closePast } from "../core/archive.ts";
import type { Change } from "../core/change.ts";
import type { Author, Draft } from "../core/entry.ts";
import { badField } from "../core/errors.ts";
import { endDelegations } from "../core/grants.ts";
import { lapseHats, stripUser } from "../core/hats.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Limits } from "../core/limits.ts";
import { silentLog } from "../core/log.ts";
import {
  type Affiliation,
  type Base,
  emptyRoom,
  type HatId,
  type ManagedRoom,
  type RoomView,
  type View,
} from "../core/model.ts";
import { parseReason } from "../core/reason.ts";
import type { RecordedEntry } from "../core/recorded.ts";
import { viewRoom, viewState } from "../core/view.ts";
import { Store } from "../store/store.ts";
import type { AffiliationSource } from "./affiliation-source.ts";
import { Announcer } from "./announcer.ts";
import { askAffiliations } from "./ask-affiliations.ts";
import { deskClock } from "./desk-clock.ts";
import { DueTimes } from "./due-times.ts";
import { type HistoryPage, type PageQuestion, Past } from "./past.ts";
import type { Library } from "./library.ts";
import { libraryOver } from "./library-over.ts";
import { limitsOf, retentionOf } from "./settings.ts";
import type { Attend, ChangeEvent, Desk, DeskOptions, DurableRoom, Receipt, Request } from "./desk.ts";

const UNCHANGED: Receipt = { changes: [], seq: undefined };
const DESK: Author = { kind: "desk" };
/* One for all: rooms are asked far more often than they have anything. */
const NOTHING: DurableRoom = emptyRoom();

/**
 * Opens the desk over the store in `options.data`, which no other process may have open.
 *
 * @throws OperatorError store-locked, store-damaged, store-newer, store-unreadable
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const log = options.log ?? silentLog;
  const now = options.now ?? (() => new Date());
  const announcer = new Announcer(log);
  let desk: OpenDesk | undefined;
  const store = await Store.open({
    path: options.data,
    log,
    now,
    onDurable(entry) {
      desk?.noteDurable(entry);
      announcer.announce(entry);
    },
    retention: retentionOf(options.history),
  });
  desk = new OpenDesk(store, announcer, now, { ...options, log });
  return Object.assign(desk, libraryOver(desk));
}

class OpenDesk implements Omit<Desk, keyof Library> {
  readonly limits: Limits;
  readonly #store: Store;
  readonly #announcer: Announcer;
  readonly #affiliations: AffiliationSource;
  readonly #attend: Attend;
  readonly #now: () => Date;
  readonly #randomUuid: () => string;
  readonly #dueTimes: DueTimes;
  readonly #past: Past;
  /* The time of the last change, as text: many changes are made within a millisecond. */
  #stamp = { time: Number.NaN, text: "" };

  constructor(
    store: Store,
    announcer: Announcer,
    now: () => Date,
    options: DeskOptions & Required<Pick<DeskOptions, "log">>,
  ) {
    this.#store = store;
    this.#announcer = announcer;
    this.#now = now;
    this.#affiliations = options.affiliations;
    this.#attend = options.attend ?? (() => []);
    this.limits = limitsOf(options.limits);
    this.#randomUuid = options.randomUuid ?? randomUUID;
    this.#past = new Past(store);
    this.#dueTimes = new DueTimes({
      clock: options.clock ?? deskClock,
      now,
      log: options.log,
      rooms: () => store.state.rooms,
      lapse: (room, users, at) => this.#lapse(room, users, at),
    });
  }

  async transact(request: Request, decide: (view: View) => readonly Change[]): Promise<Receipt> {
    const { room, undoes } = request;
    const asked = askAffiliations(this.#affiliations, room, request.users);
    const known = asked instanceof Promise ? await asked : asked;
    if (undoes !== undefined) {
      /* The room may be another one by now, whose people have no part in what was before. */
      while (this.#store.pending.touchesArchives(room)) await this.#store.settled;
      if (!this.#past.isOf(room, undoes)) throw badField("id", "no-such-change");
    }
    const view = this.#store.pending.over(
      this.#durableView((inRoom, user) => {
        const affiliation = inRoom === room ? known.get(user) : undefined;
        if (affiliation === undefined) throw new Error(`nobody asked for the affiliation of ${user}`);
        return affiliation;
      }),
    );
    const receipt = this.#stage(request, decide(view));
    await this.#store.settled;
    return receipt;
  }

  async stripUser(room: RoomJid, user: BareJid, author: Author, reason?: string): Promise<Receipt> {
    const view = this.#store.pending.over(this.view());
    const changes = [...stripUser(view, user, room), ...endDelegations(view, room, user)];
    return this.#commit({ room, author, reason }, changes);
  }

  async recordBase(room: RoomJid, user: BareJid, base: Base | undefined): Promise<void> {
    await this.#commit({ room, author: { kind: "room" } }, [{ kind: "base", room, user, after: base }]);
  }

  /* What was last put into the room goes too: the new room never had it. */
  async archiveRoom(room: RoomJid, reason: string): Promise<Receipt> {
    const hasPast = await this.#past.isThere(room);
    const view = this.#store.pending.over(this.view());
    const at = this.#now().toISOString();
    const archived = archiveRoom(view, room, at);
    const bases = new Set([...this.durableRoom(room).base.keys(), ...this.#store.pending.notedIn(room)]);
    return this.#commit({ room, author: { kind: "room" }, reason }, [
      ...(archived.length === 0 && hasPast ? closePast(view, room, at) : archived),
      ...[...bases].map((user): Change => ({ kind: "base", room, user, after: undefined })),
    ]);
  }

  managedRooms(): ReadonlyMap<RoomJid, ManagedRoom> {
    return this.#store.state.managed;
  }

  now(): Date {
    return this.#now();
  }

  pastPage(question: PageQuestion): Promise<HistoryPage> {
    return this.#past.history(question);
  }

  pastEntry(room: RoomJid, id: number): Promise<RecordedEntry | undefined> {
    return this.#past.entry(room, id);
  }

  mintHatId(): HatId {
    return `urn:uuid:${this.#randomUuid()}` as HatId;
  }

  view(): View {
    return this.#durableView(noAffiliations);
  }

  durableRoom(room: RoomJid): DurableRoom {
    return this.#store.state.rooms.get(room) ?? NOTHING;
  }

  viewRoom(room: RoomJid): RoomView {
    return viewRoom(this.#store.state, room, noAffiliations);
  }

  on(_event: "change", listener: (event: ChangeEvent) => void): () => void {
    return this.#announcer.add(listener);
  }

  async close(): Promise<void> {
    await this.#dueTimes.stop();
    await this.#store.close();
  }

  readonly [Symbol.asyncDispose] = (): Promise<void> => this.close();

  /** Hears of what has become durable, before anybody else. */
  noteDurable(entry: ChangeEvent): void {
    this.#dueTimes.note(entry.changes);
    this.#past.note(entry);
  }

  /* Time goes on in rooms that are not kept now, too. */
  #lapse(room: RoomJid, users: readonly BareJid[], at: Date): Promise<Receipt> {
    const now = at.toISOString();
    const everyRoom = viewState(this.#store.state, () => true, noAffiliations);
    const view = this.#store.pending.over(everyRoom);
    const changes = users.flatMap((user) => lapseHats(view, user, room, now));
    return this.#commit({ room, author: DESK }, changes);
  }

  async #commit(about: Omit<Request, "users">, changes: readonly Change[]): Promise<Receipt> {
    const receipt = this.#stage(about, changes);
    await this.#store.settled;
    return receipt;
  }

  /*
   * Takes a decision to the store. It holds once the store has settled, also where there is nothing to change: what made
   * that needless may itself not be durable yet, and if it fails, so does whoever relied on it.
   */
  #stage(about: Omit<Request, "users">, changes: readonly Change[]): Receipt {
    if (changes.length === 0) return UNCHANGED;
    const { room, author, command, undoes } = about;
    const reason = about.reason === undefined ? undefined : parseReason(about.reason, this.limits);
    const noted = this.#attend(room, changes, (user) => this.#pendingBase(room, user));
    const draft: { -readonly [Name in keyof Draft]: Draft[Name] } = {
      at: this.#timestamp(),
      room,
      author,
      changes: noted.length === 0 ? changes : [...changes, ...noted],
    };
    if (command !== undefined) draft.command = command;
    if (reason !== undefined) draft.reason = reason;
    if (undoes !== undefined) draft.undoes = undoes;
    return { changes, seq: this.#store.stage(draft).seq };
  }

  #timestamp(): string {
    const now = this.#now();
    const time = now.getTime();
    if (time !== this.#stamp.time) this.#stamp = { time, text: now.toISOString() };
    return this.#stamp.text;
  }

  #pendingBase(room: RoomJid, user: BareJid): Base | undefined {
    return this.#store.pending.over(this.view()).room(room)?.base(user);
  }

  #durableView(affiliationOf: (room: RoomJid, user: BareJid) => Affiliation): View {
    return viewState(this.#store.state, (room) => this.#affiliations.isKept(room), affiliationOf);
  }
}

function noAffiliations(_room: RoomJid, user: BareJid): never {
  throw new Error(`this view knows no affiliations, not that of ${user} either`);
}
