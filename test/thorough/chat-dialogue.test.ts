/** Dialogues in the chat, with the real commands: what words mean, what is asked, and what is done. */
import * as assert from "uvu/assert";
import { VERBS } from "../../src/commands/chat/verbs.ts";
import { account, occupant } from "../support/engine.ts";
import { chatSuite, firstLine } from "../support/chatter.ts";
import { type HatDesk, MEMBER, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const TEACHER = "https://example.org/hats/teacher";
const test = chatSuite("dialogues in the chat", TEACHER);

/* More people than a list names: they are typed in, and judged when all is said. */
function crowd({ rooms }: HatDesk): void {
  for (let at = 0; at < 60; at += 1) rooms.change(TEAM, `user${at}@example.org` as never, "member");
}
const ending = (text: string) => text.split("\n").at(-1);

test("a line with all that is needed is done at once", async ({ chatter, desk }) => {
  assert.is(await chatter.say(OWNER, "give bob Teacher"), `bob@example.org now has “Teacher” in ${TEAM}.`);
  assert.equal(desk.hats("bob@example.org"), { [TEACHER]: { active: true, required: false } });
  assert.is(
    await chatter.say(OWNER, "Take BOB  teacher"),
    `bob@example.org no longer has “Teacher” in ${TEAM}.`,
  );
  assert.equal(desk.hats("bob@example.org"), {});
});

test("people are called by nick, address, or the name in it", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Bobby Tables", realJid: "bob@example.org" });
  for (const who of ["bob", "bob@example.org", "Bobby Tables", "bobby tables", '"Bobby Tables"']) {
    await chatter.say(OWNER, `give ${who} Teacher`);
    assert.is(
      await chatter.say(OWNER, `take ${who} Teacher`),
      `bob@example.org no longer has “Teacher” in ${TEAM}.`,
    );
  }
});

test("several people are named with commas", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give bob, carol,dave Teacher");
  for (const name of ["bob", "carol", "dave"]) assert.ok(TEACHER in desk.hats(`${name}@example.org`));
});

test("a nick that is made to look like somebody else's name is asked for", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "bob", realJid: "dave@example.org" });
  const asked = await chatter.say(OWNER, "give bob Teacher");
  assert.is(firstLine(asked), "“bob” may mean several of these.");
  assert.is(await chatter.say(OWNER, "bob@example.org"), `bob@example.org now has “Teacher” in ${TEAM}.`);
});

test("a nick that is made to look like an address is not who has that address", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "eve@example.org", realJid: "dave@example.org" });
  desk.rooms.enter(TEAM, { nick: "ｅｖｅ＠example.org", realJid: "carol@example.org" });
  const asked = await chatter.say(OWNER, "give eve@example.org Teacher");
  assert.is(firstLine(asked), "“eve@example.org” is none of these.");
  for (const name of ["dave", "carol"]) assert.equal(desk.hats(`${name}@example.org`), {});
});

test("nor is it to a delegate, who knows people by their nicks alone", async ({ chatter, desk }) => {
  await desk.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: "bob@example.org" });
  desk.rooms.enter(TEAM, { nick: "carol@example.org", realJid: "dave@example.org" });
  const asked = await chatter.say(MEMBER, "give carol@example.org Teacher");
  assert.is(firstLine(asked), "“carol@example.org” is none of these.");
  for (const name of ["carol", "dave"]) assert.equal(desk.hats(`${name}@example.org`), {});
  await chatter.say(MEMBER, `${TEAM}/carol@example.org`);
  assert.equal(Object.keys(desk.hats("dave@example.org")), [TEACHER]);
});

