/** What is said of a hat in the chat: for how long it is to be worn, its title, and what is wrong with either. */
import * as assert from "uvu/assert";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { account } from "../support/engine.ts";
import { chatSuite, firstLine } from "../support/chatter.ts";
import { OWNER, TEAM } from "../support/hat-desk.ts";

const TEACHER = "urn:x:teacher";
const test = chatSuite("a hat and its time in the chat", TEACHER, {
  date: () => new Date("2026-06-01T12:00:00Z"),
});
const UNTIL_LATER = "2026-06-08T12:00:00Z";
const END_OF_DAY = "2027-01-31T23:59:59Z";

const given = (title: string, until?: string) =>
  `bob@example.org now has “${title}” in ${TEAM}${until === undefined ? "" : ` until ${until}`}.`;

const TIMED: readonly [string, string][] = [
  ["give bob Teacher for 7d", UNTIL_LATER],
  ["give bob teacher FOR 1 week", UNTIL_LATER],
  ["give bob Teacher until 2027-01-31", END_OF_DAY],
  ["give bob Teacher until 2027-01-31 18:00", "2027-01-31T18:00:00Z"],
  ["gib bob Teacher für 7d", UNTIL_LATER],
  ["gib bob Teacher fu\u0308r 7d", UNTIL_LATER],
  ["gib bob Teacher bis 2027-01-31", END_OF_DAY],
  ["gib bob Teacher bis zum 2027-01-31", END_OF_DAY],
  ["donne bob Teacher pour 7d", UNTIL_LATER],
  ["donne bob Teacher jusqu'au 2027-01-31", END_OF_DAY],
  ["donne bob Teacher jusqu’au 2027-01-31", END_OF_DAY],
  ["da bob Teacher por 7d", UNTIL_LATER],
  ["da bob Teacher hasta 2027-01-31", END_OF_DAY],
  ["da bob Teacher hasta el 2027-01-31", END_OF_DAY],
  ["da bob Teacher until 2027-01-31", END_OF_DAY],
];

test("a time may end the line that gives a hat, in each language", async ({ chatter }) => {
  for (const [line, until] of TIMED) {
    const said = await chatter.say(OWNER, line);
    assert.ok(said.includes(until), `${line}: ${said}`);
    await chatter.say(OWNER, "take bob Teacher");
  }
});

test("the example of the help can be said, in each language, by whoever may give", async ({ chatter }) => {
  const forms = loadForms();
  for (const lang of forms.languages) {
    const verb = forms.phrases(lang).say("chat-verb-give").split(", ")[0];
    const help = (await chatter.chat.hear(OWNER, { text: "help", lang, isEncrypted: false }))?.text ?? "";
    const [example = ""] = new RegExp(`${verb} bob .* 7d$`, "m").exec(help) ?? [];
    const said = await chatter.say(OWNER, example);
    const done = said.includes("?") ? await chatter.say(OWNER, "yes") : said;
    assert.ok(done.includes(UNTIL_LATER), example);
    chatter.pass(3_600_000);
  }
  assert.not.match(await chatter.say(account("bob@example.org/x"), "help"), /7d/);
});

test("a new hat can be given for a time", async ({ chatter }) => {
  const asked = await chatter.say(OWNER, "give bob Set designer for 7d");
  assert.is(firstLine(asked), "There is no hat “Set designer” yet. Make it?");
  assert.is(await chatter.say(OWNER, "yes"), given("Set designer", UNTIL_LATER));
});

test("a number of something behind a new hat is meant as a time, in whatever language, and asked for anew", async ({
  chatter,
}) => {
  for (const [title, line, yes] of [
    ["Speaker", "give bob Speaker for 2 Wochen", "yes"],
    ["Sprecher", "gib bob Sprecher für 2 Wochen", "ja"],
    ["Orateur", "donne bob Orateur pour 3 semaines", "oui"],
    ["Orador", "da bob Orador por 3 semanas", "sí"],
  ] as const) {
    assert.match(await chatter.say(OWNER, line), new RegExp(`[“„«\\s]${title}[”“»\\s]`, "u"));
    const asked = await chatter.say(OWNER, yes);
    assert.match(asked, /[“„«]\s?\d (Wochen|semaines|semanas)\s?[”“»]/u, line);
    assert.match(await chatter.say(OWNER, "7d"), new RegExp(UNTIL_LATER));
  }
});

