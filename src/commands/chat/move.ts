/**
 * What somebody's words come to while a command is under way.
 *
 * Pure, as the sessions of the engine are: the words and the errand say what follows, and the dialogue does it.
 */
import type { Reading, Trouble } from "./choices.ts";
import { type Errand, fieldAtHand, makeHat, takeAnswer } from "./errand.ts";
import { takeWords } from "./take-words.ts";
import type { Signal } from "./verbs.ts";

/** What follows. */
export type Move =
  | { readonly kind: "back" }
  | { readonly kind: "cancel" }
  /** Begin again in another room. */
  | { readonly kind: "elsewhere" }
  /** Say how to answer, and ask the same again. */
  | { readonly kind: "help" }
  /** Hand in what there is: somebody said yes. */
  | { readonly kind: "submit" }
  /** Go on with this. */
  | { readonly kind: "go-on"; readonly errand: Errand }
  /** Ask this. */
  | { readonly kind: "ask"; readonly errand: Errand }
  | Mistake;

/** Ask this again, and say why. The words may have been meant for something else. */
export interface Mistake {
  readonly kind: "mistake";
  readonly errand: Errand;
  readonly trouble: Trouble;
}

/** Says what words come to. */
export function moveOf(errand: Errand, text: string, reading: Reading): Move {
  const says = (signal: Signal): boolean => reading.vocabulary.says(signal, text, errand.lang);
  if (says("cancel")) return { kind: "cancel" };
  if (says("back")) return { kind: "back" };
  if (says("room")) return { kind: "elsewhere" };
  if (says("help")) return { kind: "help" };
  const field = fieldAtHand(errand);
  const mistake = (trouble: Trouble): Move => ({ kind: "mistake", errand, trouble });
  const neither = mistake({ key: "chat-yes-or-no", about: text });
  if (field === undefined) {
    if (says("yes")) return { kind: "submit" };
    return says("no") ? { kind: "cancel" } : neither;
  }
  if (errand.doubted !== undefined) {
    if (says("yes")) return { kind: "go-on", errand: makeHat(errand, field, errand.doubted) };
    return says("no") ? { kind: "cancel" } : neither;
  }
  if (says("keep") || says("rest")) {
    const values = field.values ?? [];
    const isMissing = values.every((value) => value.trim() === "");
    if (field.required === true && isMissing) return mistake({ key: "chat-needed", about: text });
    const isBrief = errand.isBrief || says("rest");
    return { kind: "go-on", errand: takeAnswer({ ...errand, isBrief }, values) };
  }
  const taken = takeWords(errand, field, text, reading);
  if (taken.trouble !== undefined) return { kind: "mistake", errand: taken.errand, trouble: taken.trouble };
  return { kind: taken.mustAsk === true ? "ask" : "go-on", errand: taken.errand };
}
