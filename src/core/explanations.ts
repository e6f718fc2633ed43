/**
 * Why something is refused, in English words, by a code that other languages know too.
 *
 * A refusal carries the code and its values, so that whoever answers can say it in the language of whoever asked
 * (forms/texts has the others); programs that embed the desk, and logs, read the English here. In a text, `{name}` is a
 * value: a name, a number, or another explanation.
 */

/** The English of every explanation by its code; the first ones are those of the refusals themselves. */
export const EXPLANATIONS = {
  forbidden: "you may not do that here",
  "no-such-room": "no such room",
  "not-affiliated": "user not affiliated with room",
  "list-unreadable": "make me an owner of this room",
  "bad-field": "a field is missing or wrong",
  "unknown-node": "no such command",
  "malformed-action": "unknown action",
  "bad-action": "that action is not offered here",
  "bad-sessionid": "unknown session",
  "session-expired": "this session has ended, start the command again",
  "too-many-sessions": "too many open sessions, finish or cancel one first",
  "desk-stopping": "the desk is about to stop, nothing changed, try again shortly",
  "room-not-ready": "the room cannot be reached now, nothing changed, try again shortly",
  "store-unwritable": "the store cannot be written, nothing changed",
  "outcome-unknown":
    "the store failed while writing, it is unknown whether this was saved; the desk needs a restart",
  internal: "something went wrong in the desk",

  "room-suspended":
    "this room is suspended, nothing changed; whoever runs the desk can say whether it is the right one",
  "store-stopped": "the store has failed, nothing changed; the desk needs a restart",
  "store-closing": "the desk is closing, nothing changed",
  "unseen-requester":
    "make me an owner of this room, I cannot see who you are; or ask me from your own address",
  "no-other-title": "only owners and admins may call a hat otherwise",
  "no-requiring": "only owners and admins may make a hat required",
  strangers: "user not affiliated with room: {users}",
  "strangers-more": "user not affiliated with room: {users} and {count} more",

  missing: "missing",
  "missing-none": "missing; an empty value means none",
  empty: "empty",
  "several-values": "more than one value",
  "given-twice": "given twice",
  "too-long": "longer than {max} characters",
  "too-many-fields": "more than {max} fields and values",
  "several-forms": "there is more than one",
  "no-such-field": "no such field; {node} has {fields}",
  "field-by-label": "no such field, it is called {name}; {node} has {fields}",
  "other-form": "not {formType}",
  "forbidden-character": "holds a forbidden character",
  "not-showable": "holds a character that cannot be shown",
  "not-a-line": "holds a line break or a character that cannot be shown",
  "not-one-of": "not one of {values}",
  "not-a-flag": "neither 1 nor 0",
  "not-a-boolean": "not true or false",
  "not-a-text": "not a text",
  "not-hats": "not an object of hat ids and attachments",
  "not-a-date": "neither a date nor never",

  "not-a-jid": "not a JID, such as bob@example.org",
  "not-a-room-jid": "not a room's JID, such as team@rooms.example.org",
  "only-this-room": "here it can only be {room}",
  "by-nick": "choose somebody who is here, by nick",
  "other-person": "somebody else goes by {nick} now than when it was offered; choose again",
  "not-a-nick": "not a nick that a room takes as it is",
  "configured-nick": "this room stands in the configuration, which says its nick; change it there",
  "configured-announce": "this room stands in the configuration; only rooms added by this command announce",
  "configured-room": "it stands in the configuration, under rooms; take it out there and start the bot anew",
  "no-archive": "nothing of an earlier room is archived",
  "not-what-was-shown": "what there is to decide about is not what you were shown; see what it is now",

  "not-a-hat-id": "not an absolute URI, such as https://example.org/hats/teacher",
  "unknown-hat": "no hat of this room",
  "no-hat-titled": "“{title}” is neither the title of a hat of this room nor a URI; list-hats shows both",
  "no-hat-titled-yet":
    "“{title}” is neither the title of a hat of this room nor a URI; for a new hat give a title instead",
  "several-hats-titled": "several hats of this room have the title “{title}”; give one of {hats}",
  "hat-or-title": "choose a hat, or give a title for a new one",
  "room-is-full": "the room may not have more than {max} hats",
  "wearer-is-full": "nobody may have more than {max} hats in a room",
  "person-is-full": "{user} would have more than {max} hats",
  "hats-fill-form": "has more hats than fit a form",
  "own-hats-fill-form": "you have more hats than fit a form",
  "no-hat-to-take": "has no hat to take away",
  "not-your-hat": "names a hat that you do not have",
  "required-hat": "you may not take off “{title}”, it is required",
  "not-among-hats": "holds a hat that is not among the hats",
  "titled-not-among-hats": "names a hat that is not among the hats",
  "not-a-title-line": "not a URI, a space and a title",

  "hue-range": "not from 0 to 360",
  "no-hue": "black, white and greys have no hue",
  "not-a-colour": "neither a number from 0 to 360 nor the name of a colour, such as teal",

  "not-ahead": "not in the future, as 90m, 7d or P1DT2H would be",
  "is-over": "“{value}” is over",
  "too-far-ahead": "more than 100 years ahead; never means until it is taken",
  "not-a-time": "“{value}” is not understood; write 7d, 2027-01-31 or 2027-01-31 18:00",
  "not-on-calendar": "“{value}” is not a day of the calendar",
  "not-a-duration": "“{value}” is not understood; write 90m, 7d or 2 weeks",
  "duration-range": "more than 100 years; never means until it is taken",
  "default-expires-range": "not from one second to 100 years",

  "not-a-row-key": "not the key of a row, as the title of a page names it",
  "not-a-part-key": "not where a part ends, as that part names it",
  "not-a-change-number": "not the number of a change",
  "no-such-change": "no change of this room",
  "not-undoable": "this is no change that can be undone; see manage-room",
  "was-to-lapse": "“{title}” of {user} was to lapse at {until}; give it anew",
  "something-newer": "something newer stands on it: {what}",
  "hat-changed-since": "“{title}” was changed since",
  "grant-changed-since": "who may give “{title}” was changed since",
  "worn-changed-since": "“{title}” of {user} was changed since",
  "hat-is-gone": "the room does not know “{title}” any more",
  "hat-worn-by-now": "{user} has “{title}” by now",
  "grant-by-now": "people may give “{title}” by now",

  at: "{place}: {what}",
  line: "line {line}",
  "line-key": "line {line}, {key}",
  "problems-more": "{problems}; and {count} more",
  "not-json": "not JSON as it stands; look for a comma or a brace",
  "not-a-json-object": "not a JSON object",
  "object-expected": "an object was expected",
  "list-expected": "a list was expected",
  "text-expected": "a text was expected",
  "flag-expected": "true or false was expected",
  "number-expected": "a number was expected",
  "whole-number-expected": "a whole number was expected",
  "time-expected": "a time such as 2026-09-01T00:00:00.000Z was expected",
  "key-unknown": "{key} is not known here",
  "key-missing": "{key} is missing",
  "otherwise-expected": "{expected} was expected, not {received}",
  "not-a-list-line": "not a line of a list (CSV)",
  "version-expected": "{version} was expected",
  "unknown-key": "no such key; a room has hats, users, expires, grants",
  "no-room": "nothing of {room}; a room's object alone is taken for any room",
  "only-other-rooms": "nothing of {room}, only of {others}; a room's object alone is taken for any room",
  "nobody-under-users": "this person has no hats under users",
  "no-hat-under-users": "this person has no such hat under users",
  "no-hat-of-room": "the room has no such hat",
  "quote-not-closed": "a quotation mark is not closed on its line",
  "text-after-quote": "there is text after a closing quotation mark; double those within a text",
  "text-before-quote": "there is text before a quotation mark; double those within a text",
  "unknown-column": "no column is called {name}; there are {columns}",
  "unnamed-column": "no column is called nothing; there are {columns}",
  "column-twice": "there are two columns {name}",
  "too-many-cells": "{count} cells, more than columns; put a text with commas in quotation marks",
  "hat-or-title-missing": "missing; give its URI, or a title",
  "said-otherwise": "says otherwise what {place} says of the same hat; leave one of them out",

  "refused-no-such-room": "there is no such room; the bot creates none",
  "refused-not-a-room": "this address is not a room",
  "refused-password-required": "the room asks for a password, which the bot does not give; take it away",
  "refused-members-only": "only members may enter; make the bot a member",
  "refused-banned": "the bot is banned from the room",
  "refused-nick-taken": "somebody else has the bot's nick",
  "refused-nick-refused": "the room does not take the bot's nick",
  "refused-full": "the room is full",
  "refused-locked": "the room is not open yet, or may not be entered",
  "refused-unreachable": "the room does not answer",
  "refused-kicked": "the bot was kicked out of the room",
  "refused-removed": "the bot lost the affiliation that let it in",
  "refused-destroyed": "the room was destroyed",
  "refused-shutdown": "the room's service is shutting down",
  "refused-lost": "the room put the bot out without saying why",
  "refused-created": "the room was new; the bot left it",
  "refused-other": "the room refused the bot",
  "with-detail": "{what} ({detail})",
  "not-let-in": "it did not let the bot in within a minute",
  "go-elsewhere": "the room asks to go to {room}",
  "suspended-forgotten":
    "the room no longer knows the bot as one of its own; it may be another room of the same name",
  "suspended-unarchived":
    "another room took the address, and what the desk has of the one before could not be archived yet",

  "error-answer": "the answer was {condition}",
  "error-answer-words": "the answer was {condition}: “{words}”",
  "no-answer": "no answer came in time",
  "no-stream": "the bot was not connected, or not in the room",
  "odd-command": "the room's command {node}: {what}",
  "wants-more-forms": "it wants more than one form",
  "no-field-for": "its form has no field for “{meaning}”",
  "no-command-answer": "it does not answer as a command does",
  "no-table": "it answers without a table",
  "no-whole-list": "its list is not whole",
  "sees-no-jids":
    "the bot sees no real JIDs in this room: make it an admin or owner, or the room non-anonymous",

  quoted: "“{words}”",
  several: "{all}",
} as const satisfies Record<string, string>;

export type ExplanationCode = keyof typeof EXPLANATIONS;

/** What stands for a `{name}`; of several explanations each is said, one after another. */
export type Explained = number | string | Explanation | readonly Explanation[];

/** Why something is refused: which of the texts, and what it is about. */
export interface Explanation {
  readonly code: ExplanationCode;
  readonly values?: Readonly<Record<string, Explained>>;
}

/** Says an explanation, given how each text is written. */
export function sayExplanation(
  { code, values = {} }: Explanation,
  templateOf: (code: ExplanationCode) => string,
): string {
  return templateOf(code).replace(/\{(\w+)\}/g, (blank: string, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? blank : sayValue(value, templateOf);
  });
}

/** Says an explanation in English. */
export function explainInEnglish(explanation: Explanation): string {
  return sayExplanation(explanation, (code) => EXPLANATIONS[code]);
}

function sayValue(value: Explained, templateOf: (code: ExplanationCode) => string): string {
  if (typeof value !== "object") return String(value);
  if ("code" in value) return sayExplanation(value, templateOf);
  return value.map((part) => sayExplanation(part, templateOf)).join("; ");
}
