/** docs/presence.md names the dialects that there are, and its example is what the bot sends. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DIALECTS } from "../../src/presence/dresser.ts";
import { MAX_PAYLOAD_BYTES } from "../../src/presence/own-presence.ts";
import { buildOwnHats } from "../../src/stanza/hats.ts";
import { xml } from "../../src/stanza/xml.ts";
import { tableUnder } from "../support/markdown.ts";

const TEXT = readFileSync(new URL("../../docs/presence.md", import.meta.url), "utf8");

const docs = suite("docs/presence.md");

docs("lists every dialect and no other", () => {
  const documented = tableUnder("docs/presence.md", "Three ways, called dialects").map(([name]) => name);
  assert.equal(documented, [...DIALECTS]);
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

docs.run();
