/**
 * What can be said in a chat, and which command it runs.
 *
 * Words stand in the phrases of each language; here are their keys. `slots` are the fields that may follow a verb in one
 * line, in the order in which the forms ask for them.
 */

/** One verb. */
export interface Verb {
  /** The key of its words. */
  readonly words: string;
  /** The key of what may follow it, for the help; absent where nothing may. */
  readonly usage?: string;
  readonly node: string;
  /** Another command, where something follows the verb. */
  readonly nodeWithWords?: string;
  readonly slots: readonly string[];
  /** Whether it is done without asking for what may be left out. */
  readonly isBrief?: boolean;
  /** Whether it asks for what may be left out even where a line fills all slots, since there is little in them. */
  readonly asksOn?: boolean;
  /** Whether a title that no hat has makes a hat. */
  readonly makesHats?: boolean;
}

/** All verbs, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    words: "chat-verb-give",
    usage: "chat-usage-who-hat",
    node: "add-user-hat",
    slots: ["user", "hat"],
    makesHats: true,
  },
  {
    words: "chat-verb-take",
    usage: "chat-usage-who-hat",
    node: "remove-user-hat",
    slots: ["user", "hat"],
  },
  {
    words: "chat-verb-set",
    usage: "chat-usage-who-hats",
    node: "set-user-hats",
    slots: ["user", "hats"],
  },
  {
    words: "chat-verb-who",
    usage: "chat-usage-who",
    node: "list-room-hats",
    nodeWithWords: "list-user-hats",
    slots: ["user"],
  },
  { words: "chat-verb-hats", node: "list-hats", slots: [] },
  { words: "chat-verb-my", usage: "chat-usage-hats", node: "my-hats", slots: ["shown-hats"] },
  {
    words: "chat-verb-define",
    usage: "chat-usage-title",
    node: "define-hat",
    slots: ["hat"],
    asksOn: true,
    makesHats: true,
  },
  { words: "chat-verb-retire", usage: "chat-usage-hat", node: "retire-hat", slots: ["hat"] },
  {
    words: "chat-verb-delegate",
    usage: "chat-usage-hat",
    node: "delegate-hat",
    slots: ["hat"],
    asksOn: true,
  },
  {
    words: "chat-verb-history",
    usage: "chat-usage-who",
    node: "hat-history",
    slots: ["user"],
    isBrief: true,
  },
  { words: "chat-verb-undo", usage: "chat-usage-number", node: "undo", slots: ["id"] },
  { words: "chat-verb-status", node: "desk-status", slots: [] },
];

/** What can be said besides, each with the key of its words. */
export const SIGNALS = {
  help: "chat-word-help",
  room: "chat-word-room",
  cancel: "chat-word-cancel",
  back: "chat-word-back",
  yes: "chat-word-yes",
  no: "chat-word-no",
  none: "chat-word-none",
  rest: "chat-word-rest",
  keep: "chat-word-keep",
} as const;

export type Signal = keyof typeof SIGNALS;

/** The key of what stands between a hat and how long it is worn. */
export const TIME_WORDS = "chat-word-time";

/** The key of what may stand between the names of several people or hats, in place of a comma. */
export const AND_WORDS = "chat-word-and";

/** The signals that mean something when nothing is under way. */
export const OPENING_SIGNALS: readonly Signal[] = ["help", "room", "cancel", "back"];

/** Fields whose choices are among those of another field of the same form. */
export const PART_OF: ReadonlyMap<string, string> = new Map([
  ["hidden-hats", "hats"],
  ["required-hats", "hats"],
]);
