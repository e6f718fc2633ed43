/** The values of a command as a shell gives them: `field=value`, or a file or what is piped in. */
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { isXmlText } from "../core/text.ts";
import type { Submission } from "../stanza/data-form.ts";
import { UsageError } from "./exit.ts";
import { readNamed } from "./named-file.ts";

const LINE_BREAK = /\r\n|\r|\n/;
const PIPED = "-";
const HYPHENS = /^-{2,}$/;

/**
 * Reads `field=value` arguments; a field that is named again gets one more value.
 *
 * `field=@FILE` gives the lines of a file, `field=-` those of the standard input, each as a value; `field=@@text` is a
 * value that begins with an @, and `field=--` the value `-`: a row of hyphens is written with one more.
 *
 * @throws UsageError
 */
export async function readFields(fields: readonly string[], stdin: Readable): Promise<Submission> {
  const given = fields.map(parseField);
  const [, second] = given.filter(({ value }) => value === PIPED);
  if (second !== undefined) {
    throw new UsageError(
      `${second.name}: what is piped in goes to one field only; give a file, ${second.name}=@FILE`,
    );
  }
  const values = new Map<string, readonly string[]>();
  for (const { name, value } of given) {
    const further = await readValues(name, value, stdin);
    for (const [index, text] of further.entries())
      checkText(further.length === 1 ? name : `${name}: line ${index + 1}`, text);
    values.set(name, [...(values.get(name) ?? []), ...further]);
  }
  return values;
}

/** Refuses a text that no server would take, naming where it stands. Throws UsageError. */
export function checkText(place: string, text: string): void {
  if (!isXmlText(text)) throw new UsageError(`${place}: holds a character that XML forbids`);
}

function parseField(field: string): { readonly name: string; readonly value: string } {
  const at = field.indexOf("=");
  if (at < 1) throw new UsageError(`${field}: must be field=value`);
  const name = field.slice(0, at);
  checkText(name, name);
  return { name, value: field.slice(at + 1) };
}

async function readValues(name: string, value: string, stdin: Readable): Promise<string[]> {
  if (value === PIPED) return linesOf(await text(stdin));
  if (HYPHENS.test(value)) return [value.slice(1)];
  if (value.startsWith("@@")) return [value.slice(1)];
  if (value.startsWith("@")) return linesOf(readNamed(name, value.slice(1)));
  return [value];
}

/* The line break at the end of a file begins no further line. */
function linesOf(content: string): string[] {
  const lines = content.replace(/^\ufeff/, "").split(LINE_BREAK);
  return lines.length > 1 && lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
