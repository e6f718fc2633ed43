/** How much the desk takes; each can be set by whoever opens it. */

export interface Limits {
  /** The longest title, in characters. */
  readonly titleLength: number;
  /** The longest reason, in characters. */
  readonly reasonLength: number;
  /** Hats one person may have in one room. */
  readonly hatsPerUser: number;
  /** Hats one room may know. */
  readonly hatsPerRoom: number;
  /** The longest document to be imported, in characters, all its parts together. */
  readonly documentLength: number;
}

export const DEFAULT_LIMITS: Limits = {
  titleLength: 256,
  reasonLength: 1024,
  hatsPerUser: 100,
  hatsPerRoom: 10_000,
  documentLength: 4 * 1024 * 1024,
};
