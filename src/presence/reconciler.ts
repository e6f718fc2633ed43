/**
 * Brings what a room shows in line with the desk, by the room's own commands.
 *
 * It reads the room's lists once at the start and from then on knows what it told the room itself. A change only marks
 * its wearer; the difference is computed when the wearer's turn comes, from what the desk says by then, so a thousand
 * changes of one wearer cost no more than one. What is about to be put is recorded durably before (difference.ts), so
 * that it can be taken off even after a crash.
 *
 * Leaves out when it may work, which dialect the room speaks (room-presence.ts), and somebody else's changes: hats
 * that are neither wanted here nor put from here stay, and what somebody takes off is put back at the next start.
 */
import type { Change } from "../core/change.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import { HatsError } from "../core/errors.ts";
import type { Base, HatId } from "../core/model.ts";
import type { TitledHat } from "../core/titles.ts";
import type { DurableRoom } from "../desk/desk.ts";
import { StanzaError } from "../stanza/stanza-error.ts";
import { Catalogue } from "./catalogue.ts";
import type { Timing } from "./clock.ts";
import {
  announcedBase,
  compareWearer,
  desiredHats,
  settledBase,
  type WearerDifference,
} from "./difference.ts";
import { type Dresser, type HatKeeping, reasonOf } from "./dresser.ts";
import { NOTHING_OBSERVED, type RoomCommands } from "./room-commands.ts";
import { type Verdict, WorkQueue } from "./work-queue.ts";

/**
 * How many wearers are told to one room at the same time. A room works through its commands one after the other, so
 * this only has to cover the way there and back.
 */
const WINDOW = 32;

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly room: RoomJid;
  readonly commands: RoomCommands;
  readonly keeping: HatKeeping;
  readonly timing: Timing;
  /** The room refused something in a way that may mean that its commands are gone. */
  readonly onRefused: (error: StanzaError) => void;
  /** It is unknown what the room did; the reconciler has stopped. */
  readonly onDoubt: (error: unknown) => void;
}

/** What the room is told of one wearer, one command each. */
type Told = () => Promise<void>;

const NO_BASE: Base = new Map();

