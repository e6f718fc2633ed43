/**
 * What is wrong with a value by itself, which can be said as soon as it is given, whatever else the form still asks.
 *
 * The readers are the commands' own, so that nothing is refused here that they would take. Leaves out what only a room can
 * say: who is there, which hats it has.
 */
import { HatsError } from "../../core/errors.ts";
import type { Explanation } from "../../core/explanations.ts";
import { parseReason } from "../../core/reason.ts";
import { parseTitle } from "../../core/titles.ts";
import type { Desk } from "../../desk/desk.ts";
import { parseUserJid } from "../../stanza/jid.ts";
import { parseColour } from "../colour.ts";
import { parseExpires, readDefaultExpires } from "../room/expires-field.ts";

/** Says why a field, by its var, does not take a value; undefined where it may, as an empty value always may. */
export type ValueCheck = (name: string, value: string) => Explanation | undefined;

/** Makes the check for all fields into which people write freely. */
export function valueCheck(desk: Pick<Desk, "limits" | "now">): ValueCheck {
  const readers = new Map<string, (text: string) => unknown>([
    ["title", (text) => parseTitle(text, desk.limits)],
    ["hue", parseColour],
    ["expires", (text) => parseExpires(text, desk.now())],
    ["default-expires", (text) => readDefaultExpires(new Map([["default-expires", [text]]]))],
    ["reason", (text) => parseReason(text, desk.limits)],
    ["user", readAddress],
  ]);
  return (name, value) => {
    const text = value.trim();
    return text === "" ? undefined : refusalOf(() => readers.get(name)?.(text));
  };
}

/* A nick behind the address of a room is as the room wrote it, and may be no resource. */
function readAddress(text: string): unknown {
  const [bare = ""] = text.split("/");
  return parseUserJid(bare);
}

function refusalOf(read: () => unknown): Explanation | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof HatsError) return error.explanation;
    throw error;
  }
}
