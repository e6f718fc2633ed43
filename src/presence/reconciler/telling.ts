/**
 * Tells a room what it should show, wearer by wearer and hat by hat.
 *
 * A wearer or a hat is only marked; what is told is computed when its turn comes. Nothing is put before that is noted
 * durably (difference.ts). Leaves out how it is known what the room shows: picture.ts, catalogue.ts, reconciler.ts. A
 * little long because what fails with one wearer decides about the others.
 */
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { HatsError } from "../../core/errors.ts";
import type { Base, HatId } from "../../core/model.ts";
import type { TitledHat } from "../../core/titles.ts";
import type { Catalogue } from "./catalogue.ts";
import type { WearerDifference } from "../picture/difference.ts";
import type { HatKeeping } from "../dresser.ts";
import { heaviest, isAnswer, isFinal, isSameAnswer } from "./failure.ts";
import type { Gate } from "./gate.ts";
import type { Picture } from "../picture/picture.ts";
import type { RoomCommands } from "../dialects/room-commands.ts";
import type { Timing } from "../timing.ts";
import { type Verdict, WorkQueue } from "./work-queue.ts";

/** How many wearers' bases are announced at the same time. */
const ANNOUNCING = 1_024;

/** How many hats are tended at the same time. */
const TENDING = 32;

/**
 * How long after a change a wearer's base is settled. Until then nobody takes it for granted that the room still has
 * what it was told: a server that crashes may lose its last seconds, and nobody has used the room's commands then.
 */
const SETTLE_MS = 10_000;

/** What telling works with. */
export interface TellingOptions {
  readonly room: RoomJid;
  readonly commands: RoomCommands;
  readonly keeping: HatKeeping;
  readonly timing: Timing;
  readonly picture: Picture;
  readonly catalogue: Catalogue | undefined;
  /** Lets through as many wearers as the room is told of at the same time. */
  readonly gate: Gate;
  /** The room refused something in a way that may mean that its commands are gone. */
  readonly onRefused: () => void;
  /** It is unknown what the room did; nothing more is told. */
  readonly onDoubt: (error: unknown) => void;
}

/** What the room is told of one wearer, one command each. */
type Told = () => Promise<unknown>;

/** Tells one room. */
export class Telling {
  hasWorked = false;
  readonly #options: TellingOptions;
  readonly #wearers: WorkQueue<BareJid>;
  readonly #hats: WorkQueue<HatId>;
  /* When the room was last told of somebody, the longest ago first. */
  readonly #unsettled = new Map<BareJid, number>();
  /* With a hat that the room shows though it has taken it; undefined where it is one that it has and does not show. */
  readonly #toRemind = new Map<BareJid, HatId | undefined>();
  #callOff: (() => void) | undefined;
  #isStopped = false;

  constructor(options: TellingOptions) {
    this.#options = options;
    const judge = (error: unknown, before: unknown): Verdict => this.#judge(error, before);
    const { timing } = options;
    this.#wearers = new WorkQueue({ window: ANNOUNCING, run: (user) => this.#dress(user), judge }, timing);
    this.#hats = new WorkQueue({ window: TENDING, run: (hat) => this.#tend(hat), judge }, timing);
  }

  /** How many wearers and hats the room has still to be told of. */
  get pending(): number {
    return this.#wearers.size + this.#hats.size;
  }

  /** Why something could not be told; undefined where all could. */
  get lastError(): unknown {
    return this.#wearers.lastError ?? this.#hats.lastError;
  }

  /** Whether what the room shows of somebody may change at any moment. */
  isAbout(user: BareJid): boolean {
    return this.#wearers.isBusy(user) || !this.#hats.isIdle;
  }

  /** Something about a wearer changed. */
  touchWearer(user: BareJid): void {
    this.#wearers.add(user);
    this.#welcome(this.#options.picture.makePlace(user));
  }

  /**
   * The room does not show what it has of a wearer: says one of it again, so that it does; or, where the room has taken
   * all, takes `gone` again.
   */
  remind(user: BareJid, gone?: HatId): void {
    this.#toRemind.set(user, gone);
    this.#wearers.add(user);
  }

