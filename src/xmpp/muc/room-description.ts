/**
 * What a room says of itself: XEP-0045 1.35, section 6.4, and the status codes by which it tells that this is otherwise
 * from now on (sections 10.2.1 and 15.6).
 */
import { buildDiscoQuery } from "../../stanza/disco.ts";
import { STATUS } from "../../stanza/muc-presence.ts";
import { parseRoomTraits, type RoomTraits } from "../../stanza/muc-room.ts";
import { NS_DISCO_INFO } from "../../stanza/namespaces.ts";
import type { Element } from "../../stanza/xml.ts";
import { refusal, refusalFromQuestion, type RoomRefusal } from "./room-refusal.ts";

const CONFIGURED: readonly number[] = [
  STATUS.configurationChanged,
  STATUS.loggingOn,
  STATUS.loggingOff,
  STATUS.nowNonAnonymous,
  STATUS.nowSemiAnonymous,
  STATUS.nowFullyAnonymous,
];

/** Whether the room's configuration is another one. */
export function tellsOfConfiguration(statuses: ReadonlySet<number>): boolean {
  return CONFIGURED.some((status) => statuses.has(status));
}

export class RoomDescription {
  readonly #ask: (type: "get", payload: Element) => Promise<Element>;
  #isReading = false;
  #isOutdated = false;
  #traits: RoomTraits = { isNonAnonymous: false, hasOccupantIds: false, lang: "" };

  constructor(ask: (type: "get", payload: Element) => Promise<Element>) {
    this.#ask = ask;
  }

  /** What is known; nothing special before the room was asked. */
  get traits(): RoomTraits {
    return this.#traits;
  }

  /** Asks the room what it is, or says why that is not known. */
  async read(): Promise<RoomRefusal | undefined> {
    try {
      const traits = parseRoomTraits(await this.#ask("get", buildDiscoQuery(NS_DISCO_INFO)));
      if (traits === undefined) return refusal("not-a-room");
      /* What was told behind the answer is heard before it is taken, and asked about anew. */
      if (!this.#isOutdated) this.#traits = traits;
      return undefined;
    } catch (error) {
      return refusalFromQuestion(error);
    }
  }

  /** Asks the room once more, a question at a time: of many changes it tells one by one. */
  async readAgain(): Promise<void> {
    this.#isOutdated = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isOutdated) {
      this.#isOutdated = false;
      await this.read();
    }
    this.#isReading = false;
  }

  /** Takes what the codes themselves tell, before the room is asked again; says whether real JIDs are shown by now. */
  change(statuses: ReadonlySet<number>): boolean {
    const isOpen = statuses.has(STATUS.nowNonAnonymous);
    const isClosed = statuses.has(STATUS.nowSemiAnonymous) || statuses.has(STATUS.nowFullyAnonymous);
    if (isOpen || isClosed) this.#traits = { ...this.#traits, isNonAnonymous: isOpen };
    return isOpen;
  }
}