test("a nick that begins with somebody else's name is not taken for them and what follows", async ({
  chatter,
  desk,
}) => {
  desk.rooms.enter(TEAM, { nick: "bob Teacher", realJid: "dave@example.org" });
  const asked = await chatter.say(OWNER, "give bob Teacher");
  assert.is(firstLine(asked), "“bob Teacher” may mean several of these.");
  await chatter.say(OWNER, "bob", "Teacher", "ok");
  assert.equal(Object.keys(desk.hats("bob@example.org")), [TEACHER]);
  assert.equal(desk.hats("dave@example.org"), {});
  assert.is(
    await chatter.say(OWNER, 'give "bob Teacher" Teacher'),
    `dave@example.org now has “Teacher” in ${TEAM}.`,
  );
});

test("a number means a choice only where the choices were shown", async ({ chatter, desk }) => {
  assert.is(firstLine(await chatter.say(OWNER, "give 2 Teacher")), "“2” is none of these.");
  await chatter.say(OWNER, "cancel", "give bob");
  await chatter.say(OWNER, "2", "ok");
  assert.ok(TEACHER in desk.hats("bob@example.org"));
});

test("a title of no hat makes one after a yes, ends it after a no, and asks again after back", async ({
  chatter,
  desk,
}) => {
  assert.is(
    firstLine(await chatter.say(OWNER, "give bob Set designer")),
    "There is no hat “Set designer” yet. Make it?",
  );
  assert.equal(desk.hats("bob@example.org"), {});
  assert.is(await chatter.say(OWNER, "no"), "Canceled; nothing changed.");
  assert.is(desk.engine.openSessions, 0);
  assert.is(
    ending(await chatter.say(OWNER, "give bob Techer")),
    "(yes to go on, no to end this; “back” for another answer)",
  );
  assert.is(firstLine(await chatter.say(OWNER, "back")), "Hat? One of the room's hats, or a new one.");
  await chatter.say(OWNER, "Teacher");
  assert.equal(Object.keys(desk.hats("bob@example.org")), [TEACHER]);
});

test("a title has to be said for a new hat that was chosen from the list", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob");
  const asked = await chatter.say(OWNER, "1");
  assert.match(asked, /^Title\?/);
  assert.is(firstLine(await chatter.say(OWNER, "-")), "This is needed.");
  await chatter.say(OWNER, "Helper");
  assert.is(await chatter.say(OWNER, "ok"), `bob@example.org now has “Helper” in ${TEAM}.`);
});

test("where a hat is chosen, a new one is not offered as what could be kept", async ({ chatter }) => {
  assert.is(ending(await chatter.say(OWNER, "give bob")), "(a number or a name; “cancel” ends this)");
  assert.match(
    ending(await chatter.say(OWNER, "Teacher", "back", "back")) ?? "",
    /“-” leaves it at: Teacher; “ok”: that is/,
  );
});

test("words in quotes are words, whatever they mean otherwise", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob");
  await chatter.say(OWNER, "1");
  await chatter.say(OWNER, '"cancel"');
  assert.is(await chatter.say(OWNER, "ok"), `bob@example.org now has “cancel” in ${TEAM}.`);
});

test("what a command refuses is asked again alone, all else kept", async ({ chatter, desk }) => {
  await desk.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: "bob@example.org" });
  await chatter.say(MEMBER, "give", "carol@example.org", "Teacher", "never", "no");
  const again = await chatter.say(MEMBER, "because");
  assert.match(again, /^Who\? Not done: choose somebody who is here, by nick/);
  await chatter.say(MEMBER, "bob@example.org");
  assert.equal(desk.hats("bob@example.org"), { [TEACHER]: { active: false } });
});

test("what was refused is not kept, and may be left out where the field may be", async ({ chatter }) => {
  assert.is(
    ending(await chatter.say(OWNER, "give bob", "Teacher", "tomorrow")),
    "(“-” leaves it empty; “ok”: that is all, do it; “cancel” ends this)",
  );
  assert.is(await chatter.say(OWNER, "ok"), `bob@example.org now has “Teacher” in ${TEAM}.`);
  const refused = await chatter.say(OWNER, "undo 99");
  assert.match(refused, /^Change\? Not done: no change of this room\./);
  assert.is(ending(refused), "(a number; “cancel” ends this)");
  assert.is(firstLine(await chatter.say(OWNER, "-")), "This is needed.");
});