  /** Something about a hat changed; `wearers` show it. */
  touchHat(hat: HatId, wearers: Iterable<BareJid>): void {
    if (this.#options.catalogue?.isOutdated(hat)) this.#hats.add(hat);
    if (this.#options.commands.titles === "wearer") for (const user of wearers) this.#wearers.add(user);
  }

  /** Looks at all; what failed goes on waiting for its turn, unless the room is another than it was. */
  touchAll(isChanged: boolean): void {
    const { catalogue, picture } = this.#options;
    for (const hat of catalogue?.outdated() ?? [])
      if (isChanged || !this.#hats.hasFailed(hat)) this.#hats.add(hat);
    for (const user of picture.outdated())
      if (isChanged || !this.#wearers.hasFailed(user)) this.#wearers.add(user);
  }

  /** Settles at once what the room has answered; what cannot be written now stays announced. */
  async settleNow(): Promise<void> {
    const settled = [...this.#unsettled.keys()].filter((user) => !this.#wearers.isBusy(user));
    await Promise.allSettled(settled.map((user) => this.#settle(user)));
  }

  /** Tells nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
    this.#wearers.stop();
    this.#hats.stop();
  }

  #welcome(next: BareJid | undefined): void {
    if (next !== undefined) this.#wearers.add(next);
  }

  /* A retired hat is destroyed once nobody wears it: ejabberd would not tell who wears no other. */
  async #tend(hat: HatId): Promise<void> {
    const { catalogue } = this.#options;
    if (!catalogue?.isOutdated(hat)) return;
    if (!catalogue.isRetired(hat)) {
      await this.#options.gate.pass(() => this.#tell(() => catalogue.provide(hat)));
      return;
    }
    await this.#options.gate.alone(async () => {
      if (catalogue.isRetired(hat) && !this.#options.picture.isWorn(hat))
        await this.#tell(() => catalogue.destroy(hat));
    });
  }

  /* Bases are announced ahead of the gate, so that those of many wearers share one write. */
  async #dress(user: BareJid): Promise<void> {
    let isDone = false;
    while (!isDone && !this.#isStopped) {
      await this.#announce(user);
      isDone = await this.#options.gate.pass(() => this.#tellAbout(user));
    }
  }

  /* Writing the base takes a while, in which all may change. */
  async #announce(user: BareJid): Promise<void> {
    for (;;) {
      const base = this.#options.picture.announced(user);
      if (base === undefined) return;
      await this.#recordBase(user, base);
    }
  }

  /* Says whether it could: not where something came to be put that is not announced. */
  async #tellAbout(user: BareJid): Promise<boolean> {
    if (this.#isStopped || this.#options.picture.announced(user) !== undefined) return false;
    this.#options.picture.forgetTaken(user);
    const { put, take } = this.#due(user);
    const notTaken = await this.#tellAll(take.map((id) => () => this.#take(user, id)));
    const notPut = await this.#tellAll(put.map((hat) => () => this.#put(user, hat)));
    const errors = [...notTaken, ...notPut];
    /* Whoever rests at the room's limit may fit now; not before the wearer has put what takes the place. */
    for (let free = take.length - notTaken.length; free > 0; free -= 1) this.#wearers.rouse();
    const isTold = put.length + take.length > 0;
    if (errors.length === 0 && (isTold || this.#unsettled.has(user))) {
      if (isTold) this.#settleLater(user);
      return true;
    }
    this.#unsettled.delete(user);
    await this.#settle(user);
    if (errors.length > 0) throw heaviest(errors);
    return true;
  }

  /* Whatever changes for a wearer has the room show all they have. */
  #due(user: BareJid): Pick<WearerDifference, "put" | "take"> {
    const { picture } = this.#options;
    const { put, take } = picture.difference(user);
    const gone = this.#toRemind.get(user);
    if (!this.#toRemind.delete(user) || put.length + take.length > 0) return { put, take };
    if (gone === undefined) return { put: picture.asShown(user).slice(0, 1), take };
    return { put, take: picture.shown(user).has(gone) ? [] : [gone] };
  }

  /* After a stop the answers that are missing may still change the room, so the base stays as announced. */
  async #settle(user: BareJid): Promise<void> {
    if (this.#isStopped) return;
    const base = this.#options.picture.settled(user);
    if (base !== undefined) await this.#recordBase(user, base.size === 0 ? undefined : base);
    this.#options.picture.noteSettled(user);
  }

  /* A base that was announced is safe, so a busy wearer's is settled once and not after each change. */
  #settleLater(user: BareJid): void {
    if (this.#isStopped) return;
    this.#unsettled.delete(user);
    this.#unsettled.set(user, this.#options.timing.clock.now());
    this.#settleInTime();
  }

  /* Many at a time, so that they share a write; so it may take twice as long. */
  #settleInTime(): void {
    const { clock } = this.#options.timing;
    this.#callOff ??= clock.after(SETTLE_MS, () => {
      this.#callOff = undefined;
      for (const [user, toldAt] of this.#unsettled) {
        if (toldAt > clock.now() - SETTLE_MS) return this.#settleInTime();
        this.#unsettled.delete(user);
        this.#wearers.add(user);
      }
    });
  }

  #recordBase(user: BareJid, base: Base | undefined): Promise<void> {
    return this.#options.keeping.recordBase(this.#options.room, user, base);
  }

  async #put(user: BareJid, { id, title }: TitledHat): Promise<void> {
    const shown = (await this.#options.catalogue?.provide(id, title)) ?? title;
    if (this.#isStopped) return;
    await this.#options.commands.assign(user, id, title);
    this.#options.picture.put(user, id, shown);
  }

  async #take(user: BareJid, id: HatId): Promise<void> {
    await this.#options.commands.unassign(user, id);
    this.#welcome(this.#options.picture.take(user, id));
    if (this.#options.catalogue?.isRetired(id)) this.#hats.add(id);
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

  /* What was refused in this way before says nothing new of the room's commands. */
  #judge(error: unknown, before: unknown): Verdict {
    if (error instanceof HatsError) return "retry";
    if (!isAnswer(error)) return "stop";
    if (isFinal(error)) return "rest";
    if (error.type !== "wait" && !isSameAnswer(error, before)) this.#options.onRefused();
    return "retry";
  }
}