test("another answer than a new hat keeps the time", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob Techer for 7d", "back");
  assert.is(await chatter.say(OWNER, "Teacher"), given("Teacher", UNTIL_LATER));
});

test("the hat may be left out before the time", async ({ chatter }) => {
  assert.is(
    firstLine(await chatter.say(OWNER, "give bob for 7d")),
    "Hat? One of the room's hats, or a new one.",
  );
  assert.is(await chatter.say(OWNER, "Teacher"), given("Teacher", UNTIL_LATER));
});

test("a hat that is asked for takes a time, too, by its number as by its name", async ({ chatter }) => {
  for (const answer of ["Teacher for 7d", "2 for 7d"]) {
    await chatter.say(OWNER, "give bob");
    assert.match(await chatter.say(OWNER, answer), /^Shown\?/);
    assert.is(await chatter.say(OWNER, "ok"), given("Teacher", UNTIL_LATER));
    await chatter.say(OWNER, "take bob Teacher");
  }
});

test("behind a hat that there is, what cannot be read as a time is asked for, and makes no hat", async ({
  chatter,
  desk,
}) => {
  for (const time of ["tomorrow", "Physics", "the next week"]) {
    const asked = await chatter.say(OWNER, `give bob Teacher for ${time}`);
    assert.is(
      firstLine(asked)?.replace(/; write .* 18:00/, ""),
      `Not done: “${time}” is not understood. If it belongs to the title, put the title in quotes.`,
    );
    assert.match(asked, /\nUntil\? /);
    assert.equal(desk.hats("bob@example.org"), {});
    assert.is(await chatter.say(OWNER, "7d"), given("Teacher", UNTIL_LATER));
    await chatter.say(OWNER, "take bob Teacher");
  }
});

test("a time that is over is meant as one, behind any hat", async ({ chatter }) => {
  assert.is(
    firstLine(await chatter.say(OWNER, "give bob Teacher until 2020-01-01")),
    "Not done: “2020-01-01” is over.",
  );
  await chatter.say(OWNER, "cancel", "give bob Guest until 2026-02-31");
  assert.is(
    firstLine(await chatter.say(OWNER, "yes")),
    "Not done: “2026-02-31” is not a day of the calendar.",
  );
  assert.is(await chatter.say(OWNER, "-"), given("Guest"));
});

test("a hat of the whole title comes before a hat and a time", async ({ chatter, desk }) => {
  for (const title of ["Teacher for 7d", "Teacher for life", "Teacher for life for 7d"]) {
    await desk.once(OWNER, "define-hat", { room: TEAM, title });
    assert.is(await chatter.say(OWNER, `give bob ${title}`), given(title));
  }
  assert.is(
    await chatter.say(OWNER, "give bob Teacher for life until 2027-01-31"),
    [`Changed: bob@example.org now has “Teacher for life” in ${TEAM} until ${END_OF_DAY}.`].join(""),
  );
});

test("of hats that there are, the longer title is the one before the time", async ({ chatter, desk }) => {
  await desk.once(OWNER, "define-hat", { room: TEAM, title: "Teacher for life" });
  const asked = await chatter.say(OWNER, "give bob Teacher for life for ever");
  assert.match(asked, /^Not done: “ever” is not understood/);
  assert.is(await chatter.say(OWNER, "7d"), given("Teacher for life", UNTIL_LATER));
});

test("a time that was refused is not asked about once more", async ({ chatter }) => {
  assert.match(await chatter.say(OWNER, "give bob Teacher for Physics", "back"), /^Title\?/);
  assert.match(await chatter.say(OWNER, "-"), /^Until\?/);
});

test("what stands in quotes is a title, and a time may stand behind it", async ({ chatter }) => {
  for (const [line, title, until] of [
    ['give bob "Teacher for 7d"', "Teacher for 7d", undefined],
    ['give bob "Teacher for Physics" for 7d', "Teacher for Physics", UNTIL_LATER],
    ["give bob „Waiting for Godot“ until 2027-01-31", "Waiting for Godot", END_OF_DAY],
  ] as const) {
    assert.is(firstLine(await chatter.say(OWNER, line)), `There is no hat “${title}” yet. Make it?`, line);
    assert.is(await chatter.say(OWNER, "yes"), given(title, until));
  }
});

test("words that are no time, behind what is no hat, belong to a title", async ({ chatter }) => {
  for (const title of ["Prize for art", "for art", "Prize for", "Fortune", "Waiting for Godot"]) {
    const asked = await chatter.say(OWNER, `give bob ${title}`);
    assert.is(firstLine(asked), `There is no hat “${title}” yet. Make it?`);
    await chatter.say(OWNER, "no");
  }
});

