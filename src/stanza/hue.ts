/** A colour from a text: XEP-0392 1.0.0, section 5.1, without the corrections for colour vision deficiency. */
import { createHash } from "node:crypto";

/** The hue of a text in degrees, from 0 up to but not including 360, with six decimals at most. */
export function hueOf(text: string): number {
  const [low = 0, high = 0] = createHash("sha1").update(text, "utf8").digest();
  return Number((((high * 256 + low) / 65_536) * 360).toFixed(6));
}
