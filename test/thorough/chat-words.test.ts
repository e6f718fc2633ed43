/** Words as people and their keyboards write them: quotation marks, apostrophes, commas, numbers, punctuation. */
import * as assert from "uvu/assert";
import { chatSuite, firstLine } from "../support/chatter.ts";
import { OWNER, TEAM } from "../support/hat-desk.ts";

const TEACHER = "https://example.org/hats/teacher";
const test = chatSuite("words in the chat, as they are typed", TEACHER);

const given = (...names: string[]) =>
  names.map((name) => `${name}@example.org now has “Teacher” in ${TEAM}.`).join("\n");

test("to remove a hat is to take it, as the command is called", async ({ chatter }) => {
  await chatter.say(OWNER, "give bob Teacher");
  assert.match(await chatter.say(OWNER, "remove bob Teacher"), /^bob@example\.org no longer has “Teacher”/);
});

test("any quotation marks that keyboards have are quotation marks", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Bobby Tables", realJid: "bob@example.org" });
  const marks = ['""', "''", "“”", "„“", "„”", "””", "«»", "»«", "‘’", "‚‘", "‹›", "›‹"];
  for (const [open, close] of marks) {
    const line = `give ${open}Bobby Tables${close} ${open}Teacher${close}`;
    assert.is(await chatter.say(OWNER, line), given("bob"), line);
    await chatter.say(OWNER, "take bob Teacher");
  }
  assert.is(await chatter.say(OWNER, "give « Bobby Tables » « Teacher »"), given("bob"));
});

test("an apostrophe in a quoted name does not end it", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Bob O'Brien", realJid: "bob@example.org" });
  for (const who of [`"Bob O'Brien"`, `'Bob O'Brien'`, `“Bob O'Brien”`]) {
    assert.is(await chatter.say(OWNER, `give ${who} Teacher`), given("bob"), who);
    await chatter.say(OWNER, "take bob Teacher");
  }
});

test("among several people with commas between them, some may stand in quotes", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Bobby Tables", realJid: "bob@example.org" });
  desk.rooms.enter(TEAM, { nick: "Doe, Carol", realJid: "carol@example.org" });
  for (const who of ['"Bobby Tables", carol', '"Bobby Tables", "Doe, Carol"', '"bob","carol"']) {
    assert.is(await chatter.say(OWNER, `give ${who} Teacher`), given("bob", "carol"), who);
    await chatter.say(OWNER, "take bob, carol Teacher");
  }
  assert.is(await chatter.say(OWNER, 'give "bob", Teacher'), given("bob"));
});

test("where people are typed in, they may stand in quotes too", async ({ chatter, desk }) => {
  for (let at = 0; at < 60; at += 1) desk.rooms.change(TEAM, `user${at}@example.org` as never, "member");
  const line = 'give "bob@example.org", carol@example.org Teacher';
  assert.is(await chatter.say(OWNER, line), given("bob", "carol"));
});

test("a nick that is made to look like the names of several people is asked for", async ({
  chatter,
  desk,
}) => {
  desk.rooms.enter(TEAM, { nick: "bob, carol", realJid: "dave@example.org" });
  const asked = await chatter.say(OWNER, "give bob, carol Teacher");
  assert.is(firstLine(asked), "“bob, carol” may mean several of these.");
  assert.equal(desk.hats("dave@example.org"), {});
  await chatter.say(OWNER, "cancel");
  assert.is(await chatter.say(OWNER, 'give "bob, carol" Teacher'), given("dave"));
  assert.is(await chatter.say(OWNER, "give bob@example.org, carol Teacher"), given("bob", "carol"));
});

test("a number that no list showed means nothing", async ({ chatter, desk }) => {
  for (let at = 0; at < 60; at += 1)
    await desk.once(OWNER, "define-hat", { room: TEAM, title: `Hat ${String(at).padStart(2, "0")}` });
  assert.match(await chatter.say(OWNER, "give bob"), /\n50\. Hat 48\nand 12 more\n/);
  assert.is(firstLine(await chatter.say(OWNER, "51")), "There is no hat “51” yet. Make it?");
  await chatter.say(OWNER, "back");
  await chatter.say(OWNER, "50", "ok");
  assert.is(
    await chatter.say(OWNER, "who bob"),
    `bob@example.org has 1 hat in ${TEAM}:\nbob@example.org: Hat 48.`,
  );
});

