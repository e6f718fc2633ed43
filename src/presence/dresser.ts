/**
 * What makes a room show the desk's hats, in whichever way: the room's own commands, or the bot's own presence.
 *
 * One lives from the moment the bot knows how the room wants it until the bot leaves or the room wants it otherwise.
 */
import type { Change } from "../core/change.ts";
import type { Desk } from "../desk/desk.ts";

/** The ways in which a room's presence shows hats. */
export const DIALECTS = ["xep-0317", "prosody-hats", "own-presence"] as const;

/** How a room shows hats; `off` where the configuration says that it shall not. */
export type Dialect = (typeof DIALECTS)[number] | "off";

/** What room presence needs of the desk. */
export type HatKeeping = Pick<Desk, "durableRoom" | "recordBase" | "on">;

/** Shows the hats of one room, from `start` to `stop`. */
export interface Dresser {
  readonly dialect: Exclude<Dialect, "off">;
  /** How many wearers or hats the room has still to be told of. */
  readonly pending: number;
  /** Why something could not be shown, for the operator; undefined where all is well. */
  readonly lastError: string | undefined;
  /** Whether the room has taken anything since the start. */
  readonly hasWorked: boolean;
  /** Finds out what differs and begins to mend it; rejects where the room cannot be asked. */
  start(): Promise<void>;
  /** Something in the desk changed. */
  change(changes: readonly Change[]): void;
  /** Something in the room's configuration changed; rejects where the room cannot be asked. */
  recheck(): Promise<void>;
  /** Sends nothing more. */
  stop(): void;
}
