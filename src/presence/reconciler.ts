/**
 * Brings what a room shows in line with the desk, by the room's own commands, and the desk in line with what others did
 * by them.
 *
 * It reads the room's lists at the start, when something looks strange and now and then, while no command of its own is
 * under way; in between it knows what it told the room itself. A change only marks its wearer; the difference is computed
 * when the wearer's turn comes, from what the desk says by then, so a thousand changes of one wearer cost no more than
 * one. What is about to be put is recorded durably before (difference.ts), mostly together with the change that asks
 * for it, so that it can be taken off even after a crash.
 *
 * Leaves out when it may work, which dialect the room speaks (room-presence.ts), and what may be adopted (adoption.ts).
 */
import type { BaseChange, Change } from "../core/change.ts";
import type { BareJid } from "../core/jid.ts";
import { HatsError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Base, HatId } from "../core/model.ts";
import type { TitledHat } from "../core/titles.ts";
import type { DurableRoom } from "../desk/desk.ts";
import { Adoption } from "./adoption.ts";
import { Catalogue } from "./catalogue.ts";
import type { TitledHats } from "./difference.ts";
import type { Timing } from "./timing.ts";
import type { Dresser, HatKeeping, UnshownHat } from "./dresser.ts";
import { heaviest, isAnswer, isFinal, reasonOf } from "./failure.ts";
import { Gate } from "./gate.ts";
import { Picture } from "./picture.ts";
import { PresenceWatch } from "./presence-watch.ts";
import { Readings } from "./readings.ts";
import type { RoomCommands } from "./room-commands.ts";
import type { RoomLink } from "./room-link.ts";
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
  readonly link: RoomLink;
  readonly commands: RoomCommands;
  readonly keeping: HatKeeping;
  readonly limits: Limits;
  readonly timing: Timing;
  readonly log: Log;
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
  readonly #adoption: Adoption;
  readonly #watch: PresenceWatch;
  readonly #readings: Readings;
  readonly #gate = new Gate(WINDOW);
  readonly #unsettled = new Set<BareJid>();
  #callOff: (() => void) | undefined;
  #isCatalogueDue = false;
  #isStarted = false;
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    const { commands, timing, link, keeping, limits, log } = options;
    this.#options = options;
    this.dialect = commands.dialect;
    const kept = (): DurableRoom => keeping.durableRoom(link.room);
    const keep = (key: BareJid, mark: Base | undefined): Promise<void> => this.#recordBase(key, mark);
    const catalogue = commands.catalogue && new Catalogue({ commands: commands.catalogue, kept, keep });
    const picture = new Picture(kept, commands.titles);
    this.#catalogue = catalogue;
    this.#picture = picture;
    const judge = (error: unknown): Verdict => this.#judge(error);
    this.#wearers = new WorkQueue({ window: ANNOUNCING, run: (user) => this.#dress(user), judge }, timing);
    this.#hats = new WorkQueue({ window: WINDOW, run: (hat) => this.#tend(hat), judge }, timing);
    this.#adoption = new Adoption({ room: link.room, picture, catalogue, keeping, limits, log });
    this.#readings = new Readings(() => this.#readAgain(), timing);
    this.#watch = new PresenceWatch({
      link,
      namespace: commands.namespace,
      clock: timing.clock,
      expected: (user) => this.#expected(user),
      onDifference: () => this.#readings.soon(),
    });
  }

  get pending(): number {
    return this.#wearers.size + this.#hats.size + this.#adoption.pending;
  }

  get lastError(): string | undefined {
    const error = this.#wearers.lastError ?? this.#hats.lastError ?? this.#readings.lastError;
    return error === undefined ? undefined : reasonOf(error);
  }

  get drift(): number {
    return this.#picture.drift + (this.#catalogue?.changedByOthers().length ?? 0);
  }

  get unshown(): readonly UnshownHat[] {
    return this.#picture.allUnshown();
  }

  /** The hats that the room has no place for of one person's. */
  unshownOf(user: BareJid): readonly HatId[] {
    return this.#isStarted ? this.#picture.unshown(user) : [];
  }

  async start(): Promise<void> {
    const { commands, link } = this.#options;
    await this.#gate.alone(async () => {
      const [assigned, limits] = await Promise.all([
        commands.readAssigned(),
        commands.readLimits(),
        this.#catalogue?.read(),
      ]);
      if (this.#isStopped) return;
      this.#picture.begin({ assigned, limits, isSameRoom: link.isSameRoom ?? true });
      this.#isStarted = true;
      this.#watch.start();
      await this.#settleMarks();
    });
    if (this.#isStopped) return;
    this.#readings.start();
    this.#followUp(true);
  }

  /* What is about to be put is noted in the same record as the change that asks for it. */
  attend(changes: readonly Change[], baseOf: (user: BareJid) => Base | undefined): readonly BaseChange[] {
    if (!this.#isStarted || this.#isStopped) return [];
    const attended = new Set(changes.map((change) => (change.kind === "base" ? change.user : undefined)));
    return changes.flatMap((change): BaseChange[] => {
      if (change.kind !== "user" || attended.has(change.user)) return [];
      const { room, user } = change;
      const after = this.#picture.attended(user, change.after, baseOf(user));
      return after === undefined ? [] : [{ kind: "base", room, user, after }];
    });
  }

  /** Before the start has read what the room shows, nothing need be done: it looks at everybody then. */
  change(changes: readonly Change[]): void {
    if (!this.#isStarted) return;
    for (const change of changes) {
      if (change.kind === "user") this.#touchWearer(change.user);
      if (change.kind === "hat") this.#touchHat(change.hat);
    }
  }

  /** Reads the room's lists anew: somebody may have used its commands. */
  async recheck(): Promise<void> {
    this.#isCatalogueDue = true;
    await this.#readings.now();
  }

  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
    this.#readings.stop();
    this.#watch.stop();
    this.#wearers.stop();
    this.#hats.stop();
  }

  get #kept(): DurableRoom {
    return this.#options.keeping.durableRoom(this.#options.link.room);
  }

  /* Nothing of ours is under way meanwhile, so whatever is not as it was left is somebody else's doing. */
  async #readAgain(): Promise<void> {
    let isChanged = false;
    await this.#gate.alone(async () => {
      const assigned = await this.#options.commands.readAssigned();
      if (this.#isStopped) return;
      if (this.#isCatalogueDue || this.#catalogue?.isBehind(assigned.hats.values())) {
        await this.#catalogue?.read();
        this.#isCatalogueDue = false;
      }
      if (this.#isStopped) return;
      isChanged = this.#picture.read(assigned);
      await this.#settleMarks();
    });
    if (!this.#isStopped) this.#followUp(isChanged);
  }

  /* What cannot be written now is written at the next reading. */
  async #settleMarks(): Promise<void> {
    await this.#catalogue?.settle().catch(() => undefined);
  }

  /* What failed goes on waiting for its turn, unless the room is another than it was. */
  #followUp(isChanged: boolean): void {
    for (const hat of this.#catalogue?.outdated() ?? [])
      if (isChanged || !this.#hats.hasFailed(hat)) this.#hats.add(hat);
    for (const user of this.#picture.outdated())
      if (isChanged || !this.#wearers.hasFailed(user)) this.#wearers.add(user);
    this.#adoption.adoptAll().then(
      () => this.#readings.worked(),
      (error: unknown) => this.#readings.failed(error),
    );
  }

  /* What presence should show; undefined while that is about to change. */
  #expected(user: BareJid): TitledHats | undefined {
    if (this.#wearers.isBusy(user) || !this.#hats.isIdle || this.#adoption.pending > 0) return undefined;
    const shown = this.#picture.shown(user);
    const catalogue = this.#catalogue;
    if (catalogue === undefined) return shown;
    const titled = [...shown.keys()].map((id) => [id, catalogue.entry(id)?.title] as const);
    return new Map(titled.filter((hat): hat is [HatId, string] => hat[1] !== undefined));
  }

  #touchWearer(user: BareJid): void {
    this.#wearers.add(user);
    this.#welcome(this.#picture.makePlace(user));
  }

  #welcome(next: BareJid | undefined): void {
    if (next !== undefined) this.#wearers.add(next);
  }

  #touchHat(hat: HatId): void {
    if (this.#catalogue?.isOutdated(hat)) this.#hats.add(hat);
    if (this.#options.commands.titles === "hat") return;
    for (const [user, { hats }] of this.#kept.users) if (hats.get(hat)?.active) this.#wearers.add(user);
  }

  /* A retired hat is destroyed once nobody wears it: ejabberd would not tell who wears no other. */
  async #tend(hat: HatId): Promise<void> {
    const catalogue = this.#catalogue;
    if (!catalogue?.isOutdated(hat)) return;
    if (!catalogue.isRetired(hat)) {
      await this.#gate.pass(() => this.#tell(() => catalogue.provide(hat)));
      return;
    }
    await this.#gate.alone(async () => {
      if (catalogue.isRetired(hat) && !this.#picture.isWorn(hat))
        await this.#tell(() => catalogue.destroy(hat));
    });
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
    this.#picture.forgetTaken(user);
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
    if (this.#isStopped) return;
    const base = this.#picture.settled(user);
    if (base !== undefined) await this.#recordBase(user, base.size === 0 ? undefined : base);
    this.#picture.noteSettled(user);
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
    return this.#options.keeping.recordBase(this.#options.link.room, user, base);
  }

  async #put(user: BareJid, { id, title }: TitledHat): Promise<void> {
    const shown = (await this.#catalogue?.provide(id, title)) ?? title;
    if (this.#isStopped) return;
    await this.#options.commands.assign(user, id, title);
    this.#picture.put(user, id, shown);
  }

  async #take(user: BareJid, id: HatId): Promise<void> {
    await this.#options.commands.unassign(user, id);
    this.#welcome(this.#picture.take(user, id));
    if (this.#picture.shown(user).size === 0) this.#wearers.rouse();
    if (this.#catalogue?.isRetired(id)) this.#hats.add(id);
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
      if (!isAnswer(error) && !(error instanceof HatsError)) this.#doubt(error);
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
