/** How long, how often and to whom the chat answers: expiry, occupancies, paces, echoes, and whatever anybody writes. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CHAT_LIMITS } from "../../src/commands/chat/chat.ts";
import { Allowance } from "../../src/commands/chat/allowance.ts";
import { MOST_MISUNDERSTOOD } from "../../src/commands/chat/dialogue.ts";
import { SIGNALS, VERBS } from "../../src/commands/chat/verbs.ts";
import { foldWord } from "../../src/commands/chat/vocabulary.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import { account, occupant } from "../support/engine.ts";
import { chatOver, type Chatter } from "../support/chatter.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

interface Context {
  desk: HatDesk;
  chatter: Chatter;
  bugs: unknown[];
}

const test = suite<Context>("the limits of the chat");

test.before.each(async (context) => {
  context.desk = await openHatDesk();
  context.chatter = chatOver(context.desk);
});
test.after.each(async ({ desk, chatter }) => {
  await desk.close();
  assert.equal(chatter.bugs, []);
});

test("a dialogue is forgotten when nobody goes on with it for a while", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob");
  chatter.pass(CHAT_LIMITS.idleMs - 20_000);
  assert.match(await chatter.say(OWNER, "Helper"), /Make it\?/);
  chatter.pass(CHAT_LIMITS.idleMs);
  assert.match(await chatter.say(OWNER, "yes"), /^I did not understand/);
  assert.is(chatter.chat.dialogues, 1);
  chatter.pass(CHAT_LIMITS.idleMs);
  assert.is(chatter.chat.dialogues, 0);
});

test("a session that ended by itself says so, and the dialogue is open for another", async ({ desk }) => {
  let now = 0;
  const strict = await openHatDesk({ limits: { ...DEFAULT_LIMITS, idleMs: 1_000 }, now: () => now });
  const { say } = chatOver(strict);
  await say(OWNER, "give bob");
  now += 2_000;
  assert.match(await say(OWNER, "Helper", "yes", "ok"), /^Not done: this session has ended/);
  assert.match(await say(OWNER, "hats"), /has no hats yet/);
  await strict.close();
  assert.is(desk.engine.openSessions, 0);
});

test("what is begun from one address is not gone on with from another", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob Helper");
  assert.match(await chatter.say(account("alice@example.org/phone"), "yes"), /^I did not understand/);
  assert.match(await chatter.say(OWNER, "yes"), /now has “Helper”/);
});

test("what an occupant began ends with the occupancy", async ({ chatter, desk }) => {
  const alice = desk.rooms.enter(TEAM, { nick: "Al", realJid: "alice@example.org" });
  const adam = { ...alice, realJid: "adam@example.org" as BareJid, affiliation: "admin" as const };
  await chatter.say(occupant(TEAM, "Al", alice), "give bob Helper");
  chatter.chat.endOccupancy(`${TEAM}/Al`);
  desk.engine.endOccupancy(`${TEAM}/Al`);
  assert.match(await chatter.say(occupant(TEAM, "Al", adam), "yes"), /^I did not understand/);
});

test("an answer that is ready after its asker left reaches nobody", async ({ chatter, desk }) => {
  const alice = desk.rooms.enter(TEAM, { nick: "Al", realJid: "alice@example.org" });
  const source = occupant(TEAM, "Al", alice);
  const said = ["hats", "who", "help"].map((line) => chatter.say(source, line));
  chatter.chat.endOccupancy(source.address);
  assert.equal(await Promise.all(said), ["", "", ""]);
});

test("what somebody asked for and left before its turn came is not done", async ({ chatter, desk }) => {
  const alice = desk.rooms.enter(TEAM, { nick: "Al", realJid: "alice@example.org" });
  const source = occupant(TEAM, "Al", alice);
  await desk.once(OWNER, "define-hat", { room: TEAM, title: "Helper" });
  const said = ["who", "give bob Helper"].map((line) => chatter.say(source, line));
  chatter.chat.endOccupancy(source.address);
  assert.equal(await Promise.all(said), ["", ""]);
  assert.equal(desk.hats("bob@example.org"), {});
});

test("lines are answered in their order, one at a time", async ({ chatter }) => {
  const lines = ["give bob", "Helper", "yes", "ok", "hats"];
  const answers = await Promise.all(lines.map((line) => chatter.say(OWNER, line)));
  assert.equal(
    answers.map((answer) => /Hat\?|Make it|Until\?|now has|1 hat/.exec(answer)?.[0]),
    ["Hat?", "Make it", "Until?", "now has", "1 hat"],
  );
});

test("so many answers a minute, whatever the device, and then silence until the minute is over", async ({
  desk,
}) => {
  const { say, pass } = chatOver(desk, 0);
  for (let at = 0; at < CHAT_LIMITS.answersAMinute; at += 1) {
    assert.ok(await say(account(`alice@example.org/${at}`), "hats"), String(at));
  }
  assert.is(await say(OWNER, "hats"), "");
  assert.ok(await say(MEMBER, "hats"));
  pass(60_000);
  assert.ok(await say(OWNER, "hats"));
});

test("a room cannot use up somebody's answers by claiming that its occupants are them", async ({ desk }) => {
  const { say } = chatOver(desk, 0);
  const claimed = { realJid: "alice@example.org" as BareJid };
  for (let at = 0; at < CHAT_LIMITS.answersAMinute; at += 1) {
    assert.ok(await say(occupant(TEAM, `x${at}`, claimed), "hats"), String(at));
  }
  assert.is(await say(occupant(TEAM, "y", claimed), "hats"), "");
  assert.ok(await say(OWNER, "hats"));
});

test("so many answers an hour", async ({ desk }) => {
  const { say, pass } = chatOver(desk, 3_000);
  for (let at = 0; at < CHAT_LIMITS.answersAnHour; at += 1) assert.ok(await say(OWNER, "hats"), String(at));
  assert.is(await say(OWNER, "hats"), "");
  pass(3_600_000);
  assert.ok(await say(OWNER, "hats"));
});

test("strangers, however many, leave people their answers", async ({ desk }) => {
  const { say, chat } = chatOver(desk, 0);
  for (let at = 0; at < CHAT_LIMITS.unknownPeople; at += 1)
    await say(account(`x${at}@far.example/x`), "hello");
  assert.is(await say(STRANGER, "hello"), "");
  assert.ok(await say(OWNER, "hats"));
  assert.is(chat.dialogues, 1);
});

test("nobody is called a stranger before all rooms can say who is what there", async ({ desk }) => {
  let isWaiting = true;
  const { say } = chatOver(desk, 0, () => isWaiting);
  assert.is(await say(STRANGER, "hello"), "");
  assert.ok(await say(OWNER, "help"));
  isWaiting = false;
  assert.match(await say(STRANGER, "hello"), /nothing that I can do for you/);
});

test("an allowance is taken so often in its time, and remembers so many people", () => {
  let now = 0;
  const allowance = new Allowance({ times: 2, withinMs: 10, people: 2 }, () => now);
  const take = (person: string) => allowance.take(person);
  assert.equal([take("a"), take("a"), take("a"), take("b"), take("c")], [true, true, false, true, false]);
  now = 10;
  assert.equal([take("c"), take("a")], [true, true]);
});

test("what means nothing is answered three times in a row, and not until something is understood", async ({
  chatter,
}) => {
  for (let at = 0; at < MOST_MISUNDERSTOOD; at += 1) {
    assert.match(await chatter.say(OWNER, `what ${at}`), /^I did not understand/);
  }
  assert.is(await chatter.say(OWNER, "what now"), "");
  assert.ok(await chatter.say(OWNER, "hats"));
  assert.match(await chatter.say(OWNER, "what"), /^I did not understand/);
});

test("wrong answers end a command after the third", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give");
  assert.match(await chatter.say(OWNER, "a b"), /none of these/);
  assert.match(await chatter.say(OWNER, "c d"), /none of these/);
  assert.match(await chatter.say(OWNER, "e f"), /leave this; nothing changed/);
  assert.is(await chatter.say(OWNER, "g h"), "");
  assert.is(desk.engine.openSessions, 0);
});

test("its own words are not answered, and neither is the same line over and over", async ({ chatter }) => {
  const help = await chatter.say(OWNER, "help");
  assert.is(await chatter.say(OWNER, help), "");
  assert.ok(await chatter.say(OWNER, "help"));
  assert.ok(await chatter.say(OWNER, "help"));
  assert.is(await chatter.say(OWNER, "help"), "");
  for (let at = 0; at < 5; at += 1) assert.ok(await chatter.say(OWNER, "hats"), "commands may be repeated");
});

test("another program that says many lines, the first of them help, is not understood", async ({
  chatter,
}) => {
  assert.match(await chatter.say(OWNER, "help - shows this\ngive - gives"), /^I did not understand/);
});

test("encrypted messages are answered once a day", async ({ chatter }) => {
  const encrypted = { text: "", lang: "", isEncrypted: true };
  assert.match((await chatter.chat.hear(OWNER, encrypted))?.text ?? "", /encrypted/);
  chatter.pass(3_600_000);
  assert.is(await chatter.chat.hear(OWNER, encrypted), undefined);
  chatter.pass(86_400_000);
  assert.ok(await chatter.chat.hear(OWNER, encrypted));
});

test("a bug is answered without its text, logged, and ends what was under way", async ({ desk }) => {
  let isBroken = false;
  const engine = {
    offered: desk.engine.offered.bind(desk.engine),
    handle: async (...request: Parameters<typeof desk.engine.handle>) => {
      if (isBroken) throw new TypeError("secret");
      return desk.engine.handle(...request);
    },
  };
  const broken = chatOver({ ...desk, engine: engine as never });
  await broken.say(OWNER, "give bob");
  isBroken = true;
  assert.is(
    await broken.say(OWNER, "Helper"),
    "There is no hat “Helper” yet. Make it?\n(yes to go on, no to end this; “back” for another answer)",
  );
  await broken.say(OWNER, "yes");
  assert.is(await broken.say(OWNER, "ok"), "Not done: something went wrong in the desk.");
  assert.is(broken.bugs.length, 1);
  isBroken = false;
  assert.ok(await broken.say(OWNER, "hats"));
});

test("whatever anybody writes, there is one answer at most, no bug, and nothing that XML forbids", async ({
  desk,
}) => {
  desk.rooms.enter(TEAM, { nick: "Bobby", realJid: "bob@example.org" });
  desk.rooms.add("other@rooms.example.org", { "alice@example.org": "owner" });
  const words =
    "give take set who hats my define retire delegate history undo status help room cancel back yes no ok - none"
      .split(" ")
      .concat([
        "bob",
        "Bobby",
        "carol",
        "Teacher",
        "1",
        "2",
        "3,1",
        '"',
        "“x",
        ",",
        ";",
        "urn:x:y",
        "7d",
        "teal",
        "\u202e",
        ">",
      ]);
  const line = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((some) => some.join(" ")),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      const chatter = chatOver(desk);
      for (const text of lines) {
        const said = await chatter.say(OWNER, text);
        assert.not.match(said, /[\u202a-\u202e]/);
        assert.ok(said.length < 20_000);
      }
      await chatter.say(OWNER, "cancel");
      assert.equal(chatter.bugs, []);
    }),
    { numRuns: 60 },
  );
  /* What was left open are sessions of dialogues that ended with their test. */
  assert.is(desk.engine.openSessions, 0);
});

test("no word means two things in any language, and each is one word", () => {
  const forms = loadForms();
  for (const lang of forms.languages) {
    const say = (key: string) => forms.phrases(lang).say(key);
    const english = (key: string) => forms.phrases("en").say(key);
    const meanings = new Map<string, string>();
    const keys = [...VERBS.map(({ words }) => words), ...Object.values(SIGNALS)];
    for (const key of keys) {
      for (const word of new Set([...say(key).split(/,\s*/), ...english(key).split(/,\s*/)])) {
        assert.not.match(word, /\s/, `${lang} ${key}`);
        const before = meanings.get(foldWord(word)) ?? key;
        assert.is(before, key, `${lang}: ${word}`);
        meanings.set(foldWord(word), key);
      }
    }
  }
});

test.run();
