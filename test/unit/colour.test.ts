/** Colours by name and by number, as hues that clients draw in that colour. */
import { Hsluv } from "hsluv";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseColour, sayHue } from "../../src/commands/colour.ts";

const test = suite("colours");

/* XEP-0392 1.0.0, test vectors: the hue, and what it looks like at saturation 100 and lightness 50. */
const VECTORS = [
  [327.255249, 0.865, 0.0, 0.686],
  [209.4104, 0.0, 0.515, 0.573],
  [331.199341, 0.872, 0.0, 0.659],
  [359.994507, 0.918, 0.0, 0.394],
  [171.430664, 0.0, 0.527, 0.457],
] as const;

test("the library's HSLuv is XEP-0392's, in both directions", () => {
  for (const [hue, red, green, blue] of VECTORS) {
    const colour = new Hsluv();
    colour.hsluv_h = hue;
    colour.hsluv_s = 100;
    colour.hsluv_l = 50;
    colour.hsluvToRgb();
    for (const [drawn, expected] of [
      [colour.rgb_r, red],
      [colour.rgb_g, green],
      [colour.rgb_b, blue],
    ] as const) {
      assert.ok(Math.abs(drawn - expected) < 0.001);
    }
    colour.rgbToHsluv();
    assert.ok(Math.abs(colour.hsluv_h - hue) < 0.001);
  }
});

test("a client that draws the hue of a name draws that colour, brighter or darker", () => {
  for (const [name, strongest] of [
    ["red", "rgb_r"],
    ["green", "rgb_g"],
    ["blue", "rgb_b"],
  ] as const) {
    const colour = new Hsluv();
    colour.hsluv_h = parseColour(name);
    colour.hsluv_s = 100;
    colour.hsluv_l = 50;
    colour.hsluvToRgb();
    assert.is(colour[strongest], Math.max(colour.rgb_r, colour.rgb_g, colour.rgb_b), name);
  }
});

for (const [text, hue] of [
  ["0", 0],
  ["360", 360],
  ["171.430664", 171.430664],
  ["teal", 192.18],
  ["Teal", 192.18],
  ["dark orange", parseColour("darkorange")],
  ["Dark-Orange", parseColour("darkorange")],
] as const) {
  test(`“${text}” is ${hue}`, () => {
    assert.is(parseColour(text), hue);
  });
}

for (const text of [
  "361",
  "360.1",
  "-1",
  "1e2",
  "0x10",
  "NaN",
  "1,5",
  "tael",
  "constructor",
  "__proto__",
  "#f00",
]) {
  test(`“${text}” is no colour`, () => {
    assert.throws(() => parseColour(text), /^hue: |HatsError/);
  });
}

for (const text of ["black", "White", "grey", "dark gray", "silver"]) {
  test(`“${text}” has no hue, and is told apart from what is no colour`, () => {
    assert.throws(() => parseColour(text), /hue: black, white and greys have no hue/);
  });
}

test("a hue that has a name is said by it, and read back as the same", () => {
  assert.is(sayHue(parseColour("teal")), "teal");
  assert.is(sayHue(12.18), "red");
  assert.is(sayHue(171.430664), "171.430664");
  for (const name of ["red", "orange", "gold", "green", "teal", "blue", "purple", "hotpink", "brown"]) {
    const hue = parseColour(name);
    assert.is(parseColour(sayHue(hue)), hue, name);
  }
});

test.run();