test("numbers of the list need but spaces between them", async ({ chatter }) => {
  await chatter.say(OWNER, "give", "3 4", "Teacher");
  assert.is(await chatter.say(OWNER, "ok"), given("bob", "carol"));
});

test("a number may be written as the list has it", async ({ chatter, desk }) => {
  for (const [who, hat] of [
    ["3.", "2."],
    ["3)", "#2"],
  ] as const) {
    await chatter.say(OWNER, "give", who, hat, "ok");
    assert.equal(Object.keys(desk.hats("bob@example.org")), [TEACHER]);
    await chatter.say(OWNER, "take bob Teacher");
  }
  assert.match(await chatter.say(OWNER, "undo #5"), /^Change 5 is undone/);
});

test("a hat that is called as none is does not make it none", async ({ chatter, desk }) => {
  await desk.once(OWNER, "define-hat", { room: TEAM, title: "None" });
  await chatter.say(OWNER, "give bob Teacher");
  assert.is(firstLine(await chatter.say(OWNER, "set bob none")), "“none” may mean several of these.");
  assert.equal(Object.keys(desk.hats("bob@example.org")), [TEACHER]);
  await chatter.say(OWNER, "cancel", 'set bob "none"');
  assert.is(
    await chatter.say(OWNER, "who bob"),
    `bob@example.org has 1 hat in ${TEAM}:\nbob@example.org: None.`,
  );
  assert.is(await chatter.say(OWNER, "set bob nobody"), `bob@example.org no longer has “None” in ${TEAM}.`);
});

test("an apostrophe is one, whether it is straight or curved", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "O'Brien", realJid: "bob@example.org" });
  desk.rooms.enter(TEAM, { nick: "D’Arcy", realJid: "carol@example.org" });
  await desk.once(OWNER, "define-hat", { room: TEAM, hat: "urn:x:cut", title: "Director's cut" });
  for (const line of ["give O’Brien Director’s cut", "give “O’Brien” ‘Director’s cut’"]) {
    assert.match(await chatter.say(OWNER, line), /^bob@example\.org now has “Director's cut” in /, line);
    await chatter.say(OWNER, "take bob Director’s cut");
  }
  assert.is(await chatter.say(OWNER, "give D'Arcy Teacher"), given("carol"));
});

test("of two nicks that look alike but for the apostrophe, quotes mean the one that is written", async ({
  chatter,
  desk,
}) => {
  desk.rooms.enter(TEAM, { nick: "O'Brien", realJid: "bob@example.org" });
  desk.rooms.enter(TEAM, { nick: "O’Brien", realJid: "dave@example.org" });
  for (const who of ["O'Brien", "O’Brien"]) {
    const asked = await chatter.say(OWNER, `give ${who} Teacher`);
    assert.is(firstLine(asked), `“${who}” may mean several of these.`);
    await chatter.say(OWNER, "cancel");
  }
  assert.is(await chatter.say(OWNER, `give "O'Brien" Teacher`), given("bob"));
  assert.is(await chatter.say(OWNER, 'give "O’Brien" Teacher'), given("dave"));
});

test("people may be named as they are addressed, and a sentence may end", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "Bobby", realJid: "bob@example.org" });
  for (const who of ["@Bobby", "bobby:", "Bobby,", "@bob", "@bob,"]) {
    assert.is(await chatter.say(OWNER, `give ${who} Teacher`), given("bob"), who);
    await chatter.say(OWNER, "take bob Teacher.");
    assert.equal(desk.hats("bob@example.org"), {});
  }
  for (const line of ["who bob?", "qui bob ?", "who @bobby!"])
    assert.match(await chatter.say(OWNER, line), /^bob@example\.org (?:has no hats|n’a aucun chapeau)/, line);
});

test("a nick that is somebody else's name with punctuation is asked for", async ({ chatter, desk }) => {
  desk.rooms.enter(TEAM, { nick: "bob:", realJid: "dave@example.org" });
  const asked = await chatter.say(OWNER, "give bob: Teacher");
  assert.is(firstLine(asked), "“bob:” may mean several of these.");
  await chatter.say(OWNER, "cancel");
  assert.is(await chatter.say(OWNER, 'give "bob:" Teacher'), given("dave"));
});

