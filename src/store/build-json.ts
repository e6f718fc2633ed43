/** What write-json.ts writes, as strings: for those who put documents together that are not the store's own. */
import { JsonWriter } from "./json-writer.ts";
import { type Write, writeText } from "./json-members.ts";
import { writeExpiries, writeGrant, writeHat, writeUser } from "./write-json.ts";

/** A string in quotes. */
export const buildText = buildBy(writeText);
/** The seed's user object. */
export const buildUser = buildBy(writeUser);
/** A hat of a room's catalogue. */
export const buildHat = buildBy(writeHat);
/** When hats of one person lapse. */
export const buildExpiries = buildBy(writeExpiries);
/** Who else may give and take a hat. */
export const buildGrant = buildBy(writeGrant);

/** Makes a function that returns what another one writes. */
export function buildBy<T>(write: Write<T>): (value: T) => string {
  return (value) => {
    const json = new JsonWriter();
    write(json, value);
    return json.bytes.toString();
  };
}
