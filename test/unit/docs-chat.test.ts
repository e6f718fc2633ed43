/** docs/chat.md: its story is played, and its tables name the verbs and bounds that there are. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CHAT_LIMITS } from "../../src/commands/chat/chat.ts";
import { MOST_MISUNDERSTOOD } from "../../src/commands/chat/dialogue.ts";
import { AND_WORDS, SIGNALS, TIME_WORDS, VERBS } from "../../src/commands/chat/verbs.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { chatOver } from "../support/chatter.ts";
import { openHatDesk, OWNER } from "../support/hat-desk.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/chat.md");

const FILE = "docs/chat.md";
const english = loadForms().phrases("en");

interface Turn {
  readonly who: string;
  readonly text: string;
}

function storyOf(text: string): Turn[] {
  const [, story = ""] = /## A story\n([^]*?)\n## /.exec(text) ?? [];
  const lines = [...story.matchAll(/```\n([^]*?)```/g)].flatMap(([, block = ""]) =>
    block.trimEnd().split("\n"),
  );
  const turns: { who: string; text: string }[] = [];
  for (const line of lines) {
    const [, who, said = ""] = /^(\w+) +(.*)$/.exec(line) ?? [];
    const last = turns.at(-1);
    if (who !== undefined) turns.push({ who, text: said });
    else if (last !== undefined) last.text += `\n${line.trim()}`;
  }
  return turns;
}

docs("tells a story that happens as it is told", async () => {
  const desk = await openHatDesk({ date: () => new Date("2026-11-22T09:00:00Z") });
  const { say } = chatOver(desk);
  const turns = storyOf(readFileSync(FILE, "utf8"));
  assert.ok(turns.length > 12);
  for (const [at, { who, text }] of turns.entries()) {
    if (who === "alice") assert.is(await say(OWNER, text), turns[at + 1]?.text, text);
  }
  await desk.close();
});

docs("names every verb with the commands it runs, and no other, in their order", () => {
  assert.equal(
    tableUnder(FILE, "What can be said").map(([verb, , runs]) => [verb, runs]),
    VERBS.map(({ words, node, nodeWithWords }) => [
      english.say(words).split(", ")[0],
      nodeWithWords === undefined ? node : `${node}, or ${nodeWithWords}`,
    ]),
  );
});

docs("names every word that means something while something is asked", () => {
  const text = readFileSync(FILE, "utf8");
  for (const key of Object.values(SIGNALS))
    assert.ok(text.includes(`\`${english.say(key).split(", ")[0]}`), key);
});

docs("docs/languages.md names every word of every language, as it is understood there", () => {
  const forms = loadForms();
  const keys = [...VERBS.map(({ words }) => words), ...Object.values(SIGNALS), TIME_WORDS, AND_WORDS];
  assert.equal(
    tableUnder("docs/languages.md", "In the chat"),
    keys.map((key) => ["en", "de", "fr", "es"].map((lang) => forms.phrases(lang).say(key))),
  );
});

docs("gives the bounds that there are", () => {
  const bounds = tableUnder(FILE, "Who is answered, and how often").map(([, count]) => Number(count));
  const { answersAMinute, answersAnHour, sameLine, lineLength, dialogues, idleMs } = CHAT_LIMITS;
  assert.equal(bounds, [
    answersAMinute,
    answersAnHour,
    sameLine,
    MOST_MISUNDERSTOOD,
    lineLength,
    dialogues,
    idleMs / 60_000,
  ]);
});

docs.run();