test("a URI that no list shows is kept while another field is mended", async ({ chatter, desk }) => {
  crowd(desk);
  await chatter.say(OWNER, "give", "eve@example.org", "urn:example:new", "ok", "bob@example.org");
  assert.equal(Object.keys(desk.hats("bob@example.org")), ["urn:example:new"]);
});

test("back goes through the fields, and to the forms before", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob Teacher", "take bob");
  assert.match(await chatter.say(OWNER, "Teacher"), /^Reason\?/);
  assert.match(await chatter.say(OWNER, "back"), /^Hat\?/);
  assert.match(await chatter.say(OWNER, "back"), /Who\?/);
  assert.is(firstLine(await chatter.say(OWNER, "back")), "There is nothing before this.");
  await chatter.say(OWNER, "carol");
  assert.match(await chatter.say(OWNER, "bob"), /none of these|Hat\?|no hat/);
});

test("whoever went back is asked again for what was taken for granted", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob Techer", "back", "back");
  assert.match(await chatter.say(OWNER, "carol"), /^Hat\?/);
});

test("a list of hats is set as it is said, and what is no part of it is not asked for", async ({
  chatter,
  desk,
}) => {
  await chatter.say(OWNER, "give bob Helper", "yes");
  await desk.once(OWNER, "add-user-hat", { room: TEAM, user: "bob@example.org", hat: TEACHER, active: "0" });
  assert.is(
    await chatter.say(OWNER, "set bob helper"),
    `bob@example.org no longer has “Teacher” in ${TEAM}.`,
  );
  await chatter.say(OWNER, "set bob");
  const hidden = await chatter.say(OWNER, "helper");
  assert.is(hidden.includes("Teacher"), false);
  await chatter.say(OWNER, "1");
  await chatter.say(OWNER, "ok");
  assert.equal(Object.values(desk.hats("bob@example.org")), [
    { active: false, required: false, title: "Helper" },
  ]);
  assert.is(await chatter.say(OWNER, "set bob none"), `bob@example.org no longer has “Helper” in ${TEAM}.`);
});

test("what is kept is named in the order of the choices", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give bob Teacher");
  await desk.once(OWNER, "add-user-hat", { room: TEAM, user: "bob@example.org", title: "Baker" });
  assert.match(await chatter.say(OWNER, "set bob"), /“-” leaves it at: Baker, Teacher;/);
});

test("a change is undone by the number that the history has for it, not by its place in the list", async ({
  chatter,
}) => {
  await chatter.say(OWNER, "give bob Teacher", "give carol Teacher");
  const asked = await chatter.say(OWNER, "undo");
  const numbers = [...asked.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
  assert.equal(numbers, [3, 2]);
  const told = await chatter.say(OWNER, "history");
  assert.equal(
    [...told.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number)),
    [3, 2, 1],
  );
  assert.match(await chatter.say(OWNER, "undo 3"), /^Change 3 is undone/);
  assert.match(await chatter.say(OWNER, "undo 2"), /^Change 2 is undone/);
});

test("what changes a lot needs a yes, and a no changes nothing", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give bob Teacher");
  assert.is(ending(await chatter.say(OWNER, "retire Teacher")), "(yes to go on, no to end this)");
  assert.is(firstLine(await chatter.say(OWNER, "perhaps")), "“perhaps” is neither yes nor no.");
  assert.is(await chatter.say(OWNER, "no"), "Canceled; nothing changed.");
  assert.ok(TEACHER in desk.hats("bob@example.org"));
  await chatter.say(OWNER, "retire Teacher", "yes");
  assert.equal(desk.hats("bob@example.org"), {});
});

