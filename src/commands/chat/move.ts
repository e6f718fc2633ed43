/**
 * What somebody's words come to while a command is under way.
 *
 * Pure, as the sessions of the engine are: the words and the errand say what follows, and the dialogue does it.
 */
import { type Meaning, readAnswer, type Reading } from "./choices.ts";
import { canMakeHat, type Errand, fieldAtHand, takeAnswer } from "./errand.ts";
import { makeHat } from "./foresight.ts";
import type { Signal } from "./verbs.ts";

/** What follows. */
export type Move =
  | { readonly kind: "back" }
  | { readonly kind: "cancel" }
  /** Begin again in another room. */
  | { readonly kind: "elsewhere" }
  /** Ask the same again. */
  | { readonly kind: "repeat" }
  /** Hand in what there is: somebody said yes. */
  | { readonly kind: "submit" }
  /** Go on with this. */
  | { readonly kind: "go-on"; readonly errand: Errand }
  /** Ask this. */
  | { readonly kind: "ask"; readonly errand: Errand }
  /** Ask again; the key of why. It may have been meant for something else. */
  | { readonly kind: "mistake"; readonly key: string; readonly about: string };

/** Says what words come to. */
export function moveOf(errand: Errand, text: string, reading: Reading): Move {
  const says = (signal: Signal): boolean => reading.vocabulary.says(signal, text, errand.lang);
  if (says("cancel")) return { kind: "cancel" };
  if (says("back")) return { kind: "back" };
  if (says("room")) return { kind: "elsewhere" };
  if (says("help")) return { kind: "repeat" };
  const field = fieldAtHand(errand);
  const neither: Move = { kind: "mistake", key: "chat-yes-or-no", about: text };
  if (field === undefined) {
    if (says("yes")) return { kind: "submit" };
    return says("no") ? { kind: "cancel" } : neither;
  }
  if (errand.doubted !== undefined) {
    if (says("yes")) return { kind: "go-on", errand: makeHat(errand, field, errand.doubted) };
    return says("no") ? { kind: "ask", errand: { ...errand, doubted: undefined } } : neither;
  }
  if (says("keep") || says("rest")) {
    const values = field.values ?? [];
    const isMissing = values.every((value) => value.trim() === "");
    if (field.required === true && isMissing) return { kind: "mistake", key: "chat-needed", about: text };
    const isBrief = errand.isBrief || says("rest");
    return { kind: "go-on", errand: takeAnswer({ ...errand, isBrief }, values) };
  }
  const meaning: Meaning = readAnswer(field, text, reading);
  if (!("trouble" in meaning)) return { kind: "go-on", errand: takeAnswer(errand, meaning.values) };
  if (meaning.trouble === "chat-no-choice" && canMakeHat(errand, field)) {
    return { kind: "ask", errand: { ...errand, intro: "", doubted: meaning.about } };
  }
  return { kind: "mistake", key: meaning.trouble, about: meaning.about };
}