test("only who is given a hat is given one for a time", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give bob Teacher");
  assert.is(
    firstLine(await chatter.say(OWNER, "take bob Teacher for 7d")),
    "“Teacher for 7d” is none of these.",
  );
  assert.equal(Object.keys(desk.hats("bob@example.org")), [TEACHER]);
});

test("to whom a hat is delegated, they may give it for a time, and make none", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Bobby", realJid: "bob@example.org" });
  await desk.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: "carol@example.org" });
  const carol = account("carol@example.org/x");
  const asked = await chatter.say(carol, "give Bobby Techer for 7d");
  assert.is(firstLine(asked), "“Techer” is none of these.");
  assert.is(await chatter.say(carol, "Teacher"), `Bobby now has “Teacher” in ${TEAM} until ${UNTIL_LATER}.`);
  await chatter.say(OWNER, "take bob Teacher");
  await desk.once(OWNER, "define-hat", { room: TEAM, hat: "urn:x:other", title: "Other" });
  await desk.once(OWNER, "delegate-hat", { room: TEAM, hat: "urn:x:other", user: "carol@example.org" });
  await chatter.say(carol, "give Bobby");
  assert.is(firstLine(await chatter.say(carol, "Techer for 7d")), "“Techer” is none of these.");
  assert.match(await chatter.say(carol, "Teacher"), /^Shown\?/);
});

const REFUSED: readonly [string, readonly string[], string, RegExp][] = [
  ["a time", ["give bob", "Teacher"], "tomorrow", /^Not done: “tomorrow” is not understood;.*\.\nUntil\? /],
  [
    "a reason",
    ["give bob", "Teacher", "-", "-", "-"],
    "x".repeat(2_001),
    /^Not done: longer than \d+ .*\nReason\?/,
  ],
  ["a title", ["give bob", "1"], "x".repeat(1_001), /^Not done: longer than \d+ .*\nTitle\?/],
  ["a new hat's title", ["give bob"], "x".repeat(1_001), /^Not done: longer than \d+ .*\nHat\?/],
  ["a colour", ["define Guest", "yes"], "tael", /^Not done: neither a number .*\nColour\?/],
  [
    "a usual time",
    ["define Guest", "yes", "-"],
    "soon",
    /^Not done: “soon” is not understood;.*\nUsually worn/,
  ],
];

for (const [what, lines, wrong, asked] of REFUSED) {
  test(`${what} that is refused is asked for again at once, with the reason`, async ({ chatter }) => {
    await chatter.say(OWNER, ...lines);
    assert.match(await chatter.say(OWNER, wrong), asked);
  });
}

test("what is no answer may begin something else, also where anything could be written", async ({
  chatter,
}) => {
  await chatter.say(OWNER, "give bob", "Teacher");
  assert.match(await chatter.say(OWNER, "hats"), /^1 hat in /);
});

test("the title of a hat that there is, is not asked for; back asks for one of their own", async ({
  chatter,
  desk,
}) => {
  assert.match(await chatter.say(OWNER, "give bob", "Teacher"), /^Until\?/);
  assert.match(await chatter.say(OWNER, "back"), /^Title\?/);
  assert.match(await chatter.say(OWNER, "The boss"), /^Until\?/);
  await chatter.say(OWNER, "ok");
  assert.equal(desk.hats("bob@example.org"), {
    [TEACHER]: { active: true, required: false, title: "The boss" },
  });
});

test("a title that was meant for a new hat is not that of another one chosen instead", async ({
  chatter,
  desk,
}) => {
  await chatter.say(OWNER, "give bob", "1", "Helper", "back", "back", "Teacher", "ok");
  assert.equal(desk.hats("bob@example.org"), { [TEACHER]: { active: true, required: false } });
});

test("help, while something is asked, says how to answer, and asks again", async ({ chatter }) => {
  const how = /^The line in brackets says how to answer\. “back” .*“room” .*“cancel” /;
  const asked = await chatter.say(OWNER, "give bob");
  const helped = await chatter.say(OWNER, "help");
  assert.match(helped, how);
  assert.is(helped.split("\n").slice(1).join("\n"), asked);
  const doubted = await chatter.say(OWNER, "Guest");
  assert.ok((await chatter.say(OWNER, "?")).endsWith(`\n${doubted}`));
});

test.run();
