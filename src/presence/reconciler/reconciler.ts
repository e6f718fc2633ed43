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
 * A little long because it is where all these parts meet.
 */
import type { RoomShowing } from "../../commands/room/room-care.ts";
import type { BaseChange, Change } from "../../core/change.ts";
import { explanationOf } from "../../core/errors.ts";
import type { Explanation } from "../../core/explanations.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import type { Base, HatId } from "../../core/model.ts";
import type { DurableRoom } from "../../desk/desk.ts";
import { Adoption } from "./adoption.ts";
import { Catalogue } from "./catalogue.ts";
import type { Crossings } from "./crossings.ts";
import type { TitledHats } from "../picture/difference.ts";
import type { Timing } from "../timing.ts";
import { type Dresser, type HatKeeping, SHOWN, type UnshownHat } from "../dresser.ts";
import { Gate } from "./gate.ts";
import { Picture } from "../picture/picture.ts";
import type { PresenceWatch } from "./presence-watch.ts";
import { Readings } from "./readings.ts";
import type { Assigned, RoomCommands } from "../dialects/room-commands.ts";
import type { RoomLink } from "../room-link.ts";
import { Telling } from "./telling.ts";

/**
 * How many wearers are told to one room at the same time. A room works through its commands one after the other, so
 * this only has to cover the way there and back.
 */
const WINDOW = 32;

const NOBODY: Assigned["hats"] = new Map();

/** What a reconciler works with. */
export interface ReconcilerOptions {
  readonly link: RoomLink;
  readonly watch: PresenceWatch;
  readonly crossings: Crossings;
  readonly commands: RoomCommands;
  readonly keeping: HatKeeping;
  readonly timing: Timing;
  readonly log: Log;
  /** The room refused something in a way that may mean that its commands are gone. */
  readonly onRefused: () => void;
  /** It is unknown what the room did; the reconciler has stopped. */
  readonly onDoubt: (error: unknown) => void;
}