/** Dresses one room by its own commands. */
export class Reconciler implements Dresser {
  readonly dialect: RoomCommands["dialect"];
  hasWorked = false;
  readonly #options: ReconcilerOptions;
  readonly #catalogue: Catalogue | undefined;
  readonly #wearers: WorkQueue<BareJid>;
  readonly #hats: WorkQueue<HatId>;
  #observed = new Map<BareJid, Map<HatId, string>>();
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    const { commands, timing } = options;
    this.#options = options;
    this.dialect = commands.dialect;
    this.#catalogue = commands.catalogue && new Catalogue(commands.catalogue, () => this.#kept);
    const judge = (error: unknown): Verdict => this.#judge(error);
    this.#wearers = new WorkQueue({ window: WINDOW, run: (user) => this.#dress(user), judge }, timing);
    this.#hats = new WorkQueue({ window: WINDOW, run: (hat) => this.#rename(hat), judge }, timing);
  }

  get pending(): number {
    return this.#wearers.size + this.#hats.size;
  }

  get lastError(): string | undefined {
    const error = this.#wearers.lastError ?? this.#hats.lastError;
    return error === undefined ? undefined : reasonOf(error);
  }

  async start(): Promise<void> {
    const [observed] = await Promise.all([this.#options.commands.readAssigned(), this.#catalogue?.read()]);
    if (this.#isStopped) return;
    this.#observed = observed;
    for (const hat of this.#catalogue?.outdated() ?? []) this.#hats.add(hat);
    const { users, base } = this.#kept;
    for (const user of new Set([...users.keys(), ...base.keys()])) {
      if (this.#isDifferent(user)) this.#wearers.add(user);
    }
  }

  change(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === "user") this.#touch(change.user);
      if (change.kind === "hat") this.#touchHat(change.hat);
    }
  }

  /** Reads the room's catalogue anew: somebody may have destroyed or renamed a hat. */
  async recheck(): Promise<void> {
    await this.#catalogue?.read();
    for (const hat of this.#catalogue?.outdated() ?? []) this.#hats.add(hat);
  }

  stop(): void {
    this.#isStopped = true;
    this.#wearers.stop();
    this.#hats.stop();
  }

  get #kept(): DurableRoom {
    return this.#options.keeping.durableRoom(this.#options.room);
  }

  #touch(user: BareJid): void {
    this.#wearers.add(user);
  }

  #touchHat(hat: HatId): void {
    if (this.#catalogue?.isOutdated(hat)) this.#hats.add(hat);
    if (this.#options.commands.titles === "hat") return;
    for (const [user, { hats }] of this.#kept.users) if (hats.get(hat)?.active) this.#touch(user);
  }

  async #rename(hat: HatId): Promise<void> {
    if (this.#catalogue?.isOutdated(hat)) await this.#tell(() => this.#catalogue?.provide(hat));
  }

  #difference(user: BareJid): WearerDifference {
    const observed = this.#observed.get(user) ?? NOTHING_OBSERVED;
    return compareWearer(
      desiredHats(this.#kept, user),
      observed,
      this.#base(user),
      this.#options.commands.titles,
    );
  }

  #isDifferent(user: BareJid): boolean {
    const { put, take } = this.#difference(user);
    return put.length > 0 || take.length > 0 || this.#settled(user) !== undefined;
  }

  #base(user: BareJid): Base {
    return this.#kept.base.get(user) ?? NO_BASE;
  }

  #settled(user: BareJid): Base | undefined {
    const observed = this.#observed.get(user) ?? NOTHING_OBSERVED;
    return settledBase(
      desiredHats(this.#kept, user),
      observed,
      this.#base(user),
      this.#options.commands.titles,
    );
  }

  async #dress(user: BareJid): Promise<void> {
    const { put, take } = await this.#announce(user);
    try {
      await this.#tellAll(take.map((id) => () => this.#take(user, id)));
      await this.#tellAll(put.map((hat) => () => this.#put(user, hat)));
    } finally {
      await this.#settle(user);
    }
  }

  /* What is to be told, once the base says so; writing the base takes a while, in which all may change. */
  async #announce(user: BareJid): Promise<WearerDifference> {
    for (;;) {
      const difference = this.#difference(user);
      const base = announcedBase(this.#base(user), difference.put);
      if (base === undefined) return difference;
      await this.#recordBase(user, base);
    }
  }

  /* After a stop the answers that are missing may still change the room, so the base stays as announced. */
  async #settle(user: BareJid): Promise<void> {
    const base = this.#isStopped ? undefined : this.#settled(user);
    if (base !== undefined) await this.#recordBase(user, base.size === 0 ? undefined : base);
  }

  #recordBase(user: BareJid, base: Base | undefined): Promise<void> {
    return this.#options.keeping.recordBase(this.#options.room, user, base);
  }

  async #put(user: BareJid, { id, title }: TitledHat): Promise<void> {
    await this.#catalogue?.provide(id, title);
    if (this.#isStopped) return;
    await this.#options.commands.assign(user, id, title);
    const hats = this.#observed.get(user);
    if (hats === undefined) this.#observed.set(user, new Map([[id, title]]));
    else hats.set(id, title);
  }

  async #take(user: BareJid, id: HatId): Promise<void> {
    await this.#options.commands.unassign(user, id);
    const hats = this.#observed.get(user);
    hats?.delete(id);
    if (hats?.size !== 0) return;
    this.#observed.delete(user);
    this.#wearers.rouse();
  }

  /* All of them, whatever becomes of the others; then the failure that weighs most. */
  async #tellAll(commands: readonly Told[]): Promise<void> {
    const outcomes = await Promise.allSettled(commands.map((command) => this.#tell(command)));
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    const worst =
      errors.find((error) => !isAnswer(error)) ?? errors.find((error) => !isFinal(error)) ?? errors[0];
    if (worst !== undefined) throw worst;
  }

  async #tell(command: () => Promise<void> | undefined): Promise<void> {
    if (this.#isStopped) return;
    try {
      await command();
      this.hasWorked = true;
    } catch (error) {
      if (!isAnswer(error)) this.#doubt(error);
      throw error;
    }
  }

  #doubt(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.onDoubt(error);
  }

  #judge(error: unknown): Verdict {
    if (error instanceof HatsError) return "retry";
    if (!isAnswer(error)) return "stop";
    if (isFinal(error)) return "rest";
    this.#options.onRefused(error);
    return "retry";
  }
}

/* The room answered, so it is known that nothing happened. */
function isAnswer(error: unknown): error is StanzaError {
  return error instanceof StanzaError;
}

const REFUSES_VALUES: readonly string[] = ["bad-request", "jid-malformed", "not-acceptable"];

/* COMPAT: ejabberd 26.07 takes 10 hats a person and 100 people a room, and says so by cancel/not-allowed and this text. */
const LIMIT = /limit/i;

/* The same command would be refused again, unless something else changes first. */
function isFinal(error: unknown): boolean {
  if (!isAnswer(error)) return false;
  return (
    REFUSES_VALUES.includes(error.condition) ||
    (error.condition === "not-allowed" && LIMIT.test(error.text ?? ""))
  );
}
