/**
 * What people and their keyboards make of a name: curved apostrophes for straight ones, an @ or a colon as where somebody is
 * addressed, and the punctuation of the sentence behind it.
 */
import { foldWord } from "./vocabulary.ts";

/* As phones put them in by themselves, and what is typed in their stead. */
const APOSTROPHES = /[‘’‛ʹʻʼ′`´＇]/gu;
const BEFORE = /^[@¿¡]+/u;
/* Begun at the first mark alone: a line of nothing but marks is looked at once. */
const BEHIND = /(?<![\s.!?:…])[\s.!?:…]+$/u;

/** Two names look alike when these are equal. */
export function foldName(text: string): string {
  return foldWord(text.replace(APOSTROPHES, "'"));
}

/** A name without what is no part of it where somebody is addressed, or a sentence ends; empty where that is all of it. */
export function withoutPunctuation(text: string): string {
  return text.replace(BEFORE, "").replace(BEHIND, "");
}