/** Dresses one room by its own commands. */
export class Reconciler implements Dresser {
  readonly dialect: RoomCommands["dialect"];
  readonly #options: ReconcilerOptions;
  readonly #catalogue: Catalogue | undefined;
  readonly #telling: Telling;
  readonly #picture: Picture;
  readonly #adoption: Adoption;
  readonly #readings: Readings;
  readonly #gate = new Gate(WINDOW);
  #isCatalogueDue = false;
  #isStarted = false;
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    const { commands, timing, link, keeping } = options;
    this.#options = options;
    this.dialect = commands.dialect;
    const kept = (): DurableRoom => keeping.durableRoom(link.room);
    const keep = (key: BareJid, mark: Base | undefined): Promise<void> =>
      keeping.recordBase(link.room, key, mark);
    const catalogue = commands.catalogue && new Catalogue({ commands: commands.catalogue, kept, keep });
    const picture = new Picture(kept, commands.titles);
    this.#catalogue = catalogue;
    this.#picture = picture;
    this.#telling = new Telling({
      ...options,
      room: link.room,
      picture,
      catalogue,
      gate: this.#gate,
      onDoubt: (error) => this.#doubt(error),
    });
    this.#adoption = new Adoption({ ...options, room: link.room, picture, catalogue });
    this.#readings = new Readings(() => this.#readAgain(), timing);
  }

  get hasWorked(): boolean {
    return this.#telling.hasWorked;
  }

  get pending(): number {
    return this.#telling.pending + this.#adoption.pending;
  }

  get lastError(): Explanation | undefined {
    const error = this.#telling.lastError ?? this.#readings.lastError;
    return error === undefined ? undefined : explanationOf(error);
  }

  get drift(): number {
    return this.#picture.drift + (this.#catalogue?.changedByOthers().length ?? 0);
  }

  get unshown(): readonly UnshownHat[] {
    return this.#picture.allUnshown();
  }

  showing(user: BareJid): RoomShowing {
    if (!this.#isStarted) return SHOWN;
    const { hats, users } = this.#kept;
    const worn = [...(users.get(user)?.hats ?? [])];
    const own = worn.filter(([id, { active, title = "" }]) => {
      /* Where the desk's catalogue has no title, the room's may well be the wearer's. */
      const common = hats.get(id)?.title;
      return active && title !== "" && common !== undefined && title !== common;
    });
    const underCommonTitle = this.#picture.titles === "hat" ? own.map(([id]) => id) : [];
    return { unshown: this.#picture.unshown(user), underCommonTitle };
  }

  tellCrossed(users: readonly BareJid[]): readonly BareJid[] {
    const { crossings, watch } = this.#options;
    const seen = this.#isStarted ? watch.seen(users) : new Map<BareJid, readonly HatId[]>();
    return users.filter((user) => {
      const isSeen = seen.get(user)?.some((hat) => this.#picture.isGivenByOthers(user, hat)) ?? false;
      return crossings.tell(user, isSeen);
    });
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
      this.#lookOn();
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
      if (change.kind === "user") this.#telling.touchWearer(change.user);
      if (change.kind === "hat") this.#telling.touchHat(change.hat, this.#wearersOf(change.hat));
    }
  }

  /** Reads the room's lists anew: somebody may have used its commands. */
  async recheck(): Promise<void> {
    this.#isCatalogueDue = true;
    await this.#readings.now();
  }

  settle(): Promise<void> {
    return this.#telling.settleNow();
  }

  stop(): void {
    this.#isStopped = true;
    this.#readings.stop();
    if (this.#isStarted) this.#options.watch.tellNobody();
    this.#telling.stop();
  }

  get #kept(): DurableRoom {
    return this.#options.keeping.durableRoom(this.#options.link.room);
  }

  /* Nothing of ours is under way meanwhile, so whatever is not as it was left is somebody else's doing. */
  async #readAgain(): Promise<void> {
    let isChanged = false;
    let bared = NOBODY;
    await this.#gate.alone(async () => {
      const assigned = await this.#options.commands.readAssigned();
      if (this.#isStopped) return;
      if (this.#isCatalogueDue || this.#catalogue?.isBehind(assigned.hats.values())) {
        await this.#catalogue?.read();
        this.#isCatalogueDue = false;
      }
      if (this.#isStopped) return;
      bared = this.#picture.bared(assigned);
      isChanged = this.#picture.read(assigned);
      await this.#settleMarks();
    });
    if (!this.#isStopped) this.#followUp(isChanged, bared);
  }

  /* What cannot be written now is written at the next reading. */
  async #settleMarks(): Promise<void> {
    await this.#catalogue?.settle().catch(() => undefined);
  }

  #followUp(isChanged: boolean, bared = NOBODY): void {
    this.#telling.touchAll(isChanged);
    void this.#adopt(bared);
  }

  async #adopt(bared: Assigned["hats"]): Promise<void> {
    try {
      if (await this.#adoption.adoptAll()) this.#telling.touchAll(true);
    } catch (error) {
      this.#readings.failed(error);
      return;
    }
    this.#readings.worked();
    this.#options.crossings.caughtUp();
    if (this.#isStopped) return;
    this.#options.watch.explain();
    this.#showBare(bared);
  }

  /* COMPAT: ejabberd 26.07 goes on showing somebody's only hat when it is destroyed in the room. */
  #showBare(bared: Assigned["hats"]): void {
    if (this.#catalogue === undefined) return;
    for (const [user, seen] of this.#options.watch.seen([...bared.keys()])) {
      const gone = seen.find((hat) => bared.get(user)?.has(hat));
      if (gone !== undefined) this.#telling.remind(user, gone);
    }
  }

  #lookOn(): void {
    this.#options.watch.tell({
      namespace: this.#options.commands.namespace,
      expected: (user) => this.#expected(user),
      onDifference: () => this.#readings.soon(),
      onUnexplained: (user) => this.#telling.remind(user),
    });
  }

  /* What presence should show; undefined while that is about to change. */
  #expected(user: BareJid): TitledHats | undefined {
    if (this.#telling.isAbout(user) || this.#adoption.pending > 0) return undefined;
    const shown = this.#picture.shown(user);
    const catalogue = this.#catalogue;
    if (catalogue === undefined) return shown;
    const titled = [...shown.keys()].map((id) => [id, catalogue.entry(id)?.title] as const);
    return new Map(titled.filter((hat): hat is [HatId, string] => hat[1] !== undefined));
  }

  *#wearersOf(hat: HatId): Iterable<BareJid> {
    for (const [user, { hats }] of this.#kept.users) if (hats.get(hat)?.active) yield user;
  }

  #doubt(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.onDoubt(error);
  }
}
