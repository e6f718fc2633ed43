/**
 * The desk as a library: hats against a store and an affiliation source of the caller's, without XMPP. And a reader for
 * what the bot tells in rooms without hats of their own.
 *
 * @example
 * ```ts
 * import { openDesk } from "milliner";
 *
 * const desk = await openDesk({
 *   data: "./data",
 *   affiliations: { isKept: () => true, affiliation: async () => "member" },
 * });
 * desk.on("change", ({ room, changes }) => console.log(room, changes));
 * await desk.addUserHat("bob@example.org", "team@rooms.example.org", "urn:example:teacher", { active: true });
 * await desk.close();
 * ```
 */
export type { HatWish } from "./core/catalogue.ts";
export type { Change } from "./core/change.ts";
export type { Clock } from "./core/clock.ts";
export type { Author, Entry } from "./core/entry.ts";
export {
  type CommandCondition,
  type ErrorCondition,
  type ErrorType,
  HatsError,
  OperatorError,
  type RefusalCode,
} from "./core/errors.ts";
export type { BareJid, RoomJid } from "./core/jid.ts";
export type { Limits } from "./core/limits.ts";
export type { Log } from "./core/log.ts";
export type { Affiliation, Attachment, Hat, HatId } from "./core/model.ts";
export type { RecordedChange, RecordedEntry } from "./core/recorded.ts";
export type { AffiliationSource } from "./desk/affiliation-source.ts";
export type { ChangeEvent, Desk, DeskOptions, HistoryRetention } from "./desk/desk.ts";
export type {
  HatOptions,
  HatsOptions,
  HistoryQuestion,
  Library,
  Outcome,
  RoomHats,
  Until,
} from "./desk/library.ts";
export { openDesk } from "./desk/open-desk.ts";
export type { HistoryPage } from "./desk/past.ts";
export type { OwnHats, PresentWearer, ShownHat } from "./stanza/hats.ts";
export { type OwnHatsSource, readOwnHats } from "./stanza/own-hats-reader.ts";
