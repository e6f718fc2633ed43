/** What one person sees of others' hats in the presence of rooms. */
import type { Element } from "../../src/stanza/xml.ts";
import type { TestClient } from "../../src/testing/index.ts";
import { type Dialect, HATS_VIEWS, type HatsView } from "./conversation-dialects.ts";

/** Whose hats are looked at, and who tells them where the room does not. */
export interface Sight {
  readonly roomJid: string;
  readonly nick: string;
  readonly botNick: string;
}

/** The eyes of one person. */
export class HatsSeen {
  readonly #view: HatsView;
  readonly #client: TestClient;
  readonly #take: (presence: Element) => void;
  /* The last presence that told of hats, by whose it was. */
  readonly #last = new Map<string, Element>();
  /* What was last waited for and seen of each wearer. */
  readonly #confirmed = new Map<string, string>();

  /** `take` is told of every presence that was looked at. */
  constructor(dialect: Dialect, client: TestClient, take: (presence: Element) => void) {
    this.#view = HATS_VIEWS[dialect];
    this.#client = client;
    this.#take = take;
  }

  /**
   * Waits until somebody is seen with exactly these hats, looking at the presences up to that one.
   *
   * @throws Error when a presence repeats what was seen before: nothing is to be sent when nothing changed
   */
  async waitFor(sight: Sight, titles: readonly string[]): Promise<void> {
    const wearer = `${sight.roomJid}/${sight.nick}`;
    const teller = this.#view.isInWearersPresence ? wearer : `${sight.roomJid}/${sight.botNick}`;
    const wanted = titles.toSorted().join(", ");
    const shown: string[] = [];
    // The bot tells of everybody at once, so what is waited for may have been told with somebody else's hats.
    while (this.#told(teller, sight.nick) !== wanted || this.#confirmed.get(wearer) === wanted) {
      const presence = await this.#next(teller, shown);
      this.#look(teller, presence, sight.nick);
      shown.push(this.#view.read(presence, sight.nick).join(", "));
      this.#confirmed.delete(wearer);
    }
    this.#confirmed.set(wearer, wanted);
  }

  /** Takes in the presence by which somebody saw that they came; the room may show their hats in that one. */
  lookAtOwn({ roomJid, nick }: Sight, presence: Element): void {
    if (this.#view.isInWearersPresence) this.#last.set(`${roomJid}/${nick}`, presence);
  }

  /** Somebody has come anew, and is shown anew. */
  forget({ roomJid, nick }: Sight): void {
    const wearer = `${roomJid}/${nick}`;
    this.#confirmed.delete(wearer);
    this.#last.delete(wearer);
  }

  #told(teller: string, nick: string): string | undefined {
    const last = this.#last.get(teller);
    return last && this.#view.read(last, nick).join(", ");
  }

  async #next(teller: string, shown: readonly string[]): Promise<Element> {
    const isToldBy = ({ name, attrs }: Element): boolean =>
      name === "presence" && attrs["from"] === teller && attrs["type"] === undefined;
    try {
      return await this.#client.next(isToldBy);
    } catch (cause) {
      const hats = shown.map((one) => one || "none").join("; then ");
      throw new Error(hats === "" ? "no presence came" : `the hats were: ${hats}`, { cause });
    }
  }

  #look(teller: string, presence: Element, nick: string): void {
    const before = this.#last.get(teller);
    this.#last.set(teller, presence);
    this.#take(presence);
    if (before === undefined) return;
    const isSame = this.#view.isInWearersPresence
      ? this.#view.read(before, nick).join() === this.#view.read(presence, nick).join()
      : String(before) === String(presence);
    if (isSame) throw new Error(`a presence came that shows nothing new: ${String(presence)}`);
  }
}
