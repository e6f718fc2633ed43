/**
 * The dialect `own-presence`: the bot's own presence carries the hats, where the room has no commands for it.
 *
 * The payload is stanza/hats.ts's. It names those present by nick and occupant-id (XEP-0421), never by real JID, and
 * only those whose real JID the room shows to the bot: hats belong to real JIDs. It goes out at most once in two
 * seconds, where there is much of them less often (paces.ts), and only when what it says has changed; who joins later gets it with the bot's
 * presence. Leaves out reading such a payload (stanza/own-hats-reader.ts): anyone in the room could have written one.
 */
import type { Change } from "../core/change.ts";
import { explanationOf } from "../core/errors.ts";
import type { Explanation } from "../core/explanations.ts";
import type { Occupant } from "../core/occupant.ts";
import { compareHats } from "../core/titles.ts";
import type { DurableRoom } from "../desk/desk.ts";
import { buildOwnHats, buildOwnWearer, type PresentWearer, type ShownHat } from "../stanza/hats.ts";
import type { Element } from "../stanza/xml.ts";
import type { PayloadPace } from "./paces.ts";
import { retryDelay, type Timing } from "./timing.ts";
import { desiredHats } from "./picture/difference.ts";
import type { Dresser, HatKeeping } from "./dresser.ts";
import type { RoomLink } from "./room-link.ts";

/** The largest payload, in bytes as sent; servers take larger stanzas, but every joiner is sent it. */
export const MAX_PAYLOAD_BYTES = 60_000;

/** The shortest time between two payloads. */
const REST_MS = 2_000;

const BLIND: Explanation = { code: "sees-no-jids" };

/** Shows a room's hats in the bot's own presence. */
export class OwnPresence implements Dresser {
  readonly dialect = "own-presence";
  hasWorked = false;
  readonly #link: RoomLink;
  readonly #keeping: HatKeeping;
  readonly #timing: Timing;
  readonly #pace: PayloadPace;
  /** As the room last got it; empty where it got none. */
  #shown = "";
  #restsUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #error: Explanation | undefined;
  #callOff: (() => void) | undefined;
  #isSending = false;
  /** Whether the room may have got a payload, so that one must be taken away. */
  #mayCarry = false;
  #isStopped = false;

  constructor(link: RoomLink, keeping: HatKeeping, timing: Timing, pace: PayloadPace) {
    this.#link = link;
    this.#keeping = keeping;
    this.#timing = timing;
    this.#pace = pace;
  }

  get pending(): number {
    return this.#isStopped || String(this.#payload() ?? "") === this.#shown ? 0 : 1;
  }

  get lastError(): Explanation | undefined {
    return this.#error ?? (seesNobody(this.#link) ? BLIND : undefined);
  }

  async start(): Promise<void> {
    for (const event of ["occupant", "occupant-left"] as const) this.#link.on(event, this.#look);
    await this.#show();
  }

  readonly change = (_changes: readonly Change[]): void => this.#look();

  async recheck(): Promise<void> {
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
    for (const event of ["occupant", "occupant-left"] as const) this.#link.off(event, this.#look);
    if (this.#mayCarry) this.#link.setOwnPayload(undefined).catch(() => undefined);
  }

  /* Has the payload looked at as soon as one may go out again. */
  readonly #look = (): void => {
    if (this.#isStopped || this.#isSending || this.#callOff !== undefined) return;
    this.#wait(Math.max(0, this.#restsUntil - this.#timing.clock.now()));
  };

  #wait(delayMs: number): void {
    this.#callOff = this.#timing.clock.after(delayMs, () => {
      this.#callOff = undefined;
      void this.#show();
    });
  }

  async #show(): Promise<void> {
    const payload = this.#payload();
    const text = String(payload ?? "");
    /* What could not be sent may still be sent, by the link, when the stream goes on. */
    if (text === this.#shown && this.#failures === 0) return;
    if (this.#pace.waitMs > 0) {
      this.#wait(this.#pace.waitMs);
      return;
    }
    this.#pace.spend(Buffer.byteLength(text));
    this.#isSending = true;
    this.#mayCarry = true;
    this.#restsUntil = this.#timing.clock.now() + REST_MS;
    try {
      await this.#link.setOwnPayload(payload);
      this.#shown = text;
      this.#failures = 0;
      this.#error = undefined;
      this.hasWorked = true;
    } catch (error) {
      this.#failures += 1;
      this.#error = explanationOf(error);
    }
    this.#isSending = false;
    if (this.#isStopped) return;
    if (this.#failures > 0) this.#wait(Math.max(REST_MS, retryDelay(this.#failures, this.#timing.random)));
    else if (this.pending > 0) this.#look();
  }

  #payload(): Element | undefined {
    return buildPayload(this.#keeping.durableRoom(this.#link.room), this.#link.occupants());
  }
}

/* For those present; undefined where nobody shows a hat. */
function buildPayload(room: DurableRoom, occupants: readonly Occupant[]): Element | undefined {
  const wearers = occupants
    .map((occupant) => presentWearer(room, occupant))
    .filter((wearer) => wearer.hats.length > 0)
    .toSorted((a, b) => (a.nick < b.nick ? -1 : 1));
  if (wearers.length === 0) return undefined;
  const fitting = fit(wearers);
  return buildOwnHats({ wearers: fitting, truncated: fitting.length < wearers.length });
}

function presentWearer(room: DurableRoom, { nick, realJid, occupantId }: Occupant): PresentWearer {
  const desired = realJid === undefined ? [] : [...desiredHats(room, realJid)];
  const hats = desired.map(([id, title]) => ({ id, title })).toSorted(compareHats);
  return {
    nick,
    ...(occupantId === undefined ? {} : { occupantId }),
    hats: hats.map(({ id, title }): ShownHat => {
      const hue = room.hats.get(id)?.hue;
      return { uri: id, title, ...(hue === undefined ? {} : { hue }) };
    }),
  };
}

/* As many wearers as there is room for, each whole. */
function fit(wearers: readonly PresentWearer[]): PresentWearer[] {
  let left = MAX_PAYLOAD_BYTES - Buffer.byteLength(String(buildOwnHats({ wearers: [], truncated: true })));
  return wearers.filter((wearer) => {
    const size = Buffer.byteLength(String(buildOwnWearer(wearer)));
    if (size > left) return false;
    left -= size;
    return true;
  });
}

/* Others are there, and of none of them is the real JID shown. */
function seesNobody(link: RoomLink): boolean {
  const others = link.occupants().filter((occupant) => occupant.nick !== link.ownNick);
  return others.length > 0 && others.every((occupant) => occupant.realJid === undefined);
}
