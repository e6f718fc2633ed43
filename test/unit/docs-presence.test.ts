/** docs/presence.md names the dialects that there are, and its example is what the bot sends. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DIALECTS } from "../../src/presence/dresser.ts";
import { MAX_PAYLOAD_BYTES } from "../../src/presence/own-presence.ts";
import { buildOwnHats } from "../../src/stanza/hats.ts";
import { xml } from "../../src/stanza/xml.ts";
import { CATALOGUE_CASES, MERGE_CASES, nameCase } from "../support/merge-cases.ts";
import { tableUnder } from "../support/markdown.ts";

const TEXT = readFileSync(new URL("../../docs/presence.md", import.meta.url), "utf8");

const docs = suite("docs/presence.md");

docs("lists every dialect and no other", () => {
  const documented = tableUnder("docs/presence.md", "The ways, called dialects").map(([name]) => name);
  assert.equal(documented, [...DIALECTS]);
});

docs("has a row for every case of the merge, in their order, and says what each comes to", () => {
  const rows = TEXT.split("\n").filter((line) =>
    /^\| (?:[-A-C?]|A, made) \| (?:[-A-C?]|A, made) \| [-A-C] \|/.test(line),
  );
  const documented = rows.map((line) =>
    line
      .split("|")
      .slice(1, 5)
      .map((cell) => cell.trim()),
  );
  const tested = [...MERGE_CASES, ...CATALOGUE_CASES].map(({ desk, noted, room, verdict }) => [
    desk,
    noted,
    room,
    verdict,
  ]);
  assert.equal(documented, tested);
});

docs("has every case that there can be", () => {
  for (const titles of ["hat", "wearer"] as const) {
    const cells = titles === "hat" ? ["-", "?", "A"] : ["-", "?", "A", "B", "C"];
    const cases = MERGE_CASES.filter(({ scopes }) => scopes.includes(titles)).map((merge) =>
      normalName(merge),
    );
    for (const desk of cells.filter((cell) => cell !== "?"))
      for (const noted of cells)
        for (const room of cells.filter((cell) => cell !== "?"))
          assert.ok(cases.includes(normalName({ desk, noted, room })), nameCase({ desk, noted, room }));
  }
});

docs("shows own presence as it is built", () => {
  const example = /```xml\n([^`]*)```/.exec(TEXT)?.[1] ?? "";
  const hat = { uri: "https://example.org/hats/teacher", title: "Teacher", hue: 12.5 };
  const occupantId = "dd72603deec90a38ba552f7c68cbcc61bca202cd";
  const payload = buildOwnHats({
    wearers: [{ nick: "alice", occupantId, hats: [hat] }],
    truncated: false,
  });
  const presence = xml("presence", { from: "team@rooms.example.org/hats" }, payload);
  assert.is(example.replaceAll(/\n\s*/g, "").replaceAll("'", '"'), String(presence));
});

docs("names the size at which own presence is cut", () => {
  assert.ok(TEXT.includes(`${MAX_PAYLOAD_BYTES.toLocaleString("en")} bytes`));
});

/* Titles by the order in which they come: a case in which only the letters differ is the same. */
function normalName({
  desk,
  noted,
  room,
}: {
  readonly desk: string;
  readonly noted: string;
  readonly room: string;
}): string {
  const letters = new Map<string, string>();
  return [noted, desk, room]
    .map((cell) => {
      if (!/[A-C]/.test(cell)) return cell;
      const letter = letters.get(cell) ?? "ABC".charAt(letters.size);
      letters.set(cell, letter);
      return letter;
    })
    .join(" ");
}

docs.run();
