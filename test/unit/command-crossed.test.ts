/** What the note of a command says where somebody changed the same people's hats by the room's own commands. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { noteIn, occupant, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("hats that were changed in the room too");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const SENTENCE =
  / changed by the room's own commands in team@rooms\.example\.org: what was changed here stands/;

test.before.each(async (context) => {
  context.at = await openHatDesk();
  await context.at.desk.addUserHat(BOB, TEAM, HOST, { title: "Host", active: true });
});
test.after.each(({ at }) => at.close());

async function note(at: HatDesk, node: string, values: Values, source = OWNER): Promise<string> {
  const answer = await at.once(source, node, { room: TEAM, ...values });
  return noteIn(answer) ?? answer.error ?? "";
}

const CHANGES: readonly (readonly [string, Values, typeof OWNER?])[] = [
  ["add-user-hat", { user: BOB, hat: TEACHER }],
  ["remove-user-hat", { user: BOB, hat: HOST }],
  ["set-user-hats", { user: BOB, hats: "" }],
  ["retire-hat", { hat: HOST }],
  ["my-hats", { "shown-hats": "" }, MEMBER],
  ["undo", { id: "1" }],
];

for (const [node, values, source] of CHANGES) {
  test(`${node} says so of whom it changed, once, and of nobody else`, async ({ at }) => {
    at.care.crossed.add(CAROL);
    assert.not.match(await note(at, "add-user-hat", { user: "dave@example.org", hat: TEACHER }), SENTENCE);
    at.care.crossed.add(BOB);
    const said = await note(at, node, values, source);
    assert.match(said, SENTENCE);
    assert.is(said.includes(CAROL), false);
    assert.equal([...at.care.crossed], [CAROL]);
  });
}

test("XEP-0317's own commands say so too", async ({ at }) => {
  at.care.crossed.add(BOB);
  const admin = occupant(TEAM, "Al", {
    affiliation: "admin",
    role: "moderator",
    realJid: "adam@example.org" as never,
  });
  const values = { FORM_TYPE: "urn:xmpp:hats:commands", "hats#jid": BOB, "hats#uri": HOST };
  assert.match(noteIn(await at.once(admin, HAT_NODES.unassign, values)) ?? "", SENTENCE);
});

test("several people are named in one sentence", async ({ at }) => {
  at.care.crossed.add(BOB).add(CAROL);
  const said = await note(at, "add-user-hat", { user: [BOB, CAROL, "dave@example.org"], hat: TEACHER });
  assert.equal(said.split("\n").slice(3), [
    `Hats of ${BOB} and ${CAROL} were also changed by the room's own commands in ${TEAM}: what was changed here stands, the rest is taken over.`,
  ]);
});

test("where nothing changed there is nothing to say, and it is said with the next change", async ({ at }) => {
  at.care.crossed.add(BOB);
  assert.not.match(await note(at, "add-user-hat", { user: BOB, hat: HOST }), SENTENCE);
  assert.match(await note(at, "add-user-hat", { user: BOB, hat: TEACHER }), SENTENCE);
});

test("of somebody absent, who may not see real JIDs learns nothing, and it is left to whoever may", async ({
  at,
}) => {
  const team = at.rooms.add(TEAM, { "alice@example.org": "owner", [BOB]: "member", [CAROL]: "member" });
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: HOST, user: BOB });
  at.rooms.enter(TEAM, { nick: "Cat", realJid: CAROL });
  at.care.crossed.add(CAROL);
  const give = { user: `${TEAM}/Cat`, hat: HOST };
  const byNick = await note(at, "add-user-hat", give, MEMBER);
  assert.match(byNick, /Hats of Cat were also/);
  assert.is(byNick.includes(CAROL), false);
  at.care.crossed.add(CAROL);
  const asking = at.rooms.affiliation.bind(at.rooms);
  at.rooms.affiliation = async (room, user) => {
    if (user === CAROL) team.occupants.length = 0;
    return asking(room, user);
  };
  assert.not.match(await note(at, "remove-user-hat", give, MEMBER), SENTENCE);
  assert.equal(at.hats(CAROL), {}, "it was taken");
  assert.equal([...at.care.crossed], [CAROL]);
});

test.run();
