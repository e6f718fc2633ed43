/** Who may run what where, what a refusal tells, and who learns whose real JID. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import type { Source } from "../../src/commands/engine/engine.ts";
import type { BareJid } from "../../src/core/jid.ts";
import {
  account,
  formIn,
  noteIn,
  occupant,
  type Received,
  send,
  tableIn,
  type Values,
} from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";
import { assertRejects } from "../support/assert-rejects.ts";

const test = suite<{ at: HatDesk }>("rights and privacy");

const TEACHER = "https://example.org/hats/teacher";
const OTHER = "other@rooms.example.org";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const ADAM = "adam@example.org" as BareJid;
const OTHER_HAT = "https://example.org/hats/other";

const FORBIDDEN = "cancel/forbidden: you may not do that here";
const NO_SUCH_ROOM = "cancel/item-not-found: no such room";
const NOT_READY =
  "wait/resource-constraint: the room cannot be reached now, nothing changed, try again shortly";

const CHANGES: Readonly<Record<string, Values>> = {
  "add-user-hat": { user: BOB, hat: TEACHER },
  "remove-user-hat": { user: BOB, hat: TEACHER },
  "set-user-hats": { user: BOB, hats: TEACHER },
};
const LISTS: Readonly<Record<string, Values>> = {
  "list-user-hats": { user: BOB },
  "list-room-hats": {},
  "list-hats": {},
};
const CATALOGUE: Readonly<Record<string, Values>> = {
  "define-hat": { title: "Teacher" },
  "retire-hat": { hat: TEACHER },
};
const OWN: Readonly<Record<string, Values>> = { "my-hats": { "shown-hats": "" } };
const DELEGATION: Readonly<Record<string, Values>> = { "delegate-hat": { hat: TEACHER } };
const PAST: Readonly<Record<string, Values>> = { "hat-history": {}, undo: { id: "1" } };
const WHOLE: Readonly<Record<string, Values>> = {
  "export-hats": {},
  "import-hats": { document: "{}", "dry-run": "1" },
  "desk-status": {},
};
const OPERATORS: Readonly<Record<string, Values>> = {
  "manage-room": { room: "new@rooms.example.org" },
  "leave-room": { room: "new@rooms.example.org" },
};
const XEP_LISTS: Readonly<Record<string, Values>> = { [HAT_NODES.list]: {}, [HAT_NODES.listAssigned]: {} };
const XEP_CHANGES: Readonly<Record<string, Values>> = {
  [HAT_NODES.create]: { "hats#title": "Teacher" },
  [HAT_NODES.destroy]: { hat: TEACHER },
  [HAT_NODES.assign]: { "hats#jid": BOB, "hats#uri": TEACHER },
  [HAT_NODES.unassign]: { "hats#jid": BOB, "hats#uri": TEACHER },
};
const ALL = Object.entries({
  ...CHANGES,
  ...LISTS,
  ...CATALOGUE,
  ...OWN,
  ...DELEGATION,
  ...PAST,
  ...WHOLE,
  ...OPERATORS,
});
const XEP = Object.entries({ ...XEP_LISTS, ...XEP_CHANGES });

test.before.each(async (context) => {
  context.at = await openHatDesk();
  await context.at.desk.addUserHat(CAROL, TEAM, TEACHER, { title: "Teacher", active: true });
});
test.after.each(({ at }) => at.close());

const offered = (at: HatDesk, source: Source) => at.engine.offered(source.requester).map(({ node }) => node);

const PEOPLE: readonly (readonly [string, Source, "all" | "lists" | "nothing"])[] = [
  ["a config admin", OPERATOR, "all"],
  ["an owner", OWNER, "all"],
  ["an admin", account("adam@example.org/x"), "all"],
  ["a member", MEMBER, "lists"],
  ["an outcast", account("mallory@example.org/x"), "nothing"],
  ["a stranger", STRANGER, "nothing"],
  ["an owner in the room", occupant(TEAM, "al", { affiliation: "owner", role: "moderator" }), "all"],
  ["a member in the room", occupant(TEAM, "bo", { affiliation: "member" }), "lists"],
  [
    "an unaffiliated moderator in the room",
    occupant(TEAM, "mo", { affiliation: "none", role: "moderator" }),
    "nothing",
  ],
];

for (const [who, source, reach] of PEOPLE) {
  test(`${who} may run ${reach}, and is offered just that`, async ({ at }) => {
    at.rooms.enter(TEAM, { nick: "bobby", realJid: BOB });
    const inRoom = source.requester.kind === "occupant";
    const forMembers = { ...LISTS, ...OWN, ...XEP_LISTS };
    const may = (node: string) =>
      reach === "all" ? source === OPERATOR || !(node in OPERATORS) : reach === "lists" && node in forMembers;
    const there = inRoom ? [...ALL, ...XEP] : ALL;
    for (const [node, values] of there) {
      const answer = await at.once(source, node, {
        ...(inRoom ? {} : { room: TEAM }),
        reason: "",
        ...values,
      });
      if (may(node)) assert.not.equal(answer.error, FORBIDDEN, node);
      else assert.is(answer.error, FORBIDDEN, node);
    }
    const expected = there.map(([node]) => node).filter(may);
    assert.equal(offered(at, source).toSorted(), expected.toSorted());
  });
}

test("a config admin's rights do not come with their nick in a room", async ({ at }) => {
  const realJid = "ops@example.org" as never;
  const inRoom = occupant(TEAM, "ops", { affiliation: "member", realJid });
  assert.is((await at.once(inRoom, "add-user-hat", { user: BOB, hat: TEACHER })).error, FORBIDDEN);
});

test("affiliation in one room gives no rights in another", async ({ at }) => {
  at.rooms.add(OTHER, { "otto@example.org": "owner", [BOB]: "member" });
  const otto = account("otto@example.org/x");
  const answer = await at.once(otto, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  assert.is(answer.error, NO_SUCH_ROOM);
  const inRoom = occupant(OTHER, "otto", { affiliation: "owner" });
  const named = await at.once(inRoom, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  assert.is(named.error, `modify/bad-request bad-payload: room: here it can only be ${OTHER}`);
});

test("in a room its own name may be given, or none", async ({ at }) => {
  const inRoom = occupant(TEAM, "al", { affiliation: "owner" });
  for (const room of [[TEAM], ["TEAM@rooms.example.org/x"], [""], []]) {
    const answer = await at.once(inRoom, "hat-history", { room, after: "1" });
    assert.is(answer.error, undefined);
  }
});

test("a stranger gets the same answer whether or not a room is kept", async ({ at }) => {
  for (const [node, values] of ALL) {
    for (const room of [TEAM, "nowhere@rooms.example.org", "not a room", ""]) {
      const answer = await at.once(STRANGER, node, { room, ...values, user: "bad" });
      assert.is(answer.error, FORBIDDEN, `${node} ${room}`);
    }
  }
});

test("a stranger's answer takes as long whether or not the room is kept: all rooms are asked at once", async ({
  at,
}) => {
  at.rooms.add(OTHER, {});
  const asking = at.rooms.affiliation.bind(at.rooms);
  for (const named of [TEAM, OTHER, "none@rooms.example.org"]) {
    const asked = new Set<string>();
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    at.rooms.affiliation = async (room, user) => {
      asked.add(room);
      await held;
      return asking(room, user);
    };
    const answered = at.once(STRANGER, "list-hats", { room: named });
    await new Promise(setImmediate);
    assert.equal([...asked].toSorted(), [OTHER, TEAM], named);
    answer();
    assert.is((await answered).error, FORBIDDEN);
  }
});

test("whoever has rights in another room hears no such room, kept or not", async ({ at }) => {
  at.rooms.add(OTHER, { "eve@example.org": "owner" });
  for (const room of [TEAM, "nowhere@rooms.example.org"]) {
    const answer = await at.once(STRANGER, "add-user-hat", { room, user: "bad", hat: "bad" });
    assert.is(answer.error, NO_SUCH_ROOM, room);
  }
});

test("whoever is a member elsewhere hears forbidden for what no member may do", async ({ at }) => {
  at.rooms.add(OTHER, { "eve@example.org": "member" });
  for (const room of [OTHER, TEAM, "nowhere@rooms.example.org"]) {
    assert.is((await at.once(STRANGER, "add-user-hat", { room, user: BOB, hat: TEACHER })).error, FORBIDDEN);
  }
});

test("a config admin hears no such room for one that is not kept", async ({ at }) => {
  const answer = await at.once(OPERATOR, "list-hats", { room: "nowhere@rooms.example.org" });
  assert.is(answer.error, NO_SUCH_ROOM);
});

test("while some room is being entered, whoever is nothing elsewhere is asked to wait, whatever room they name", async ({
  at,
}) => {
  const room = at.rooms.add(OTHER);
  room.isReady = false;
  for (const named of [TEAM, OTHER, "nowhere@rooms.example.org"]) {
    assert.is((await at.once(STRANGER, "list-hats", { room: named })).error, NOT_READY);
  }
  assert.is((await at.once(OWNER, "list-hats", { room: TEAM })).error, undefined);
  assert.is(
    (await at.once(MEMBER, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER })).error,
    FORBIDDEN,
  );
});

test("a room that gets ready while it is asked is no stranger to its owner", async ({ at }) => {
  const room = at.rooms.add(OTHER, { "eve@example.org": "owner" });
  /* It is asked once among all rooms and once for itself; nothing is known of anybody before. */
  for (const silent of [1, 2]) {
    room.questions = 0;
    Object.defineProperty(room, "isReady", { get: () => room.questions !== silent, configurable: true });
    at.rooms.lastKnownAffiliation = () => undefined;
    const { error } = await at.once(STRANGER, "list-hats", { room: OTHER });
    assert.ok(error === undefined || error === NOT_READY, error);
  }
});

