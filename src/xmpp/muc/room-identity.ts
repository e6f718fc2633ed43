/** One room's identity over time: what the bot remembers of it, kept in step with what happens. */
import type { RoomJid } from "../../core/jid.ts";
import { type Recognition, recognise, type RoomMark, type RoomMemory } from "./room-memory.ts";
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

export class RoomIdentity {
  readonly #room: RoomJid;
  readonly #memory: RoomMemory;

  constructor(room: RoomJid, memory: RoomMemory) {
    this.#room = room;
    this.#memory = memory;
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

  /** Whatever room has this address is one to begin anew with. */
  forget(): void {
    this.#memory.keep(this.#room, undefined);
  }

  /** The bot is not in, for a reason that may tell of the room. */
  learn(code: RoomRefusalCode): void {
    const taught = TAUGHT[code];
    const mark = this.#mark ?? (taught?.replaced === undefined ? undefined : UNSEEN);
    if (taught === undefined || mark === undefined) return;
    this.#memory.keep(this.#room, { ...mark, ...taught, ...firstReason(mark) });
  }

  /** Resolves when what is remembered is as safe as it gets. */
  saved(): Promise<void> {
    return this.#memory.flush();
  }

  get #mark(): RoomMark | undefined {
    return this.#memory.recall(this.#room);
  }
}

/* A room is gone once. */
function firstReason({ replaced }: RoomMark): Partial<RoomMark> {
  return replaced === undefined ? {} : { replaced };
}