test("hats are made, changed and delegated in words", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Carol", realJid: "carol@example.org" });
  await chatter.say(OWNER, "define Helper", "yes", "teal");
  assert.match(await chatter.say(OWNER, "ok"), /has a new hat, “Helper”/);
  await chatter.say(OWNER, "define Helper", "Assistant");
  assert.match(await chatter.say(OWNER, "ok"), /“Helper” is now called “Assistant”/);
  await chatter.say(OWNER, "delegate Assistant", "bob");
  assert.match(await chatter.say(OWNER, "ok"), /^bob@example\.org may now give and take “Assistant”/);
  assert.match(await chatter.say(MEMBER, "give carol Assistant"), /^Carol now has “Assistant”/);
  assert.match(await chatter.say(MEMBER, "give carol Teacher"), /none of these/);
});

test("a yes or no is asked for as one, with what it is set to", async ({ chatter }) => {
  const asked = await chatter.say(OWNER, "delegate Teacher", "bob");
  assert.match(asked, "(yes or no; “-” leaves it at: no;");
  assert.match(await chatter.say(OWNER, "yes"), /^Every member of \S+ may now give and take “Teacher”/);
  const again = await chatter.say(OWNER, "delegate Teacher", "-");
  assert.match(again, "(yes or no; “-” leaves it at: yes;");
  assert.is(firstLine(await chatter.say(OWNER, "maybe")), "“maybe” is neither yes nor no.");
  assert.match(await chatter.say(OWNER, "no"), /^bob@example\.org may now give and take “Teacher”/);
});

test("what goes on with something says so where nothing is under way", async ({ chatter }) => {
  for (const line of ["cancel", "back"])
    assert.is(await chatter.say(OWNER, line), "Nothing is under way.", line);
});

test("another verb begins something else, where it is no answer to what is asked", async ({
  chatter,
  desk,
}) => {
  await chatter.say(OWNER, "take");
  assert.match(await chatter.say(OWNER, "hats"), /^1 hat in /);
  assert.is(desk.engine.openSessions, 0);
});

test("an end of any kind leaves no session", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give", "cancel", "give", "give", "stop", "take", "x", "y", "z");
  assert.is(desk.engine.openSessions, 0);
  await chatter.say(OWNER, "give");
  assert.is(desk.engine.openSessions, 1);
});

test("rights are judged at each step, as they are for commands", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give bob");
  desk.rooms.change(TEAM, "alice@example.org" as never, "member");
  await chatter.say(OWNER, "Teacher");
  assert.is(await chatter.say(OWNER, "ok"), "Not done: you may not do that here.");
  assert.equal(desk.hats("bob@example.org"), {});
});

test("what a command refuses somebody, the chat refuses them too, and nothing else", async ({
  chatter,
  desk,
}) => {
  desk.rooms.change(TEAM, "x@example.org" as never, "admin");
  for (const who of ["alice", "adam", "bob", "mallory", "eve", "ops"]) {
    for (const verb of VERBS) {
      const source = account(`${who}@example.org/${verb.node}`);
      const command = await desk.talk(source, verb.node)();
      await desk.talk(source, verb.node)(undefined, "cancel");
      const said = await chatter.say(source, verb.words.replace("chat-verb-", ""));
      const isRefused = said === "" || /^Not done: you may not|nothing that I can do/.test(said);
      assert.is(
        isRefused,
        command.error?.startsWith("cancel/forbidden") ?? false,
        `${who} ${verb.node}: ${said}`,
      );
    }
  }
});

test("help names what somebody may do and no more", async ({ chatter }) => {
  const verbs = async (who: typeof OWNER) =>
    [...(await chatter.say(who, "help")).matchAll(/^(\w+)[^\n]* – /gm)].map(([, verb]) => verb);
  assert.equal(await verbs(MEMBER), ["who", "hats", "my"]);
  const all = "give take set who hats my define retire delegate history undo status".split(" ");
  assert.equal(await verbs(OWNER), all);
  assert.equal(await verbs(OPERATOR), all);
});