test("a room that does not let the bot in keeps nobody waiting, and does not betray that it is kept", async ({
  at,
}) => {
  Object.assign(at.rooms.add(OTHER, { "eve@example.org": "owner" }), { isReady: false, isComing: false });
  for (const room of [TEAM, OTHER, "nowhere@rooms.example.org"]) {
    assert.is((await at.once(STRANGER, "list-hats", { room })).error, FORBIDDEN);
  }
  assert.is((await at.once(OWNER, "list-hats", { room: OTHER })).error, NO_SUCH_ROOM);
});

test("a room whose lists the bot cannot read does not betray that it is kept", async ({ at }) => {
  at.rooms.add(OTHER).isReadable = false;
  for (const room of [OTHER, "nowhere@rooms.example.org"]) {
    assert.is((await at.once(STRANGER, "list-hats", { room })).error, FORBIDDEN);
  }
});

test("rights are judged before values", async ({ at }) => {
  const values = { room: TEAM, user: "bad", hat: "bad", active: "bad", expires: "bad" };
  assert.is((await at.once(MEMBER, "add-user-hat", values)).error, FORBIDDEN);
});

test("rights are judged before the type of the form", async ({ at }) => {
  const values = { FORM_TYPE: "urn:x:other", room: TEAM };
  assert.is((await at.once(STRANGER, "list-hats", values)).error, FORBIDDEN);
  assert.match((await at.once(MEMBER, "list-hats", values)).error ?? "", /bad-payload: FORM_TYPE/);
});

