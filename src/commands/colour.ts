/**
 * Colours as people say them, and as hue angles: XEP-0392 1.0.0.
 *
 * Clients turn a hue into a colour by HSLuv, with a saturation and lightness of their own (section 5.2). So a name is
 * turned into a hue by the inverse, which makes a client draw the colour of that name that is the nearest it can draw.
 * The names are those of CSS. Leaves out greys, which have no hue.
 */
import colours from "color-name";
import { Hsluv } from "hsluv";
import { badField } from "../core/errors.ts";

interface NamedHue {
  readonly name: string;
  readonly hue: number;
  /** How far it is from what clients draw of this hue. */
  readonly distance: number;
}

const NUMBER = /^\d{1,3}(?:\.\d+)?$/;

/* The middle of what clients draw; where several names have one hue, the nearest to it stands for it. */
const DRAWN_LIGHTNESS = 50;

/* Below it a colour is a grey, whose hue is a matter of rounding. */
const LEAST_SATURATION = 1;

const NAMED: ReadonlyMap<string, NamedHue> = new Map(
  Object.entries(colours).flatMap(([name, rgb]) => {
    const named = namedHue(name, rgb);
    return named === undefined ? [] : [[name, named]];
  }),
);

const NAMES_BY_HUE = nearestNames();

/**
 * Reads a hue: a number of degrees from 0 to 360, or the name of a colour, as in `teal` or `Dark orange`.
 *
 * @throws HatsError bad-field
 */
export function parseColour(text: string): number {
  if (NUMBER.test(text)) return readDegrees(Number(text));
  const name = text.toLowerCase().replace(/[\s-]/g, "");
  const named = NAMED.get(name);
  if (named !== undefined) return named.hue;
  if (Object.hasOwn(colours, name)) throw badField("hue", "no-hue");
  throw badField("hue", "not-a-colour");
}

/** A hue as people read it: by name where a colour has just this hue, else in degrees. */
export function sayHue(hue: number): string {
  return NAMES_BY_HUE.get(hue)?.name ?? String(hue);
}

function readDegrees(degrees: number): number {
  if (degrees > 360) throw badField("hue", "hue-range");
  return degrees;
}

function namedHue(name: string, [red, green, blue]: readonly [number, number, number]): NamedHue | undefined {
  const colour = new Hsluv();
  colour.rgb_r = red / 255;
  colour.rgb_g = green / 255;
  colour.rgb_b = blue / 255;
  colour.rgbToHsluv();
  if (colour.hsluv_s < LEAST_SATURATION || colour.hsluv_l > 99.9) return undefined;
  const distance = Math.abs(colour.hsluv_l - DRAWN_LIGHTNESS);
  return { name, hue: Number(colour.hsluv_h.toFixed(2)), distance };
}

function nearestNames(): ReadonlyMap<number, NamedHue> {
  const nearest = new Map<number, NamedHue>();
  for (const named of NAMED.values()) {
    const other = nearest.get(named.hue);
    if (other === undefined || named.distance < other.distance) nearest.set(named.hue, named);
  }
  return nearest;
}