test("whoever may do nothing gets one line, whichever rooms are named", async ({ chatter }) => {
  const line = "I keep the hats of rooms. There is nothing that I can do for you.";
  const strangers = ["hello", "help", "who", "give bob Teacher", `room ${TEAM}`, "undo 1"].map(
    (text, at) => ({
      text,
      who: account(`eve${at}@example.org/x`),
    }),
  );
  for (const { who, text } of strangers) {
    assert.is(await chatter.say(who, text), line, text);
    assert.is(await chatter.say(who, text), "", text);
  }
  assert.is(await chatter.say(account("mallory@example.org/x"), "who"), line);
  assert.is(chatter.chat.dialogues, 0);
});

test("a stranger is told again after an hour, and is no stranger once a room has them", async ({
  chatter,
  desk,
}) => {
  assert.ok(await chatter.say(STRANGER, "hello"));
  assert.is(await chatter.say(STRANGER, "hello"), "");
  chatter.pass(3_600_000);
  assert.ok(await chatter.say(STRANGER, "hello"));
  desk.rooms.change(TEAM, "eve@example.org" as never, "member");
  assert.match(await chatter.say(STRANGER, "help"), /Who wears what/);
});

test("of several rooms one is asked for, and then talked about until another is", async ({
  chatter,
  desk,
}) => {
  desk.rooms.add("other@rooms.example.org", { "alice@example.org": "owner" });
  assert.match(await chatter.say(OWNER, "hats"), /^Choose the room\.\nRoom\?\n1\. team/);
  assert.match(await chatter.say(OWNER, "other"), /other@rooms\.example\.org has no hats/);
  assert.match(await chatter.say(OWNER, "hats"), /other@rooms\.example\.org has no hats/);
  await chatter.say(OWNER, "room team");
  assert.match(await chatter.say(OWNER, "hats"), /^1 hat in team@/);
  await chatter.say(OWNER, "room");
  assert.match(await chatter.say(OWNER, "hats"), /^Choose the room\./);
});

test("whoever is told which room a question is about may say another, and what was said stands", async ({
  chatter,
  desk,
}) => {
  const other = "other@rooms.example.org";
  desk.rooms.add(other, { "alice@example.org": "owner", "bob@example.org": "member" });
  await chatter.say(OWNER, "hats", "team");
  assert.match(await chatter.say(OWNER, "give bob"), /^In team@.*“room” is for another room\.\nHat\?/);
  assert.match(await chatter.say(OWNER, "room"), /^Choose the room\.\nRoom\?\n1\. team/);
  assert.match(await chatter.say(OWNER, "other"), /^Hat\?/);
  assert.is(await chatter.say(OWNER, "Helper", "yes", "ok"), `bob@example.org now has “Helper” in ${other}.`);
  assert.match(await chatter.say(OWNER, "set"), /^In other@/);
  assert.match(await chatter.say(OWNER, "room team"), /^In team@/);
  assert.is(desk.engine.openSessions, 1);
});

test("a room that is no longer theirs is not talked about any more", async ({ chatter, desk }) => {
  desk.rooms.add("other@rooms.example.org", { "alice@example.org": "owner" });
  await chatter.say(OWNER, "hats", "other");
  desk.rooms.change("other@rooms.example.org", "alice@example.org" as never, "none");
  assert.match(await chatter.say(OWNER, "hats"), /^1 hat in team@/);
});

test("through a room it is that room, and people are those who are there, by nick", async ({
  chatter,
  desk,
}) => {
  desk.rooms.add("other@rooms.example.org", { "bob@example.org": "member" });
  const bobby = desk.rooms.enter(TEAM, { nick: "Bobby", realJid: "bob@example.org", affiliation: "member" });
  await chatter.say(OWNER, "give bob Teacher", "give carol Teacher");
  const through = occupant(TEAM, "Bobby", bobby);
  assert.is(await chatter.say(through, "who"), `Who wears what in ${TEAM}:\nBobby: Teacher.`);
  assert.is(await chatter.say(through, "who bobby"), `Bobby has 1 hat in ${TEAM}:\nBobby: Teacher.`);
  assert.match(await chatter.say(through, "who carol"), /none of these/);
});

