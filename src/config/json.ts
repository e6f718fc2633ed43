/**
 * JSON that people write by hand: read, or refused with the place where it stops being JSON.
 *
 * The engine's own words are of no use here: they repeat what is in the text, and one of the values is a password.
 */
import { parse, type ParseError } from "jsonc-parser";
import { invalid } from "./fault.ts";

/* The second is what is left of one of UTF-16, read as UTF-8. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\uFFFD\uFFFD)/;

/**
 * Reads a JSON text; `where` names its file or variable, `example` is one of what belongs there.
 *
 * @throws OperatorError config-invalid
 */
export function parseJson(written: string, where: string, example: string): unknown {
  if (BYTE_ORDER_MARK.test(written)) {
    throw invalid(where, "begins with a byte order mark; save it as UTF-8 without one");
  }
  if (written.trim() === "") throw invalid(where, `is empty; write for example ${example}`);
  try {
    return JSON.parse(written);
  } catch {
    const before = written.slice(0, faultAt(written)).split("\n");
    const place = `line ${before.length}, column ${Array.from(before.at(-1) ?? "").length + 1}`;
    const mend = `look there, and just before, for a quote, comma or bracket; it looks like ${example}`;
    throw invalid(where, `is not valid JSON, ${place}: ${mend}`);
  }
}

/* Where the first piece begins that no JSON can have there; the length of the text where it ends too soon. */
function faultAt(written: string): number {
  const faults: ParseError[] = [];
  parse(written, faults, { disallowComments: true });
  return faults[0]?.offset ?? written.length;
}