test("rights that end in the middle end the conversation, at each stage and at completion", async ({
  at,
}) => {
  const room = at.rooms.add(TEAM, { "alice@example.org": "owner", [BOB]: "member" });
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  room.affiliations.set("alice@example.org" as never, "member");
  assert.is((await talk({ user: BOB })).error, FORBIDDEN);
  room.affiliations.set("alice@example.org" as never, "owner");
  assert.is((await talk({ user: BOB })).error, undefined);
  room.affiliations.set("alice@example.org" as never, "none");
  assert.is((await talk({ hats: TEACHER })).error, FORBIDDEN);
  assert.equal(at.hats(BOB), {});
});

for (const [who, source] of [
  ["an admin", account("adam@example.org/x")],
  ["an admin in the room", occupant(TEAM, "ad", { affiliation: "admin", realJid: ADAM })],
] as const) {
  test(`${who} who loses the rights while the room is still asked about others changes nothing`, async ({
    at,
  }) => {
    const asking = at.rooms.affiliation.bind(at.rooms);
    at.rooms.affiliation = async (room, user) => {
      const answer = await asking(room, user);
      if (user === CAROL) at.rooms.add(TEAM, { [ADAM]: "member", [BOB]: "member", [CAROL]: "member" });
      return answer;
    };
    const room = source.requester.kind === "account" ? { room: TEAM } : {};
    const answer = await at.once(source, "add-user-hat", { ...room, user: [BOB, CAROL], hat: OTHER_HAT });
    assert.is(answer.error, FORBIDDEN);
    assert.equal(at.hats(BOB), {});
  });
}

