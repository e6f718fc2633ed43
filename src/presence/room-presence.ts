/**
 * One room's presence over the bot's comings and goings: finds out how the room wants it and keeps that going.
 *
 * The room is asked which commands it has on each join, when the bot's affiliation changes, when the room's
 * configuration changes, and when it refuses one in a new way. Whatever goes wrong is tried again after a growing wait; nothing of
 * it touches another room.
 */
import type { RoomShowing } from "../commands/room/room-care.ts";
import type { BaseChange, Change } from "../core/change.ts";
import { explanationOf } from "../core/errors.ts";
import type { Explanation } from "../core/explanations.ts";
import type { BareJid } from "../core/jid.ts";
import type { Log } from "../core/log.ts";
import type { Base } from "../core/model.ts";
import { retryDelay, type Timing } from "./timing.ts";
import { Crossings } from "./reconciler/crossings.ts";
import { findDialect, speakDialect } from "./dialects/dialect.ts";
import { type Dialect, type Dresser, type HatKeeping, SHOWN, type UnshownHat } from "./dresser.ts";
import { OwnPresence } from "./own-presence.ts";
import type { PacedLink, Paces } from "./paces.ts";
import { PresenceWatch } from "./reconciler/presence-watch.ts";
import { Reconciler } from "./reconciler/reconciler.ts";
import type { RoomLink } from "./room-link.ts";

/** What the configuration says of a room: find out, the bot's own presence only, or nothing at all. */
export type PresenceMode = "auto" | "own" | "off";

/** How a room's presence stands. */
export interface RoomPresenceStatus {
  /** Undefined while the bot is not in the room or does not know yet. */
  readonly dialect: Dialect | undefined;
  /** How many wearers or hats the room has still to be told of. */
  readonly pending: number;
  /** How many hats the room shows that somebody else gave and that the desk cannot take over. */
  readonly drift: number;
  /** The hats of the desk's that the room has no place for. */
  readonly unshown: readonly UnshownHat[];
  /** Why something could not be shown, for the operator; undefined where all is well. */
  readonly lastError: Explanation | undefined;
}

/** What all rooms share. */
export interface PresenceOptions {
  readonly keeping: HatKeeping;
  readonly timing: Timing;
  readonly log: Log;
}

/* A room says that its configuration changed for every hat that is created, so it is not asked each time. */
const CHECK_REST_MS = 2_000;

/* A stream that was only interrupted brings no join that would end the wait. */
const LONGEST_WAIT_MS = 60_000;

/** The presence of one room. */
export class RoomPresence {
  readonly #link: RoomLink;
  readonly #mode: PresenceMode;
  readonly #options: PresenceOptions;
  readonly #paces: Paces;
  #paced: PacedLink;
  /** Only where there may be a list of the room's to compare with. */
  readonly #watch: PresenceWatch | undefined;
  readonly #crossings = new Crossings();
  #dresser: Dresser | undefined;
  #error: Explanation | undefined;
  #failures = 0;
  /** Counts joins and leaves: whatever began in another one is over. */
  #stay = 0;
  #callOff: (() => void) | undefined;
  #isChecking = false;
  #isCheckWanted = false;

