/** desk-status: how rooms stand, the one thing to do next, and switching hats on. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NEXT_STEPS, nextStep, type RoomFacts } from "../../src/commands/room/next-step.ts";
import type { RoomStanding } from "../../src/commands/room/room-care.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { refusal, wordsOf } from "../../src/xmpp/muc/room-refusal.ts";
import { account, formIn, noteIn, occupant, type Received, send, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";
import { GOOD_STANDING } from "../support/room-care.ts";

const test = suite<{ at: HatDesk }>("desk-status");

const LAB = "lab@rooms.example.org";
const ADMIN = account("adam@example.org/desk");
const OFF: Partial<RoomStanding> = { dialect: "own-presence" };
const TOO_MANY = new StanzaError("cancel", "not-allowed", undefined, "too many").explanation;
const FORBIDDEN = "cancel/forbidden: you may not do that here";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

const status = (at: HatDesk, source = OWNER, values: Record<string, string> = {}) =>
  at.once(source, "desk-status", values);
const roomsIn = (received: Received) => tableIn(received).rows.map(([room]) => room);

test("without a room it tells of all rooms of whoever asks, and asks nothing", async ({ at }) => {
  at.rooms.add(LAB, { "bob@example.org": "owner" });
  assert.equal(roomsIn(await at.talk(OWNER, "desk-status")()), [TEAM]);
  assert.equal(roomsIn(await at.talk(OPERATOR, "desk-status")()), [LAB, TEAM]);
  assert.equal(roomsIn(await status(at, OPERATOR, { room: TEAM })), [TEAM]);
  assert.equal(roomsIn(await at.talk(occupant(TEAM, "al", { affiliation: "admin" }), "desk-status")()), [
    TEAM,
  ]);
});

test("owners and admins see their rooms only, others nothing", async ({ at }) => {
  at.rooms.add(LAB, { "bob@example.org": "member" });
  for (const source of [MEMBER, STRANGER]) {
    assert.is((await status(at, source)).error, FORBIDDEN);
    assert.is((await status(at, source, { room: TEAM })).error, FORBIDDEN);
  }
  assert.is((await status(at, OWNER, { room: LAB })).error, "cancel/item-not-found: no such room");
  assert.is(
    (await status(at, OWNER, { room: "nowhere" })).error?.slice(0, 39),
    "modify/bad-request bad-payload: room: n",
  );
});

test("each row says how the room stands, and the note says it too", async ({ at }) => {
  await at.desk.addUserHat("bob@example.org", TEAM, "urn:x:a");
  at.care.standings.set(TEAM, { pending: 3, drift: 2, unshown: ["bob: urn:x:a"], lastError: TOO_MANY });
  const received = await status(at);
  const todo = "take some hats off: the room cannot show them all";
  assert.equal(tableIn(received).rows, [
    [
      TEAM,
      "xep-0317",
      "owner",
      "1",
      "3",
      "2",
      "bob: urn:x:a",
      "the answer was cancel/not-allowed: “too many”",
      todo,
    ],
  ]);
  assert.ok(
    noteIn(received)?.includes(`${TEAM}: to do: ${todo} (hats by xep-0317, the bot is owner, wearers: 1`),
  );
});

test("why a room is refused stands where the last error does", async ({ at }) => {
  const refused = {
    state: "refused",
    code: "banned",
    reason: refusal("banned", ...wordsOf("spam")).why,
    rights: undefined,
  } as const;
  at.care.standings.set(TEAM, { ...refused, dialect: undefined });
  const [row = []] = tableIn(await status(at)).rows;
  assert.equal(row.slice(-2), ["the bot is banned from the room (“spam”)", "lift the ban on the bot"]);
  const [german = []] = tableIn(
    await send(at.engine, OWNER, { node: "desk-status", form: {}, lang: "de" }),
  ).rows;
  assert.equal(german.slice(-2), [
    "der Bot ist aus dem Raum verbannt („spam“)",
    "den Bann des Bots aufheben",
  ]);
});

test("however much a room says for a reason, the other rooms are told of", async ({ at }) => {
  at.rooms.add(LAB);
  const reason = refusal("destroyed", ...wordsOf(`\u202egone\n${"very 🎩".repeat(20_000)}`)).why;
  at.care.standings.set(LAB, { state: "refused", code: "destroyed", reason, rights: undefined });
  const received = await status(at, OPERATOR);
  assert.equal(roomsIn(received), [LAB, TEAM]);
  assert.match(noteIn(received) ?? "", " gone very 🎩very");
});

test("rooms that want something come first", async ({ at }) => {
  at.rooms.add(LAB);
  at.care.standings.set(TEAM, { rights: "member" });
  assert.equal(roomsIn(await status(at, OPERATOR)), [TEAM, LAB]);
});

test("a room's owner is asked whether to switch hats on where they are off, and then it is done", async ({
  at,
}) => {
  at.care.standings.set(TEAM, OFF);
  at.care.switches.set(TEAM, false);
  const talk = at.talk(OWNER, "desk-status");
  const form = formIn(await talk());
  assert.match(form.instructions ?? "", `Hats are switched off in ${TEAM}.`);
  assert.equal(
    form.fields.map((field) => [field.var, field.type, field.values]),
    [["enable-hats", "boolean", ["0"]]],
  );
  assert.equal(roomsIn(await talk({ "enable-hats": "1" })), [TEAM]);
  assert.is(at.care.switches.get(TEAM), true);
});

test("until the bot found out how a room shows hats that were just switched on, the answer asks to wait", async ({
  at,
}) => {
  at.care.standings.set(TEAM, OFF);
  at.care.switches.set(TEAM, false);
  const [row = []] = tableIn(await status(at, OWNER, { room: TEAM, "enable-hats": "1" })).rows;
  assert.equal([row[1], row.at(-1)], ["", "wait: the bot is on its way"]);
});

test("whoever does not want to is told what to do instead", async ({ at }) => {
  at.care.standings.set(TEAM, OFF);
  at.care.switches.set(TEAM, false);
  const talk = at.talk(OWNER, "desk-status");
  await talk();
  const [row = []] = tableIn(await talk({ "enable-hats": "0" })).rows;
  assert.is(row.at(-1), "switch the room's hats on: desk-status with enable-hats");
  assert.is(at.care.switches.get(TEAM), false);
});

test("an admin of the room is not asked, and may not", async ({ at }) => {
  at.care.standings.set(TEAM, OFF);
  at.care.switches.set(TEAM, false);
  assert.equal(roomsIn(await at.talk(ADMIN, "desk-status")()), [TEAM]);
  assert.is((await status(at, ADMIN, { room: TEAM, "enable-hats": "1" })).error, FORBIDDEN);
  await status(at, ADMIN, { "enable-hats": "1" });
  assert.is(at.care.switches.get(TEAM), false);
});

test("in one stanza hats are switched on in the named room, or in all of one's own", async ({ at }) => {
  at.rooms.add(LAB, { "alice@example.org": "member" });
  for (const room of [TEAM, LAB]) {
    at.care.standings.set(room, OFF);
    at.care.switches.set(room, false);
  }
  await status(at, OWNER, { "enable-hats": "1" });
  assert.equal([...at.care.switches.values()], [true, false]);
  await status(at, OPERATOR, { room: LAB, "enable-hats": "1" });
  assert.equal([...at.care.switches.values()], [true, true]);
});

for (const [why, standing] of [
  ["the bot is no owner", { ...OFF, rights: "admin" }],
  ["the room has its commands", {}],
  ["the configuration wants the bot's own presence", { ...OFF, wantsRoomHats: false }],
  ["the bot is not in the room", { ...OFF, state: "refused", code: "kicked" }],
] as const)
  test(`the room is not asked for its switch where ${why}`, async ({ at }) => {
    at.care.standings.set(TEAM, standing);
    await status(at, OWNER, { "enable-hats": "1" });
    assert.equal(at.care.told, []);
  });

const FACTS: RoomFacts = { ...GOOD_STANDING, isSwitchedOff: false };

for (const [facts, step] of [
  [{}, undefined],
  [{ state: "offline" }, "wait"],
  [{ state: "joining" }, "wait"],
  [{ state: "suspended", code: "forgotten", rights: "none" }, "say-which-room"],
  [{ state: "refused", code: "no-such-room", rights: undefined }, "create-room"],
  [{ state: "refused", code: "new-code" }, "look-at-reason"],
  [{ rights: "admin", dialect: "own-presence" }, "make-owner"],
  [{ dialect: "own-presence", isSwitchedOff: true }, "switch-hats-on"],
  [{ dialect: "own-presence" }, "load-module"],
  [{ dialect: "own-presence", wantsRoomHats: false }, undefined],
  [{ dialect: "off", wantsRoomHats: false }, undefined],
  [{ unshown: ["bob: urn:x:a"], lastError: TOO_MANY }, "take-hats-off"],
  [{ lastError: { code: "no-answer" } }, "look-at-error"],
  [{ dialect: undefined, lastError: { code: "no-answer" } }, "look-at-error"],
  [{ dialect: undefined }, "wait"],
  [{ dialect: undefined, wantsRoomHats: false }, undefined],
] as const)
  test(`a room with ${JSON.stringify(facts)} wants ${step ?? "nothing"}`, () => {
    assert.is(nextStep({ ...FACTS, ...(facts as Partial<RoomFacts>) }), step);
    if (step !== undefined) assert.ok(NEXT_STEPS.includes(step));
  });

test.run();