/* Does something at the moment when the room is asked about carol, which is after the request was granted. */
function whileAskedAboutCarol(at: HatDesk, act: () => void): void {
  const asking = at.rooms.affiliation.bind(at.rooms);
  at.rooms.affiliation = async (room, user) => {
    const answer = await asking(room, user);
    if (user === CAROL) act();
    return answer;
  };
}

test("whose rights nobody knows any more when it comes to the decision changes nothing, and is to try again", async ({
  at,
}) => {
  const room = at.rooms.add(TEAM, { [ADAM]: "admin", [BOB]: "member", [CAROL]: "member" });
  whileAskedAboutCarol(at, () => (room.isReadable = false));
  const values = { room: TEAM, user: [BOB, CAROL], hat: OTHER_HAT };
  assert.is((await at.once(account(`${ADAM}/x`), "add-user-hat", values)).error, NOT_READY);
  assert.equal(at.hats(BOB), {});
  assert.is((await at.once(OPERATOR, "list-hats", { room: TEAM })).error, undefined);
});

for (const [what, after, error] of [
  ["loses the rights", { nick: "Al", affiliation: "member" }, FORBIDDEN],
  ["goes", undefined, NOT_READY],
] as const) {
  test(`an admin whose real JID nobody sees and who ${what} before the decision changes nothing`, async ({
    at,
  }) => {
    const room = at.rooms.add(TEAM, { [BOB]: "member", [CAROL]: "member" });
    at.rooms.enter(TEAM, { nick: "Al", affiliation: "admin" });
    whileAskedAboutCarol(at, () => {
      room.occupants.length = 0;
      if (after !== undefined) at.rooms.enter(TEAM, after);
    });
    const source = occupant(TEAM, "Al", { affiliation: "admin", role: "moderator" });
    const give = { user: [BOB, CAROL], hat: OTHER_HAT };
    assert.is((await at.once(source, "add-user-hat", give)).error, error);
    assert.equal(at.hats(BOB), {});
  });
}

test("a room that is kept no more ends the conversation", async ({ at }) => {
  const talk = at.talk(OPERATOR, "add-user-hat");
  await talk();
  at.rooms.remove(TEAM);
  assert.is((await talk({ user: BOB, hat: TEACHER })).error, NO_SUCH_ROOM);
});

test("the room is asked first where several are possible, and only those that are", async ({ at }) => {
  at.rooms.add(OTHER, { "alice@example.org": "admin" });
  at.rooms.add("third@rooms.example.org", { "alice@example.org": "member" });
  const talk = at.talk(OWNER, "add-user-hat");
  const [room] = formIn(await talk()).fields;
  assert.equal([room?.var, room?.type, room?.required], ["room", "list-single", true]);
  assert.equal(
    room?.options?.map(({ value }) => value),
    [TEAM, OTHER],
  );
  assert.is(formIn(await talk({ room: OTHER })).fields[0]?.var, "user");
});

