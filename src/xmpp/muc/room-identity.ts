/**
 * One room's identity over time: what the bot remembers of it, kept in step with what happens, and what becomes of what
 * the desk has when another room takes its address.
 */
import type { RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import {
  type Recognition,
  recognise,
  type Replacement,
  type RoomMark,
  type RoomMemory,
} from "./room-memory.ts";
import type { RoomRefusalCode } from "./room-refusal.ts";

/* What is remembered of a room that nobody has seen. */
const UNSEEN: RoomMark = { ownId: undefined, ownAffiliation: "none" };

/* What being put out says of the room, or of the bot in it. */
const TAUGHT: Readonly<Partial<Record<RoomRefusalCode, Partial<RoomMark>>>> = {
  "no-such-room": { wasMissing: true },
  created: { replaced: "created" },
  destroyed: { replaced: "destroyed" },
  removed: { ownAffiliation: "none" },
  banned: { ownAffiliation: "outcast" },
};

/** Puts aside what the desk has of a room whose address another one has taken; resolves once that is durable. */
export type Archiving = (room: RoomJid, why: Replacement | "forgotten") => Promise<unknown>;

export interface RoomIdentityOptions {
  readonly room: RoomJid;
  readonly memory: RoomMemory;
  readonly archive: Archiving;
  readonly log: Log;
}

export class RoomIdentity {
  readonly #room: RoomJid;
  readonly #memory: RoomMemory;
  readonly #archive: Archiving;
  readonly #log: Log;

  constructor({ room, memory, archive, log }: RoomIdentityOptions) {
    this.#room = room;
    this.#memory = memory;
    this.#archive = archive;
    this.#log = log;
  }

  /** Whether it may be another room, which a config admin has to say. */
  get isDoubted(): boolean {
    return this.#mark?.isDoubted === true;
  }

  /** Says whether the room that the bot is in now is the one that is remembered. */
  recognise(now: RoomMark): Recognition {
    return recognise(this.#mark, now);
  }

  /** The room that the bot is in now is the one to remember. */
  keep(now: RoomMark): void {
    this.#memory.keep(this.#room, now);
  }

  /** The room may be another one. */
  doubt(): void {
    this.#memory.keep(this.#room, { ...(this.#mark ?? UNSEEN), isDoubted: true });
  }

  /**
   * Another room has the address: says whether what the desk has could be archived and the room be remembered, so that it
   * may be served.
   *
   * The archive is durable before the room is remembered, and that before anybody is served: a crash in between archives
   * once more, which finds nothing, and never what belongs to the new room.
   */
  async replace(why: Replacement, now: RoomMark): Promise<boolean> {
    try {
      await this.#archive(this.#room, why);
    } catch (error) {
      this.#log.error({ room: this.#room, err: error }, "the hats of an earlier room could not be archived");
      return false;
    }
    const before = this.#mark;
    this.keep(now);
    if (!(await this.#memory.flush())) {
      /* The next attempt is to find another room here, too. */
      this.#memory.keep(this.#room, before);
      this.#log.error(
        { room: this.#room },
        "the room that took an earlier one's address could not be remembered",
      );
      return false;
    }
    this.#log.warn({ room: this.#room, why }, "another room has this address; the earlier one is archived");
    return true;
  }

  /**
   * The doubt is over: it is the same room, or another one, and then what the desk has is archived.
   *
   * @throws HatsError store-unwritable, outcome-unknown
   */
  async settle(isSameRoom: boolean): Promise<void> {
    if (!isSameRoom) await this.#archive(this.#room, "forgotten");
    this.#memory.keep(this.#room, undefined);
    await this.#memory.flush();
  }

  /** The bot is not in, for a reason that may tell of the room. */
  learn(code: RoomRefusalCode): void {
    const taught = TAUGHT[code];
    const mark = this.#mark ?? (taught?.replaced === undefined ? undefined : UNSEEN);
    if (taught === undefined || mark === undefined) return;
    this.#memory.keep(this.#room, { ...mark, ...taught, ...firstReason(mark) });
  }

  get #mark(): RoomMark | undefined {
    return this.#memory.recall(this.#room);
  }
}

/* A room is gone once. */
function firstReason({ replaced }: RoomMark): Partial<RoomMark> {
  return replaced === undefined ? {} : { replaced };
}
