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
import type { BaseChange, Change } from "../core/change.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import { HatsError } from "../core/errors.ts";
import type { Base, HatId } from "../core/model.ts";
import type { TitledHat } from "../core/titles.ts";
import type { DurableRoom } from "../desk/desk.ts";
import { Catalogue } from "./catalogue.ts";
import type { Timing } from "./timing.ts";
import type { Dresser, HatKeeping } from "./dresser.ts";
import { heaviest, isAnswer, isFinal, reasonOf } from "./failure.ts";
import { Gate } from "./gate.ts";
import { Picture } from "./picture.ts";
import type { RoomCommands } from "./room-commands.ts";
import { type Verdict, WorkQueue } from "./work-queue.ts";

/**
 * How many wearers are told to one room at the same time. A room works through its commands one after the other, so
 * this only has to cover the way there and back.
 */
const WINDOW = 32;

/** How many wearers' bases are announced at the same time. */
const ANNOUNCING = 1_024;

/** How long after a change a wearer's base is settled. */
const SETTLE_MS = 1_000;

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly room: RoomJid;
  readonly commands: RoomCommands;
  readonly keeping: HatKeeping;
  readonly timing: Timing;
  /** The room refused something in a way that may mean that its commands are gone. */
  readonly onRefused: () => void;
  /** It is unknown what the room did; the reconciler has stopped. */
  readonly onDoubt: (error: unknown) => void;
}

/** What the room is told of one wearer, one command each. */
type Told = () => Promise<unknown>;

/** Dresses one room by its own commands. */
export class Reconciler implements Dresser {
  readonly dialect: RoomCommands["dialect"];
  hasWorked = false;
  readonly #options: ReconcilerOptions;
  readonly #catalogue: Catalogue | undefined;
  readonly #wearers: WorkQueue<BareJid>;
  readonly #hats: WorkQueue<HatId>;
  readonly #picture: Picture;
  readonly #gate = new Gate(WINDOW);
  readonly #unsettled = new Set<BareJid>();
  #callOff: (() => void) | undefined;
  #isStarted = false;
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    const { commands, timing } = options;
    this.#options = options;
    this.dialect = commands.dialect;
    this.#catalogue = commands.catalogue && new Catalogue(commands.catalogue, () => this.#kept);
    this.#picture = new Picture(() => this.#kept, commands.titles);
    const judge = (error: unknown): Verdict => this.#judge(error);
    this.#wearers = new WorkQueue({ window: ANNOUNCING, run: (user) => this.#dress(user), judge }, timing);
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
    this.#picture.begin(observed);
    this.#isStarted = true;
    for (const hat of this.#catalogue?.outdated() ?? []) this.#hats.add(hat);
    for (const user of this.#picture.outdated()) this.#wearers.add(user);
  }

  /* What is about to be put is noted in the same record as the change that asks for it. */
  attend(changes: readonly Change[], baseOf: (user: BareJid) => Base | undefined): readonly BaseChange[] {
    if (!this.#isStarted || this.#isStopped) return [];
    return changes.flatMap((change): BaseChange[] => {
      if (change.kind !== "user") return [];
      const { room, user } = change;
      const after = this.#picture.attended(user, change.after, baseOf(user));
      return after === undefined ? [] : [{ kind: "base", room, user, after }];
    });
  }

  /** Before the start has read what the room shows, nothing need be done: it looks at everybody then. */
  change(changes: readonly Change[]): void {
    if (!this.#isStarted) return;
    for (const change of changes) {
      if (change.kind === "user") this.#wearers.add(change.user);
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
    this.#callOff?.();
    this.#wearers.stop();
    this.#hats.stop();
  }

  get #kept(): DurableRoom {
    return this.#options.keeping.durableRoom(this.#options.room);
  }

  #touchHat(hat: HatId): void {
    if (this.#catalogue?.isOutdated(hat)) this.#hats.add(hat);
    if (this.#options.commands.titles === "hat") return;
    for (const [user, { hats }] of this.#kept.users) if (hats.get(hat)?.active) this.#wearers.add(user);
  }

  async #rename(hat: HatId): Promise<void> {
    if (this.#catalogue?.isOutdated(hat)) await this.#tell(() => this.#catalogue?.provide(hat));
  }

  /* Bases are announced ahead of the gate, so that those of many wearers share one write. */
  async #dress(user: BareJid): Promise<void> {
    let isDone = false;
    while (!isDone && !this.#isStopped) {
      await this.#announce(user);
      isDone = await this.#gate.pass(() => this.#tellAbout(user));
    }
  }

  /* Writing the base takes a while, in which all may change. */
  async #announce(user: BareJid): Promise<void> {
    for (;;) {
      const base = this.#picture.announced(user);
      if (base === undefined) return;
      await this.#recordBase(user, base);
    }
  }

  /* Says whether it could: not where something came to be put that is not announced. */
  async #tellAbout(user: BareJid): Promise<boolean> {
    if (this.#isStopped || this.#picture.announced(user) !== undefined) return false;
    const { put, take } = this.#picture.difference(user);
    const errors = [
      ...(await this.#tellAll(take.map((id) => () => this.#take(user, id)))),
      ...(await this.#tellAll(put.map((hat) => () => this.#put(user, hat)))),
    ];
    if (errors.length === 0 && put.length + take.length > 0) {
      this.#settleLater(user);
      return true;
    }
    this.#unsettled.delete(user);
    await this.#settle(user);
    if (errors.length > 0) throw heaviest(errors);
    return true;
  }

  /* After a stop the answers that are missing may still change the room, so the base stays as announced. */
  async #settle(user: BareJid): Promise<void> {
    const base = this.#isStopped ? undefined : this.#picture.settled(user);
    if (base !== undefined) await this.#recordBase(user, base.size === 0 ? undefined : base);
  }

  /* A base that was announced is safe, so a busy wearer's is settled once and not after each change. */
  #settleLater(user: BareJid): void {
    if (this.#isStopped) return;
    this.#unsettled.add(user);
    this.#callOff ??= this.#options.timing.clock.after(SETTLE_MS, () => {
      this.#callOff = undefined;
      for (const unsettled of this.#unsettled) this.#wearers.add(unsettled);
      this.#unsettled.clear();
    });
  }

  #recordBase(user: BareJid, base: Base | undefined): Promise<void> {
    return this.#options.keeping.recordBase(this.#options.room, user, base);
  }

  async #put(user: BareJid, { id, title }: TitledHat): Promise<void> {
    const shown = (await this.#catalogue?.provide(id, title)) ?? title;
    if (this.#isStopped) return;
    await this.#options.commands.assign(user, id, title);
    this.#picture.put(user, id, shown);
  }

  async #take(user: BareJid, id: HatId): Promise<void> {
    await this.#options.commands.unassign(user, id);
    if (this.#picture.take(user, id)) this.#wearers.rouse();
  }

  /* All of them, whatever becomes of the others; resolves with what went wrong. */
  async #tellAll(commands: readonly Told[]): Promise<unknown[]> {
    const outcomes = await Promise.allSettled(commands.map((command) => this.#tell(command)));
    return outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  }

  async #tell(command: () => Promise<unknown> | undefined): Promise<void> {
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
    if (error.type !== "wait") this.#options.onRefused();
    return "retry";
  }
}
