/** docs/prosody-module.md and the Prosody module say the same of options, commands and limits, in both directions. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tableUnder } from "../support/markdown.ts";

const FILE = "docs/prosody-module.md";
const docs = suite(FILE);
const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const lua = read("src/prosody/mod_muc_hats_commands.lua");
const found = (pattern: RegExp): string[][] => [...lua.matchAll(pattern)].map(([, ...groups]) => groups);

docs("lists every option with its default, and no other", () => {
  const coded = found(/get_option_number\("(\w+)", (\d+)\)/g);
  assert.is(coded.length, 6);
  assert.equal(
    tableUnder(FILE, "Install").map(([option, value]) => [option, value]),
    coded,
  );
});

docs("lists every command with its fields, and no other", () => {
  const vars = new Map(found(/^local (field_\w+) = { var = "(hats#\w+)"/gm) as [string, string][]);
  const required = (name: string): string =>
    new RegExp(`^local ${name} = .*required = true`, "m").test(lua) ? "*" : "";
  const coded = found(/\["urn:xmpp:hats:commands:([\w-]+)"\] = {\n(.*)/g).map(([node, line]) => {
    const names = line?.match(/fields = {(.*?)}/)?.[1]?.match(/field_\w+/g) ?? [];
    return [node, names.map((name) => vars.get(name) + required(name)).join(", ") || "none"];
  });
  assert.equal(
    tableUnder(FILE, "The commands").map(([node, fields]) => [node, fields]),
    coded,
  );
});

docs("names every refusal's type and condition", () => {
  const text = read(FILE);
  for (const [type, condition] of found(/type = "(\w+)"; condition = "([\w-]+)"/g))
    assert.ok(text.includes(`${type}/${condition}`), `${type}/${condition}`);
});

docs.run();
