/**
 * Whose hats were changed in the desk and by the room's own commands at once, until somebody has been told.
 *
 * Whoever changes somebody's hats in the desk hears of it in the note: at once where the room shows by then what nobody of
 * the desk's gave, else in the next note on that person, once the room's list has proved it. Leaves out what is merged
 * how (difference.ts).
 */
import type { BareJid } from "../../core/jid.ts";

/* More people than these at once are an outage and no news about anybody; the oldest are forgotten. */
const MOST = 1_000;

/** The crossings of one stay in a room. */
export class Crossings {
  readonly #untold = new Set<BareJid>();
  /* Told before the list proved it, and not to be told again when it does. */
  readonly #foretold = new Set<BareJid>();

  /** Desk and room were merged where both had changed. */
  merged(user: BareJid): void {
    if (this.#foretold.delete(user)) return;
    this.#untold.delete(user);
    this.#untold.add(user);
    const [oldest] = this.#untold;
    if (oldest !== undefined && this.#untold.size > MOST) this.#untold.delete(oldest);
  }

  /** A reading and what followed from it are over, so nothing that was told before is still to come. */
  caughtUp(): void {
    this.#foretold.clear();
  }

  /** Whether it is to be told of somebody now, and then not again; `isSeen` where the room already shows it. */
  tell(user: BareJid, isSeen: boolean): boolean {
    if (this.#untold.delete(user)) return true;
    if (!isSeen || this.#foretold.has(user)) return false;
    this.#foretold.add(user);
    return true;
  }

  /** The bot is out: nothing of before is told any more. */
  clear(): void {
    this.#untold.clear();
    this.#foretold.clear();
  }
}