test("punctuation may be a part of a new hat's title", async ({ chatter }) => {
  assert.is(
    firstLine(await chatter.say(OWNER, "give bob Teacher!")),
    "There is no hat “Teacher!” yet. Make it?",
  );
});

test("a question or an exclamation may open with its mark, or end with one of its own", async ({
  chatter,
}) => {
  for (const [line, answer] of [
    ["who ?", /^Nobody has a hat/],
    ["qui\u00A0?", /^Personne n’a de chapeau/],
    ["¿Quién?", /^Nadie tiene sombrero/],
    ["¿quién bob?", /^bob@example\.org no tiene sombreros/],
    ["¡ayuda!", /^Me encargo de los sombreros/],
    ["¿?", /^Me encargo de los sombreros/],
    ["??", /^Me encargo de los sombreros/],
    ["ayuda?!", /^Me encargo de los sombreros/],
  ] as const)
    assert.match(await chatter.say(OWNER, line), answer, line);
  await chatter.say(OWNER, "da bob Guest");
  assert.match(await chatter.say(OWNER, "¡Sí!"), /^bob@example\.org ahora tiene «Guest»/);
});

test("a word that two languages have is of the one that is spoken", async ({ chatter }) => {
  assert.match(await chatter.say(OWNER, "wer", "status"), /^Stand von 1 Raum/);
});

test("several people or hats may have a word between them, in place of a comma", async ({
  chatter,
  desk,
}) => {
  desk.rooms.enter(TEAM, { nick: "Bobby Tables", realJid: "bob@example.org" });
  for (const who of ["bob and carol", "bob & carol", '"Bobby Tables" and carol', "@bob and @carol"]) {
    assert.is(await chatter.say(OWNER, `give ${who} Teacher`), given("bob", "carol"), who);
    await chatter.say(OWNER, "take bob, carol Teacher");
  }
  assert.is(await chatter.say(OWNER, "give adam, bob and carol Teacher"), given("adam", "bob", "carol"));
  assert.is(
    firstLine(await chatter.say(OWNER, "give bob and so on")),
    "There is no hat “and so on” yet. Make it?",
  );
  await chatter.say(OWNER, "cancel");
  await desk.once(OWNER, "define-hat", { room: TEAM, title: "Rock and Roll" });
  await chatter.say(OWNER, "fija bob Teacher y Rock and Roll");
  assert.is(Object.keys(desk.hats("bob@example.org")).length, 2);
  assert.match(
    await chatter.say(OWNER, "cancel", "wer", "nimm bob und carol Teacher"),
    /^bob@example.*\ncarol/,
  );
});

test("a nick that is made to look like two names with a word between them is asked for", async ({
  chatter,
  desk,
}) => {
  desk.rooms.enter(TEAM, { nick: "bob and carol", realJid: "dave@example.org" });
  const asked = await chatter.say(OWNER, "give bob and carol Teacher");
  assert.is(firstLine(asked), "“bob and carol” may mean several of these.");
  await chatter.say(OWNER, "cancel");
  assert.is(await chatter.say(OWNER, 'give "bob and carol" Teacher'), given("dave"));
});

test("a time may stand at the end of a sentence", async ({ chatter }) => {
  const until = /^(?:Changed: )?bob@example\.org now has “Teacher” in \S+ until \S+Z\.$/;
  assert.match(await chatter.say(OWNER, "give bob Teacher for 7d."), until);
  assert.match(await chatter.say(OWNER, "give bob Teacher until 2099-01-31!"), until);
  assert.match(await chatter.say(OWNER, "give bob", "Teacher", "8d.", "ok"), until);
  assert.match(await chatter.say(OWNER, "define Guest", "yes", "-", "2 weeks."), /has a new hat, “Guest”/);
});

test("French has a space before the marks between the hints, as before others", async ({ chatter }) => {
  const asked = await chatter.say(OWNER, "donner bob");
  assert.ok(asked.endsWith("(un numéro ou un nom\u00A0; «\u00A0annuler\u00A0» arrête tout)"), asked);
});

test.run();