  constructor(link: RoomLink, mode: PresenceMode, options: PresenceOptions, paces: Paces) {
    this.#link = link;
    this.#mode = mode;
    this.#options = options;
    this.#paces = paces;
    this.#paced = paces.requests.asking(link);
    this.#watch = mode === "auto" ? new PresenceWatch(link, options.timing.clock) : undefined;
    if (mode === "off") return;
    link.on("joined", this.#begin);
    link.on("left", this.#end);
    link.on("resumed", this.#hurry);
    link.on("own-affiliation", this.#checkNow);
    link.on("configuration", this.#checkSoon);
    if (link.isJoined) this.#begin();
  }

  /** How things stand now. */
  get status(): RoomPresenceStatus {
    return {
      dialect: this.#mode === "off" ? "off" : this.#dresser?.dialect,
      pending: this.#dresser?.pending ?? 0,
      drift: this.#dresser?.drift ?? 0,
      unshown: this.#dresser?.unshown ?? [],
      lastError: this.#error ?? this.#dresser?.lastError,
    };
  }

  /** What the room does not show of somebody's hats, or will not; all is shown where that is not known. */
  showing(user: BareJid): RoomShowing {
    return this.#dresser?.showing?.(user) ?? SHOWN;
  }

  /** Of these people, those whose hats somebody changed by the room's own commands too; each is told once. */
  tellCrossed(users: readonly BareJid[]): readonly BareJid[] {
    return this.#dresser?.tellCrossed?.(users) ?? [];
  }

  /** What is to be noted together with changes that are about to become durable. */
  attend(changes: readonly Change[], baseOf: (user: BareJid) => Base | undefined): readonly BaseChange[] {
    return this.#dresser?.attend?.(changes, baseOf) ?? [];
  }

  /** Something in the desk changed in this room. */
  change(changes: readonly Change[]): void {
    this.#dresser?.change(changes);
  }

  /** Notes at once what the room is known to show. */
  async settle(): Promise<void> {
    await this.#dresser?.settle?.();
  }

  /** Lets go of the room, which keeps showing what it shows itself. */
  close(): void {
    this.#link.off("joined", this.#begin);
    this.#link.off("left", this.#end);
    this.#link.off("resumed", this.#hurry);
    this.#link.off("own-affiliation", this.#checkNow);
    this.#link.off("configuration", this.#checkSoon);
    this.#end();
    this.#watch?.close();
  }

  readonly #begin = (): void => {
    this.#end();
    this.#checkNow();
  };

  readonly #end = (): void => {
    this.#stay += 1;
    this.#isCheckWanted = false;
    this.#failures = 0;
    this.#error = undefined;
    this.#undress();
    this.#watch?.clear();
    this.#crossings.clear();
    this.#forgetTimer();
  };

  readonly #checkNow = (): void => {
    if (!this.#link.isJoined) return;
    this.#isCheckWanted = true;
    this.#forgetTimer();
    if (!this.#isChecking) void this.#checkWhileWanted();
  };

  /* What failed while the stream was interrupted need not wait for its time. */
  readonly #hurry = (): void => {
    if (this.#callOff !== undefined) this.#checkNow();
  };

  readonly #checkSoon = (): void => {
    if (this.#callOff === undefined) this.#checkAfter(CHECK_REST_MS);
  };

  #checkAfter(delayMs: number): void {
    this.#forgetTimer();
    this.#callOff = this.#options.timing.clock.after(delayMs, this.#checkNow);
  }

  async #checkWhileWanted(): Promise<void> {
    this.#isChecking = true;
    while (this.#isCheckWanted) {
      this.#isCheckWanted = false;
      const stay = this.#stay;
      try {
        await this.#check(stay);
        if (stay === this.#stay) this.#error = undefined;
      } catch (error) {
        if (stay === this.#stay) this.#retry(error);
      }
    }
    this.#isChecking = false;
  }

  async #check(stay: number): Promise<void> {
    const dialect = (this.#mode === "own" ? undefined : await findDialect(this.#paced)) ?? "own-presence";
    if (stay !== this.#stay) return;
    if (this.#dresser?.dialect === dialect) return this.#dresser.recheck();
    this.#undress();
    const dresser = this.#makeDresser(dialect);
    this.#dresser = dresser;
    await dresser.start();
    this.#options.log.info({ room: this.#link.room, dialect }, "room presence");
  }

  #makeDresser(dialect: Dresser["dialect"]): Dresser {
    const { keeping, timing, log } = this.#options;
    if (dialect === "own-presence" || this.#watch === undefined)
      return new OwnPresence(this.#link, keeping, timing, this.#paces.payloads);
    return new Reconciler({
      link: this.#link,
      watch: this.#watch,
      crossings: this.#crossings,
      commands: speakDialect(dialect, this.#paced),
      keeping,
      timing,
      log,
      onRefused: this.#checkSoon,
      onDoubt: (error) => this.#retry(error),
    });
  }

  /* Begins anew after a wait: what the room shows is read again. */
  #retry(error: unknown): void {
    if (this.#dresser?.hasWorked) this.#failures = 0;
    this.#failures += 1;
    this.#error = explanationOf(error);
    this.#logFailure(error);
    this.#undress();
    this.#checkAfter(retryDelay(this.#failures, this.#options.timing.random, LONGEST_WAIT_MS));
  }

  /* A stream that is interrupted fails every room again and again, which is no news of any. */
  #logFailure(error: unknown): void {
    const { log } = this.#options;
    const { room, isInterrupted } = this.#link;
    if (isInterrupted !== true) log.warn({ room, err: error }, "room presence: will be tried again");
    else if (this.#failures === 1) log.info({ room }, "room presence: waits for the stream");
  }

  #undress(): void {
    this.#dresser?.stop();
    this.#dresser = undefined;
    this.#paced.close();
    this.#paced = this.#paces.requests.asking(this.#link);
  }

  #forgetTimer(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }
}