test("a room without rights, or none at all, shows the form again", async ({ at }) => {
  at.rooms.add(OTHER, { "alice@example.org": "admin" });
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  const mend = async (form: Values) => formIn(await talk(form)).instructions;
  assert.match(
    (await mend({ room: "nowhere@rooms.example.org" })) ?? "",
    /^Not done: no such room\. Choose the room/,
  );
  assert.match((await mend({ room: "nonsense" })) ?? "", /^Not done\. Room: not a room's JID/);
  assert.match((await mend({ room: "" })) ?? "", /^Not done\. Room: missing\./);
});

test("above fifty rooms the room is typed in", async ({ at }) => {
  for (let index = 0; index < 50; index += 1) at.rooms.add(`r${index}@rooms.example.org`);
  const [room] = formIn(await at.talk(OPERATOR, "list-hats")()).fields;
  assert.equal([room?.type, room?.options], ["jid-single", undefined]);
});

test("through a room the room is never asked", async ({ at }) => {
  at.rooms.add(OTHER, { "alice@example.org": "owner" });
  const inRoom = occupant(TEAM, "al", { affiliation: "owner", realJid: "alice@example.org" as never });
  assert.is(formIn(await at.talk(inRoom, "add-user-hat")()).fields[0]?.var, "user");
});

test("asking for the list of commands asks no room", async ({ at }) => {
  const room = at.rooms.add(TEAM, { "alice@example.org": "owner" });
  offered(at, STRANGER);
  offered(at, OWNER);
  assert.is(room.questions, 0);
});

/** Bob is a plain member of a semi-anonymous room: he knows nicks. Carol is present as Cat, dave is not. */
async function dressed(at: HatDesk) {
  await at.desk.addUserHat("dave@example.org", TEAM, TEACHER);
  at.rooms.enter(TEAM, { nick: "Cat", realJid: CAROL });
  at.rooms.enter(TEAM, { nick: "Bo", realJid: BOB });
}

const everything = (answer: Received) => answer.xml.toString();

test("a member of a semi-anonymous room sees the nicks of who is present, and nothing of others", async ({
  at,
}) => {
  await dressed(at);
  const inRoom = occupant(TEAM, "Bo", { realJid: BOB as never });
  for (const source of [MEMBER, inRoom]) {
    const answer = await send(at.engine, source, { node: "list-room-hats" });
    assert.equal(
      tableIn(answer).rows.map(([user]) => user),
      ["Cat"],
    );
    assert.equal(everything(answer).match(/(carol|dave)@/g), null);
    const hats = await send(at.engine, source, { node: "list-hats" });
    assert.equal(tableIn(hats).rows, [[TEACHER, "Teacher", "72.9", "1"]]);
  }
});

test("an occupant of whom the room may have kept something to itself is judged by what it answers", async ({
  at,
}) => {
  const source = occupant(TEAM, "bo", { affiliation: "member", realJid: BOB as BareJid });
  const ask = async () => (await at.once(source, "list-hats", {})).error;
  Object.assign(at.rooms, { sureAffiliation: () => undefined });
  assert.is(await ask(), undefined);
  at.rooms.change(TEAM, BOB as BareJid, "none");
  assert.is(await ask(), FORBIDDEN);
  Object.assign(at.rooms, { sureAffiliation: () => "member" });
  const stale = occupant(TEAM, "bo", { affiliation: "admin", realJid: BOB as BareJid });
  assert.is((await at.once(stale, "export-hats", {})).error, FORBIDDEN);
});

test("a member of a semi-anonymous room chooses people by nick, visitors left out", async ({ at }) => {
  await dressed(at);
  at.rooms.enter(TEAM, { nick: "Visitor", realJid: "eve@example.org" });
  const talk = at.talk(MEMBER, "list-user-hats");
  const form = await talk();
  assert.equal(formIn(form).fields[0]?.options, [
    { label: "Bo", value: `${TEAM}/Bo` },
    { label: "Cat", value: `${TEAM}/Cat` },
  ]);
  const answer = await talk({ user: `${TEAM}/Cat` });
  assert.is(tableIn(answer).title, `Cat has 1 hat in ${TEAM}`);
  for (const stanza of [form, answer]) assert.equal(everything(stanza).match(/(carol|dave)@/g), null);
});

test("a nick cannot turn or break the text around it, in options, tables and notes", async ({ at }) => {
  await at.desk.addUserHat(CAROL, TEAM, TEACHER);
  at.rooms.enter(TEAM, { nick: "\u2067Cat\u2028:", realJid: CAROL });
  const talk = at.talk(MEMBER, "list-user-hats");
  const [field] = formIn(await talk()).fields;
  assert.is(field?.options?.[0]?.label, "\ufffdCat\ufffd:");
  const answer = await talk({ user: field?.options?.[0]?.value ?? "" });
  assert.is(tableIn(answer).title, `\ufffdCat\ufffd: has 1 hat in ${TEAM}`);
  assert.not.match(everything(answer), /[\u2067\u2028]/);
});

test("a member of a semi-anonymous room learns nothing about a JID, whoever it is", async ({ at }) => {
  await dressed(at);
  const answers = new Set<string | undefined>();
  for (const user of [
    CAROL,
    "dave@example.org",
    "eve@example.org",
    "mallory@example.org",
    "alice@example.org",
  ]) {
    answers.add((await at.once(MEMBER, "list-user-hats", { room: TEAM, user })).error);
  }
  assert.equal([...answers], ["modify/bad-request bad-payload: user: choose somebody who is here, by nick"]);
});

test("everybody may ask about themselves by their own JID", async ({ at }) => {
  await dressed(at);
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  const answer = await at.once(MEMBER, "list-user-hats", { room: TEAM, user: BOB });
  assert.is(tableIn(answer).rows[0]?.[0], "Bo");
});

test("a nick that nobody has is not affiliated, and one whose JID is unknown cannot be served", async ({
  at,
}) => {
  at.rooms.enter(TEAM, { nick: "Masked", affiliation: "member" });
  const ask = async (nick: string) =>
    (await at.once(OWNER, "list-user-hats", { room: TEAM, user: `${TEAM}/${nick}` })).error;
  assert.is(await ask("Nobody"), "cancel/item-not-found: user not affiliated with room");
  assert.is(await ask("Masked"), "cancel/not-allowed: make me an owner of this room");
});

test("in a non-anonymous room members see JIDs", async ({ at }) => {
  const room = at.rooms.add(TEAM, { [BOB]: "member", [CAROL]: "member" });
  room.isNonAnonymous = true;
  const answer = await at.once(MEMBER, "list-user-hats", { room: TEAM, user: CAROL });
  assert.is(tableIn(answer).rows[0]?.[0], CAROL);
});

test("a moderator who is a member sees JIDs, through the room and from their own JID", async ({ at }) => {
  at.rooms.enter(TEAM, { nick: "Bo", realJid: BOB, role: "moderator" });
  for (const source of [MEMBER, occupant(TEAM, "Bo", { role: "moderator", realJid: BOB as never })]) {
    const answer = await send(at.engine, source, { node: "list-room-hats" });
    assert.equal(
      tableIn(answer).rows.map(([user]) => user),
      [CAROL],
    );
  }
});

test("an occupant whose JID the room hides sees no more JIDs than their own role lets them", async ({
  at,
}) => {
  at.rooms.enter(TEAM, { nick: "Masked", affiliation: "admin", role: "moderator" });
  const source = occupant(TEAM, "Al", { affiliation: "member", role: "participant" });
  assert.equal(tableIn(await send(at.engine, source, { node: "list-room-hats" })).rows, []);
});

test("through a room that is kept no more nobody runs anything, whatever they are there", async ({ at }) => {
  at.rooms.remove(TEAM);
  const source = occupant(TEAM, "Al", { affiliation: "owner", role: "moderator", realJid: ADAM });
  for (const form of [undefined, { user: BOB }]) {
    const { error } = await send(at.engine, source, { node: "list-user-hats", ...(form && { form }) });
    assert.is(error, FORBIDDEN);
  }
});

test("a bug while a room is asked is none of the asker's affiliation", async ({ at }) => {
  at.rooms.askerAffiliation = () => Promise.reject(new TypeError("a bug"));
  await assertRejects(at.once(OWNER, "list-hats", { room: TEAM }), TypeError);
});

test("notes to owners name people by JID", async ({ at }) => {
  const answer = await at.once(OWNER, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  assert.match(noteIn(answer) ?? "", /^bob@example\.org now has/);
});

test.run();