test("where people have to be typed in, nicks are taken through the room", async ({ chatter, desk }) => {
  crowd(desk);
  const alice = desk.rooms.enter(TEAM, { nick: "Alice", realJid: "alice@example.org", role: "moderator" });
  desk.rooms.enter(TEAM, { nick: "Bobby", realJid: "bob@example.org" });
  const through = occupant(TEAM, "Alice", alice);
  assert.is(
    await chatter.say(through, "give Bobby Teacher"),
    `bob@example.org now has “Teacher” in ${TEAM}.`,
  );
  assert.is(
    await chatter.say(through, "give user1@example.org, carol@example.org Teacher"),
    [
      `user1@example.org now has “Teacher” in ${TEAM}.`,
      `carol@example.org now has “Teacher” in ${TEAM}.`,
    ].join("\n"),
  );
});

test("what can be no address is asked for again at once, may begin something else, and three of it end it", async ({
  chatter,
  desk,
}) => {
  crowd(desk);
  const asked = await chatter.say(OWNER, "give bob Teacher");
  assert.match(asked, /^Not done: not a JID, such as bob@example\.org\.\n(?:Choose .*\n)?Who\?/);
  assert.match(await chatter.say(OWNER, "hats"), /^1 hat in /);
  await chatter.say(OWNER, "give", "bob", "carol");
  assert.match(await chatter.say(OWNER, "dave"), /^I still do not understand/);
  assert.is(desk.engine.openSessions, 0);
});

test("the language is that of the message, else that of the verb, and stays for what is under way", async ({
  chatter,
}) => {
  const hear = (text: string, lang: string) => chatter.chat.hear(OWNER, { text, lang, isEncrypted: false });
  assert.equal(await hear("who", "de-AT"), { text: `Niemand hat einen Hut in ${TEAM}.`, lang: "de" });
  const asked = await hear("gib", "");
  assert.is(asked?.lang, "de");
  assert.match((await hear("abbrechen", "en"))?.text ?? "", /^Abgebrochen/);
  assert.is((await hear("who", "en"))?.lang, "en");
  assert.is((await hear("aide", "en"))?.lang, "fr");
  assert.is((await hear("hats", "tlh"))?.lang, "en");
  const refused = await chatter.chat.hear(MEMBER, { text: "gib", lang: "", isEncrypted: false });
  assert.equal(refused?.lang, "de");
  assert.not.match(refused?.text ?? "", /you may not/);
});

test("the language of a verb stays, until messages say another or a verb is of another", async ({
  chatter,
}) => {
  const langOf = async (text: string, lang: string) =>
    (await chatter.chat.hear(OWNER, { text, lang, isEncrypted: false }))?.lang;
  assert.is(await langOf("wer", "en"), "de");
  assert.is(await langOf("Guten Tag", "en"), "de");
  assert.is(await langOf("who", "en"), "en");
  assert.is(await langOf("qui", "en"), "fr");
  assert.is(await langOf("Bonjour", "es"), "es");
  assert.is(await langOf("qui", "es"), "fr");
  assert.is(await langOf("who", "es"), "es");
});

test("what somebody wrote is repeated in one short line", async ({ chatter }) => {
  await chatter.say(OWNER, "take");
  const [line = ""] = (await chatter.say(OWNER, `\u202e${"x".repeat(3_000)}`)).split("\n");
  assert.ok(line.length < 100);
  assert.not.match(line, /\u202e/);
});

test("a line that is too long is not read in part", async ({ chatter, desk }) => {
  await chatter.say(OWNER, "give bob", "1");
  assert.match(await chatter.say(OWNER, "x".repeat(5_000)), /longer than 4096 characters/);
  assert.match(await chatter.say(OWNER, "Helper"), /^Until\?/);
  assert.is(desk.engine.openSessions, 1);
});

test.run();
