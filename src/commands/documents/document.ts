/**
 * Documents of hats and people, to be taken into one room: told apart by what they begin with.
 *
 * Read in slices, so that a long one keeps nobody waiting. Everything is judged before anything is believed: a document
 * with one mistake is no document.
 */
import { badField } from "../../core/errors.ts";
import type { ImportDocument } from "../../core/import.ts";
import { parseCsvDocument } from "./csv-document.ts";
import type { ImportContext } from "./import-context.ts";
import { parseJsonDocument } from "./json-document.ts";

const LINE_BREAK = /\r\n|\r|\n/;

/**
 * Reads a document, given as lines or as texts of several lines.
 *
 * @throws HatsError bad-field naming `document`, and within it each place that is wrong
 */
export async function parseDocument(
  values: readonly string[],
  context: ImportContext,
): Promise<ImportDocument> {
  const { documentLength } = context.limits;
  const length = values.reduce((sum, value) => sum + value.length + 1, 0);
  if (length > documentLength + 1) throw badField("document", "too-long", { max: documentLength });
  const text = values.join("\n").replace(/^\ufeff/, "");
  if (text.trim() === "") throw badField("document", "missing");
  return text.trimStart().startsWith("{")
    ? parseJsonDocument(text, context)
    : parseCsvDocument(text.split(LINE_BREAK), context);
}
