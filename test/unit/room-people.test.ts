/** Who is what in a room: what the bot knows, how it learnt it, and what it does not claim to know. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Affiliation } from "../../src/core/model.ts";
import { NS_HATS, NS_MUC_ADMIN, NS_MUC_USER } from "../../src/stanza/namespaces.ts";
import { type Element, elements, xml } from "../../src/stanza/xml.ts";
import type { Rooms } from "../../src/xmpp/muc/rooms.ts";
import {
  type Actor,
  BOT,
  calm,
  departureOf,
  noticeOf,
  openRoom,
  openStage,
  ownPresence,
  passTime,
  person,
  presenceOf,
  type RoomScript,
  TEAM,
} from "../support/room-stage.ts";
import { volatileMemory } from "../support/volatile-memory.ts";

const test = suite("people in rooms");
const ALICE = person("alice");
const BOB = person("bob");

function present(name: string, affiliation: Affiliation, id?: string): Actor {
  return { nick: name, jid: `${person(name)}/phone`, affiliation, ...(id === undefined ? {} : { id }) };
}

function memberBot(): RoomScript {
  const room = openRoom();
  room.own.affiliation = "member";
  room.lists = {};
  return room;
}

function prosodyAdminBot(): RoomScript {
  const room = openRoom();
  room.own.affiliation = "admin";
  room.lists = { admin: [person("hats")], member: [BOB], outcast: [] };
  return room;
}

/* The affiliation, or the code of the refusal. */
async function asked(rooms: Rooms, user: BareJid): Promise<string> {
  return rooms.affiliation(TEAM, user).catch((error: unknown) => {
    if (error instanceof HatsError) return error.code;
    throw error;
  });
}

function isListQuery(stanza: Element): boolean {
  return stanza.name === "iq" && stanza.getChild("query", NS_MUC_ADMIN) !== undefined;
}

function changesOf(rooms: Rooms): string[] {
  const changes: string[] = [];
  rooms.on("affiliation", ({ user, before, affiliation, learnt }) => {
    changes.push(`${user} ${before} -> ${affiliation} ${learnt}`);
  });
  return changes;
}

test("as an owner the bot knows everybody, present or not, and leaves itself out of lists of people", async () => {
  const room = openRoom();
  room.lists = { owner: [person("hats")], admin: [ALICE], member: [BOB], outcast: [person("eve")] };
  const { rooms } = await openStage({ room });
  assert.is(await asked(rooms, ALICE), "admin");
  assert.is(await asked(rooms, BOB), "member");
  assert.is(await asked(rooms, person("eve")), "outcast");
  assert.is(await asked(rooms, person("nobody")), "none");
  assert.equal(Array.from(await rooms.affiliated(TEAM)), [
    [ALICE, "admin"],
    [BOB, "member"],
  ]);
});

test("without the owners' list somebody on no list is not said to be nobody", async () => {
  const { rooms } = await openStage({ room: prosodyAdminBot() });
  assert.is(await asked(rooms, BOB), "member");
  assert.is(await asked(rooms, ALICE), "list-unreadable");
});

test("without the owners' list an owner is known while present", async () => {
  const room = prosodyAdminBot();
  room.others = [present("alice", "owner"), present("guest", "none")];
  const { rooms } = await openStage({ room });
  assert.is(await asked(rooms, ALICE), "owner");
  assert.is(await asked(rooms, person("guest")), "none");
});

test("as a member the bot knows those whose real JID it sees, and nobody else", async () => {
  const room = memberBot();
  room.others = [present("alice", "owner"), { nick: "bob", affiliation: "member" }];
  const { rooms } = await openStage({ room });
  assert.is(await asked(rooms, ALICE), "owner");
  assert.is(await asked(rooms, BOB), "list-unreadable");
  assert.equal(Array.from(await rooms.affiliated(TEAM)), [[ALICE, "owner"]]);
});

test("where nothing at all is known, the list of the affiliated is refused", async () => {
  const { rooms } = await openStage({ room: memberBot() });
  const refused = await rooms.affiliated(TEAM).catch((error: HatsError) => error.code);
  assert.is(refused, "list-unreadable");
});

test("a banned domain bans its people, an affiliated one proves nothing", async () => {
  const room = openRoom();
  room.lists = { owner: [], admin: [], member: ["partner.example"], outcast: ["evil.example"] };
  const { rooms } = await openStage({ room });
  assert.is(await asked(rooms, "eve@evil.example" as BareJid), "outcast");
  assert.is(await asked(rooms, "pat@partner.example" as BareJid), "list-unreadable");
});

test("the lists are read again before a refusal, once for all who ask, at most once in five seconds", async () => {
  const { rooms, outgoing, room, clock } = await openStage();
  clock.advance(5000);
  outgoing();
  room.lists.member = [BOB];
  assert.equal(await Promise.all([asked(rooms, BOB), asked(rooms, ALICE)]), ["member", "none"]);
  assert.is(outgoing().length, 4);
  assert.is(await asked(rooms, ALICE), "none");
  clock.advance(4999);
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(outgoing().length, 0);
  clock.advance(1);
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(outgoing().length, 4);
});

test("lists that take long are left alone for ten times as long", async () => {
  const { rooms, outgoing, room, clock } = await openStage();
  clock.advance(5000);
  room.onList = () => clock.advance(500);
  await asked(rooms, ALICE);
  outgoing();
  clock.advance(20_000 - 2_000 - 1);
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(outgoing().length, 0);
  clock.advance(1);
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(outgoing().length, 4);
});

test("but for a minute at most, since the time may have gone into waiting for the server", async () => {
  const { rooms, outgoing, room, clock } = await openStage();
  clock.advance(5000);
  room.onList = () => clock.advance(10_000);
  await asked(rooms, ALICE);
  outgoing();
  clock.advance(20_000);
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(outgoing().length, 4);
});

test("for strangers who ask, they are read again at most once in a second for each room there is", async () => {
  const { rooms, stream, clock } = await openStage();
  for (let at = 0; at < 19; at += 1) {
    rooms.add({ jid: `other${at}@rooms.example.org` as RoomJid, nick: "hats" });
  }
  const queries = () => stream.sent.filter((stanza) => stanza.attrs["to"] === TEAM && isListQuery(stanza));
  const read = queries().length;
  clock.advance(19_999);
  assert.is(await rooms.askerAffiliation(TEAM, ALICE), "none");
  assert.is(queries().length, read);
  clock.advance(1);
  assert.is(await rooms.askerAffiliation(TEAM, ALICE), "none");
  assert.is(queries().length, read + 4);
});

test("who is affiliated is answered without asking a room that said so within a minute", async () => {
  const { rooms, outgoing, clock } = await openStage();
  clock.advance(59_999);
  outgoing();
  assert.is(await asked(rooms, person("olga")), "owner");
  assert.is(outgoing().length, 0);
});

/* ejabberd shows nobody any more in a room of more than a thousand, and does not say so. */
test("nobody has a right for longer than a minute by what a crowded room does not tell any more", async () => {
  const room = openRoom();
  room.others = [present("alice", "admin"), present("bob", "admin")];
  room.lists.admin = [ALICE, BOB];
  const { rooms, clock } = await openStage({ room });
  room.lists = { ...room.lists, admin: [], member: [BOB] };
  clock.advance(60_000);
  assert.equal([await asked(rooms, ALICE), await asked(rooms, BOB)], ["none", "member"]);
  assert.is(rooms.requester(`${TEAM}/alice`)?.occupant.affiliation, "none");
});

test("in a crowd the room is asked whose a nick is, anew for each who asks, at most one question at a time", async () => {
  const room = openRoom();
  const alice = present("alice", "owner");
  const guests = Array.from({ length: 100 }, (_, index) => present(`guest${index}`, "none"));
  room.others = [alice, ...guests];
  room.lists.owner = [ALICE, person("hats")];
  const { rooms, stream } = await openStage({ room });
  const mallory = { ...present("mallory", "none"), nick: "alice" };
  const isAlices = async (): Promise<boolean> => {
    const requester = rooms.requester(`${TEAM}/alice`);
    assert.ok(requester);
    return rooms.hasNick(requester);
  };
  room.here = [alice];
  assert.is(await isAlices(), true);
  const before = stream.sent.filter(isListQuery).length;
  const early = isAlices();
  room.here = [mallory];
  const late = [isAlices(), isAlices()];
  assert.equal(await Promise.all([early, ...late]), [false, false, false]);
  assert.is(stream.sent.filter(isListQuery).length, before + 2);
  room.here = [];
  assert.is(await isAlices(), false);
});

test("where few ever were and the room shows everybody, nobody is asked whose a nick is", async () => {
  const room = openRoom();
  room.others = [present("alice", "owner")];
  room.here = [];
  const { rooms } = await openStage({ room });
  assert.is(await rooms.hasNick(rooms.requester(`${TEAM}/alice`)!), true);
  const shut = openRoom();
  Object.assign(shut, { others: [present("alice", "owner")], here: [], shownRoles: ["moderator"] });
  const stage = await openStage({ room: shut });
  assert.is(await stage.rooms.hasNick(stage.rooms.requester(`${TEAM}/alice`)!), false);
});

test("where the bot may not ask whose a nick is, a crowd proves nothing, and a few do", async () => {
  for (const [others, isProof] of [
    [100, false],
    [10, true],
  ] as const) {
    const room = memberBot();
    const guests = Array.from({ length: others }, (_, index) => present(`guest${index}`, "none"));
    room.others = [present("alice", "owner"), ...guests];
    const { rooms } = await openStage({ room });
    assert.is(await rooms.hasNick(rooms.requester(`${TEAM}/alice`)!), isProof);
  }
});

test("where the room is silent about a nick, whoever asks is told that it is not ready", async () => {
  const room = memberBot();
  room.others = [present("alice", "owner")];
  const { rooms, stream } = await openStage({ room });
  stream.online = false;
  const refusal = await Promise.resolve(rooms.hasNick(rooms.requester(`${TEAM}/alice`)!)).catch(
    (error: unknown) => error,
  );
  assert.is((refusal as HatsError).code, "room-not-ready");
});

test("nor by what it told before, where no list of before had it yet", async () => {
  const room = openRoom();
  room.others = [present("alice", "none")];
  const { rooms, clock, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  stream.deliver(presenceOf(present("alice", "admin")));
  stream.deliver(noticeOf({ [BOB]: "member" }));
  stream.deliver(presenceOf(present("bob", "member")));
  assert.equal([await asked(rooms, ALICE), await asked(rooms, BOB)], ["admin", "member"]);
  clock.advance(60_000);
  assert.equal([await asked(rooms, ALICE), await asked(rooms, BOB)], ["none", "none"]);
  assert.is(rooms.requester(`${TEAM}/alice`)?.occupant.affiliation, "none");
  assert.equal(changes.slice(2), [`${ALICE} undefined -> none listed`, `${BOB} undefined -> none listed`]);
});

test("nor by the presence of whoever went untold, and lost it then", async () => {
  const room = openRoom();
  room.others = [present("bob", "admin")];
  room.lists.admin = [BOB];
  const { rooms, clock, stream } = await openStage({ room });
  room.lists.admin = [];
  stream.deliver(noticeOf({ [BOB]: "none" }));
  assert.is(rooms.requester(`${TEAM}/bob`)?.occupant.affiliation, "none");
  assert.is(await asked(rooms, BOB), "none");
  clock.advance(60_000);
  assert.is(await asked(rooms, BOB), "none", "and with the next lists, too");
});

test("nor by the presence of somebody of whom nothing was told before: the lists are read then", async () => {
  const room = openRoom();
  const { rooms, clock, stream, outgoing } = await openStage({ room });
  const listQueries = () => outgoing().filter((stanza) => stanza.includes("<query")).length;
  clock.advance(60_000);
  listQueries();
  room.lists.member = [BOB];
  stream.deliver(presenceOf(present("bob", "member")));
  stream.deliver(presenceOf(present("root", "owner")));
  await calm();
  assert.is(listQueries(), 4);
  room.lists.member = [];
  clock.advance(60_000);
  assert.equal([await asked(rooms, BOB), await asked(rooms, person("root"))], ["none", "owner"]);
});

test("nor where it was told while the lists were read", async () => {
  const room = openRoom();
  room.others = [present("alice", "none")];
  const { rooms, clock, stream } = await openStage({ room });
  clock.advance(60_000);
  room.onList = (name) => {
    if (name !== "outcast") return;
    stream.deliver(presenceOf(present("alice", "admin")));
    stream.deliver(presenceOf(present("alice", "admin")));
  };
  assert.is(await asked(rooms, ALICE), "admin");
  delete room.onList;
  clock.advance(60_000);
  assert.is(await asked(rooms, ALICE), "none");
});

for (const [title, eachListMs, heldMs] of [
  ["a hundred times as long as reading them took", 500, 200_000],
  ["but for a quarter of an hour at most", 10_000, 900_000],
] as const)
  test(`long lists give rights for longer, ${title}`, async () => {
    const { rooms, outgoing, room, clock } = await openStage();
    const listQueries = () => outgoing().filter((stanza) => stanza.includes("<query")).length;
    clock.advance(5000);
    room.onList = () => clock.advance(eachListMs);
    await asked(rooms, ALICE);
    listQueries();
    clock.advance(heldMs - 4 * eachListMs - 1);
    assert.is(await asked(rooms, person("olga")), "owner");
    assert.is(listQueries(), 0);
    clock.advance(1);
    assert.is(await asked(rooms, person("olga")), "owner");
    assert.is(listQueries(), 4);
  });

/* Prosody says nothing at all of whom it does not show, also where they are banned. */
test("in a room that shows some roles only, nobody has a right but by lists of the last five seconds", async () => {
  const room = openRoom();
  room.shownRoles = ["moderator"];
  room.lists.admin = [ALICE];
  room.lists.member = [BOB];
  const { rooms, clock } = await openStage({ room });
  const changes = changesOf(rooms);
  assert.equal([await asked(rooms, ALICE), await asked(rooms, BOB)], ["admin", "member"]);
  room.lists = { ...room.lists, admin: [], member: [], outcast: [BOB] };
  clock.advance(5000);
  assert.equal([await asked(rooms, ALICE), await asked(rooms, BOB)], ["none", "outcast"]);
  assert.equal(changes, [`${ALICE} undefined -> none listed`, `${BOB} undefined -> outcast listed`]);
});

test("nor where a presence of before says otherwise, or the room does not answer", async () => {
  const room = openRoom();
  room.others = [present("bob", "member")];
  room.lists.member = [BOB];
  const { rooms, clock, stream } = await openStage({ room });
  room.shownRoles = ["moderator"];
  stream.deliver(noticeOf({}, [104]));
  await calm();
  room.lists.member = [];
  clock.advance(5000);
  assert.is(await asked(rooms, BOB), "none");
  room.silent.add("lists");
  clock.advance(5000);
  const answer = asked(rooms, person("olga"));
  await passTime(clock, 65_000);
  assert.is(await answer, "room-not-ready");
});

test("where the bot is no owner, it does not know whether a room shows everybody", async () => {
  const room = openRoom();
  room.own.affiliation = "admin";
  room.lists.member = [BOB];
  const { rooms, clock } = await openStage({ room });
  room.lists.member = [];
  clock.advance(5000);
  assert.is(await asked(rooms, BOB), "none");
});

test("who is not shown any more, and has a role still, was made what the presence says", async () => {
  const room = openRoom();
  room.others = [present("alice", "admin")];
  room.lists.admin = [ALICE];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  stream.deliver(departureOf({ ...present("alice", "none"), role: "participant" }));
  assert.equal(changes, [`${ALICE} admin -> none said`]);
  assert.is(rooms.lastKnownAffiliation(TEAM, ALICE), "none");
});

test("only who is affiliated is surely so, and only once the room is ready", async () => {
  const room = openRoom();
  room.others = [present("bob", "member"), present("eve", "none")];
  room.lists.member = [BOB];
  const { rooms, stream } = await openStage({ room });
  assert.is(rooms.sureAffiliation(TEAM, BOB), "member");
  assert.is(rooms.sureAffiliation(TEAM, person("eve")), undefined);
  const whileRead: unknown[] = [];
  room.onList = () => whileRead.push(rooms.lastKnownAffiliation(TEAM, BOB), rooms.sureAffiliation(TEAM, BOB));
  stream.goOffline(false);
  assert.is(rooms.sureAffiliation(TEAM, BOB), undefined);
  stream.goOnline();
  assert.is(await asked(rooms, BOB), "member");
  assert.equal(whileRead.slice(0, 2), ["member", undefined]);
});

test("lists that a busy room does not give are asked for until it does", async () => {
  const room = openRoom();
  room.silent.add("lists");
  const { rooms, clock, stream } = await openStage({ room });
  const listed: boolean[] = [];
  rooms.on("listed", (_room, isSameRoom) => void listed.push(isSameRoom));
  await passTime(clock, 60_000);
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.equal(rooms.status(TEAM)?.lists, { owner: "unanswered" });
  room.silent.delete("lists");
  await passTime(clock, 5_000);
  assert.equal(listed, [false]);
  const asked = stream.sent.length;
  await passTime(clock, 60_000);
  assert.is(stream.sent.length, asked, "nothing is asked for again that was read");
});

for (const [type, condition] of [
  ["wait", "remote-server-timeout"],
  ["cancel", "remote-server-not-found"],
  ["cancel", "internal-server-error"],
] as const)
  test(`lists are asked for once more after ${type}/${condition}, which is no answer`, async () => {
    const room = openRoom();
    room.listError = [type, condition];
    const { rooms, clock } = await openStage({ room });
    assert.equal(rooms.status(TEAM)?.lists, { owner: "unanswered" });
    room.listError = undefined;
    await passTime(clock, 5_000);
    const outcomes = Object.values(rooms.status(TEAM)?.lists ?? {});
    assert.equal(outcomes, ["read", "read", "read", "read"]);
  });

test("nobody asks for the lists of a room that the bot is out of", async () => {
  const room = openRoom();
  room.silent.add("lists");
  const { clock, stream } = await openStage({ room });
  await passTime(clock, 60_000);
  stream.goOffline(false);
  assert.is(clock.waiting, 0);
});

test("a room that does not answer is not a reason to refuse somebody", async () => {
  const { rooms, room, clock } = await openStage();
  clock.advance(5000);
  room.silent.add("lists");
  const answer = asked(rooms, BOB);
  await passTime(clock, 65_000);
  assert.is(await answer, "room-not-ready");
});

test("a command waits for a room that is on its way", async () => {
  const { rooms, stream } = await openStage();
  stream.goOffline(false);
  const answer = asked(rooms, person("olga"));
  stream.goOnline();
  assert.is(await answer, "owner");
});

test("a command does not wait for ever", async () => {
  const { rooms, stream, clock } = await openStage();
  stream.goOffline(false);
  const answer = asked(rooms, person("olga"));
  clock.advance(10_000);
  assert.is(await answer, "room-not-ready");
});

test("a room the bot is not in does not let commands wait", async () => {
  const room = openRoom();
  room.missing = "item-not-found";
  const { rooms } = await openStage({ room });
  assert.is(await asked(rooms, BOB), "room-not-ready");
});

test("a room that is not kept is no such room", async () => {
  const { rooms } = await openStage();
  const refused = await rooms
    .affiliation("other@rooms.example.org" as typeof TEAM, BOB)
    .catch((e: HatsError) => e.code);
  assert.is(refused, "no-such-room");
});

test("a change told about somebody who is away is known at once", async () => {
  const { rooms, stream } = await openStage();
  const changes = changesOf(rooms);
  stream.deliver(noticeOf({ [BOB]: "member" }));
  assert.is(rooms.lastKnownAffiliation(TEAM, BOB), "member");
  stream.deliver(noticeOf({ [BOB]: "none" }));
  stream.deliver(noticeOf({ [BOB]: "outcast" }, [301]));
  assert.equal(changes, [
    `${BOB} none -> member said`,
    `${BOB} member -> none said`,
    `${BOB} none -> outcast said`,
  ]);
});

test("a change told by presence is known at once", async () => {
  const room = openRoom();
  room.others = [present("bob", "none")];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  stream.deliver(presenceOf(present("bob", "member")));
  assert.is(rooms.lastKnownAffiliation(TEAM, BOB), "member");
  stream.deliver(departureOf(present("bob", "outcast"), [301]));
  assert.is(rooms.lastKnownAffiliation(TEAM, BOB), "outcast");
  assert.equal(changes, [`${BOB} none -> member said`, `${BOB} member -> outcast said`]);
});

test("who merely goes, is kicked, or sees the room destroyed or shut down loses no affiliation", async () => {
  const room = openRoom();
  room.lists.member = [BOB];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  const gone = { ...present("bob", "none") };
  for (const statuses of [[], [307], [332], [322]]) {
    stream.deliver(presenceOf(present("bob", "member")));
    stream.deliver(departureOf(gone, statuses));
  }
  stream.deliver(presenceOf(present("bob", "member")));
  stream.deliver(departureOf(gone, [], { child: xml("destroy") }));
  assert.equal(changes, []);
  assert.is(rooms.lastKnownAffiliation(TEAM, BOB), "member");
});

test("a change after one list came and before the others did is not lost", async () => {
  const room = openRoom();
  room.lists.member = [BOB];
  const { rooms, stream, clock } = await openStage({ room });
  clock.advance(5000);
  room.onList = (name) => {
    if (name === "outcast") stream.deliver(noticeOf({ [BOB]: "none" }));
  };
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(rooms.lastKnownAffiliation(TEAM, BOB), "none");
});

test("a change that comes in one packet with the list before it is not lost", async () => {
  const room = openRoom();
  room.lists.member = [BOB];
  const { rooms, stream, clock } = await openStage({ room });
  clock.advance(5000);
  room.onList = (name) => {
    /* Read in the same turn, right behind the answer. */
    if (name === "member") queueMicrotask(() => stream.deliver(noticeOf({ [BOB]: "none" })));
  };
  assert.is(await asked(rooms, ALICE), "none");
  assert.is(rooms.sureAffiliation(TEAM, BOB), undefined);
  assert.is(rooms.lastKnownAffiliation(TEAM, BOB), "none");
});

test("lists that an earlier stay asked for are not taken for this one's", async () => {
  const { rooms, stream, room, clock } = await openStage();
  clock.advance(5000);
  room.silent.add("lists");
  const answer = asked(rooms, BOB);
  await calm();
  stream.deliver(departureOf({ nick: "hats", jid: BOT, affiliation: "owner" }, [307, 110]));
  room.silent.delete("lists");
  await passTime(clock, 40_000);
  assert.is(rooms.status(TEAM)?.state, "ready");
  await passTime(clock, 40_000);
  assert.is(await answer, "room-not-ready");
  assert.is(rooms.status(TEAM)?.lists.owner, "read");
});

test("only the room itself is believed about others", async () => {
  const room = openRoom();
  room.others = [present("eve", "none")];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  const item = (): ReturnType<typeof xml> => xml("item", { jid: person("eve"), affiliation: "owner" });
  const forged = (from: string, ...children: ReturnType<typeof xml>[]): void =>
    stream.deliver(xml("message", { from, to: BOT }, xml("x", { xmlns: NS_MUC_USER }, children)));
  forged(`${TEAM}/eve`, item());
  forged("eve@example.org/phone", item());
  forged("eve@example.org", item());
  forged(TEAM, item(), xml("invite", { from: person("eve") }));
  stream.deliver(
    xml(
      "message",
      { from: TEAM, to: BOT },
      xml("x", { xmlns: NS_MUC_USER }, item()),
      xml("x", { xmlns: NS_MUC_USER }, item()),
    ),
  );
  stream.deliver(xml("presence", { from: TEAM, to: BOT }, xml("x", { xmlns: NS_MUC_USER }, item())));
  assert.equal(changes, []);
  assert.is(rooms.lastKnownAffiliation(TEAM, person("eve")), "none");
});

test("an occupant with two elements that claim to be the room's is not believed", async () => {
  const { rooms, stream } = await openStage();
  const twice = presenceOf({ nick: "eve", jid: person("eve"), affiliation: "owner" });
  twice.append(xml("x", { xmlns: NS_MUC_USER }, xml("item", { affiliation: "owner", role: "moderator" })));
  stream.deliver(twice);
  assert.is(rooms.requester(`${TEAM}/eve`), undefined);
});

test("occupant-ids count only where the room writes them", async () => {
  const room = openRoom();
  room.others = [present("bob", "none", "b1")];
  assert.is((await openStage({ room })).rooms.occupants(TEAM)[0]?.occupantId, "b1");
  room.features = room.features.filter((feature) => feature !== "urn:xmpp:occupant-id:0");
  assert.is((await openStage({ room })).rooms.occupants(TEAM)[0]?.occupantId, undefined);
});

test("the bot itself is not among the occupants that commands see", async () => {
  const room = openRoom();
  room.others = [present("bob", "none")];
  const { rooms } = await openStage({ room });
  assert.equal(
    rooms.occupants(TEAM).map(({ nick }) => nick),
    ["bob"],
  );
  assert.equal(
    rooms
      .link(TEAM)
      ?.occupants()
      .map(({ nick }) => nick),
    ["bob", "hats"],
  );
});

test("an occupancy ends with leaving, renaming, another real JID and the bot's coming back", async () => {
  const room = openRoom();
  room.others = [present("bob", "member"), present("carol", "member")];
  const { rooms, stream } = await openStage({ room });
  const ended: string[] = [];
  rooms.on("occupancy-ended", (_room, nick) => ended.push(nick));
  const take = (): string[] => ended.splice(0);
  stream.deliver(presenceOf(present("bob", "admin")));
  assert.equal(take(), []);
  stream.deliver(departureOf(present("bob", "admin"), [303], { newNick: "robert" }));
  stream.deliver(presenceOf({ ...present("bob", "admin"), nick: "robert" }));
  assert.equal(take(), ["bob"]);
  stream.deliver(presenceOf({ ...present("eve", "admin"), nick: "robert" }));
  assert.equal(take(), ["robert"]);
  stream.deliver(departureOf(present("carol", "member")));
  assert.equal(take(), ["carol"]);
  stream.goOnline();
  assert.equal(take().toSorted(), ["hats", "robert"]);
});

test("real JIDs that become visible are asked for, and whoever has them stays who they were", async () => {
  const room = memberBot();
  room.others = [{ nick: "bob", affiliation: "member", id: "b1" }];
  const { rooms, stream, outgoing } = await openStage({ room });
  const ended: string[] = [];
  rooms.on("occupancy-ended", (_room, nick) => ended.push(nick));
  assert.is(rooms.isNonAnonymous(TEAM), false);
  room.features = ["http://jabber.org/protocol/muc", "muc_nonanonymous", "urn:xmpp:occupant-id:0"];
  room.others = [present("bob", "member", "b1")];
  outgoing();
  stream.deliver(noticeOf({}, [172]));
  assert.is(rooms.isNonAnonymous(TEAM), true);
  await calm();
  assert.is(await asked(rooms, BOB), "member");
  assert.equal(ended, []);
});

test("when the bot gets the right to see real JIDs it asks for them", async () => {
  const room = memberBot();
  room.others = [{ nick: "bob", affiliation: "member", id: "b1" }];
  const { rooms, stream } = await openStage({ room });
  room.others = [present("bob", "member", "b1")];
  room.own.affiliation = "admin";
  stream.deliver(presenceOf({ nick: "hats", jid: BOT, affiliation: "admin", id: "own-1" }, [110]));
  await calm();
  assert.is(rooms.requester(`${TEAM}/bob`)?.occupant.realJid, BOB);
});

test("a room that hides real JIDs is so at once", async () => {
  const room = openRoom();
  room.features.push("muc_nonanonymous");
  const { rooms, stream } = await openStage({ room });
  assert.is(rooms.isNonAnonymous(TEAM), true);
  stream.deliver(noticeOf({}, [173]));
  assert.is(rooms.isNonAnonymous(TEAM), false);
});

test("a room that hides real JIDs right behind its description shows none until it says so anew", async () => {
  const room = openRoom();
  room.features.push("muc_nonanonymous");
  const { rooms, stream } = await openStage({ room });
  const { features } = room;
  let isHidden = false;
  Object.defineProperty(room, "features", {
    get() {
      /* Read in the same turn, right behind the answer. */
      queueMicrotask(() => {
        stream.deliver(noticeOf({}, [104, 173]));
        room.silent.add("disco");
        isHidden = true;
      });
      return features;
    },
  });
  stream.deliver(noticeOf({}, [104]));
  await calm();
  assert.ok(isHidden);
  assert.is(rooms.isNonAnonymous(TEAM), false);
});

test("a changed configuration is looked at again", async () => {
  const { rooms, stream, room } = await openStage();
  let told = 0;
  rooms.link(TEAM)?.on("configuration", () => (told += 1));
  room.features.push("muc_nonanonymous");
  stream.deliver(noticeOf({}, [104]));
  await calm();
  assert.is(told, 1);
  assert.is(rooms.isNonAnonymous(TEAM), true);
});

test("of many changes of the configuration the room is asked one question at a time", async () => {
  const { stream, outgoing } = await openStage();
  outgoing();
  for (let change = 0; change < 100; change += 1) stream.deliver(noticeOf({}, [104]));
  await calm();
  assert.is(outgoing().filter((line) => line.includes("disco#info")).length, 2);
  stream.deliver(noticeOf({}, [104]));
  await calm();
  assert.is(outgoing().filter((line) => line.includes("disco#info")).length, 1);
});

test("room presence is told of those who were there before the bot, as soon as it is in", async () => {
  const room = openRoom();
  room.others = [present("bob", "member")];
  const { rooms, stream } = await openStage({ room });
  stream.goOffline(false);
  const told: string[] = [];
  const link = rooms.link(TEAM);
  link?.on("joined", () => told.push("joined"));
  link?.on("occupant", ({ nick }, presence) => told.push(`${nick} ${presence.name}`));
  stream.goOnline();
  await calm();
  assert.equal(told, ["joined", "bob presence", "hats presence"]);
});

test("of a presence before that only the hats are kept, and only as many as anybody wears", async () => {
  const room = openRoom();
  room.others = [present("bob", "member"), present("carol", "member")];
  const { rooms, stream } = await openStage({ room });
  stream.goOffline(false);
  const deliver = stream.deliver.bind(stream);
  const hats = (title: string): Element =>
    xml("hats", { xmlns: NS_HATS }, xml("hat", { uri: "urn:x", title }));
  stream.deliver = (stanza) => {
    if (stanza.attrs["from"] === `${TEAM}/bob`) stanza.append(hats("Teacher"));
    if (stanza.attrs["from"] === `${TEAM}/carol`) stanza.append(hats("x".repeat(40_000)));
    deliver(stanza);
  };
  const told = new Map<string, string[]>();
  rooms.link(TEAM)?.on("occupant", ({ nick }, presence) => {
    told.set(
      nick,
      elements(presence).map(({ name }) => name),
    );
  });
  stream.goOnline();
  await calm();
  assert.equal([told.get("bob"), told.get("carol")], [["hats"], []]);
});

test("when the bot's affiliation changes the lists are read with the new rights", async () => {
  const room = memberBot();
  const { rooms, stream } = await openStage({ room });
  const own: string[] = [];
  rooms.link(TEAM)?.on("own-affiliation", (affiliation) => own.push(affiliation));
  assert.is(await asked(rooms, BOB), "list-unreadable");
  room.own.affiliation = "owner";
  room.lists = { owner: [person("hats")], admin: [], member: [BOB], outcast: [] };
  stream.deliver(presenceOf({ nick: "hats", jid: BOT, affiliation: "owner", id: "own-1" }, [110]));
  await calm();
  assert.is(await asked(rooms, BOB), "member");
  assert.equal(own, ["owner"]);
});

test("lists are not asked for any more once the bot is out of the room", async () => {
  const room = openRoom();
  const { stream, clock, outgoing } = await openStage({ room });
  room.silent.add("lists");
  for (const affiliation of ["admin", "owner"] as const) {
    room.own.affiliation = affiliation;
    stream.deliver(ownPresence(room));
  }
  await calm();
  const own: Actor = { nick: "hats", affiliation: "none" };
  stream.deliver(departureOf(own, [110], { child: xml("destroy") }));
  room.missing = "item-not-found";
  outgoing();
  await passTime(clock, 65_000);
  assert.equal(
    outgoing().filter((line) => line.includes("muc#admin")),
    [],
  );
});

test("who is on a complete list and later on none of the same room is no longer affiliated", async () => {
  const room = openRoom();
  room.lists.member = [BOB];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  stream.goOffline(false);
  room.lists.member = [];
  stream.goOnline();
  await calm();
  assert.equal(changes, [`${BOB} undefined -> none listed`]);
});

test("who loses the affiliation while the bot may not read the lists is missed as soon as it may again", async () => {
  const room = openRoom();
  const [OWNERS, CAROL] = [room.lists.owner ?? [], person("carol")];
  room.lists.member = [BOB, CAROL];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  const become = async (affiliation: Affiliation, lists: RoomScript["lists"]): Promise<void> => {
    room.own.affiliation = affiliation;
    room.lists = lists;
    stream.deliver(ownPresence(room));
    await calm();
  };
  await become("none", {});
  await become("owner", { owner: OWNERS, admin: [], member: [], outcast: [CAROL] });
  const ofOthers = changes.filter((change) => !change.startsWith(person("hats")));
  assert.equal(ofOthers, [`${BOB} undefined -> none listed`, `${CAROL} undefined -> outcast listed`]);
});

test("absence proves nothing where the lists are not complete", async () => {
  const room = openRoom();
  room.lists.member = [BOB];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  stream.goOffline(false);
  room.lists = { admin: [], member: [], outcast: [] };
  stream.goOnline();
  await calm();
  assert.equal(changes, []);
});

test("a result without a list is no empty list: nobody is missed on it", async () => {
  const room = openRoom();
  room.lists["member"] = [BOB];
  const { rooms, clock } = await openStage({ room });
  const changes = changesOf(rooms);
  room.hollow = new Set(["member"]);
  await passTime(clock, 6_000);
  assert.is(await asked(rooms, ALICE), "room-not-ready");
  assert.equal(changes, []);
  assert.is(await asked(rooms, BOB), "member");
});

test("absence proves nothing where the room cannot be known again", async () => {
  const room = openRoom();
  room.own.id = undefined;
  room.lists.member = [BOB];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  const listed: boolean[] = [];
  rooms.on("listed", (_room, isSameRoom) => listed.push(isSameRoom));
  stream.goOffline(false);
  room.lists.member = [];
  room.others = [present("bob", "none")];
  stream.goOnline();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.equal(listed, [false]);
  assert.equal(changes, []);
});

test("who was only seen, and never listed, is not missed on a list", async () => {
  const room = openRoom();
  room.others = [present("root", "owner")];
  const { rooms, stream } = await openStage({ room });
  const changes = changesOf(rooms);
  room.others = [];
  stream.goOnline();
  await calm();
  assert.equal(changes, []);
});

test("another room of the same name is served once what the desk has is archived, and told nothing of before", async () => {
  const room = openRoom();
  room.lists.member = [BOB];
  const archived: string[] = [];
  let tellArchived: () => void = () => undefined;
  const archive = (_room: string, why: string): Promise<void> => {
    archived.push(why);
    return new Promise((resolve) => {
      tellArchived = resolve;
    });
  };
  const { rooms, stream, outgoing } = await openStage({ room, archive });
  const link = rooms.link(TEAM);
  const events: string[] = [];
  for (const name of ["joined", "left"] as const) link?.on(name, () => events.push(name));
  const changes = changesOf(rooms);
  await link?.setOwnPayload(xml("hats", { xmlns: "urn:milliner:hats:0" }));
  room.own.id = "own-2";
  room.others = [present("bob", "none")];
  outgoing();
  stream.goOnline();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "joining");
  assert.equal(events, ["left"]);
  assert.is(link?.isJoined, false);
  assert.equal(rooms.occupants(TEAM), []);
  assert.is(rooms.requester(`${TEAM}/bob`), undefined);
  tellArchived();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.equal(archived, ["recreated"]);
  assert.equal(events, ["left", "joined"]);
  assert.equal(changes, []);
  assert.not.match(outgoing().join(), "urn:milliner:hats:0");
  stream.goOnline();
  await calm();
  assert.equal(archived, ["recreated"], "the new room is known from now on");
});

test("another room is remembered for good before it is served", async () => {
  const memory = volatileMemory();
  const saved: (string | undefined)[] = [];
  const { rooms, stream, room } = await openStage({
    memory: {
      ...memory,
      async flush() {
        saved.push(`${memory.recall(TEAM)?.ownId} ${rooms.link(TEAM)?.isJoined}`);
        return true;
      },
    },
  });
  room.own.id = "own-2";
  stream.goOnline();
  await calm();
  assert.equal(saved, ["own-2 false"]);
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("one that cannot be remembered is not served until it can, and is archived bare meanwhile", async () => {
  const memory = volatileMemory();
  const archived: string[] = [];
  let failures = 0;
  const { rooms, stream, room, clock } = await openStage({
    memory: { ...memory, flush: async () => (failures -= 1) < 0 },
    archive: async (_room, why) => void archived.push(why),
  });
  room.own.id = "own-2";
  failures = 2;
  stream.goOnline();
  await calm();
  assert.is(rooms.status(TEAM)?.code, "unarchived");
  assert.is(memory.recall(TEAM)?.ownId, "own-1", "a restart would find another room, too");
  await passTime(clock, 2500, 500);
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.equal(archived, ["recreated", "recreated", "recreated"]);
  assert.is(memory.recall(TEAM)?.ownId, "own-2");
});

test("while the archive cannot be written the room is suspended, and served as soon as it can", async () => {
  let failures = 2;
  const archive = async (): Promise<void> => {
    failures -= 1;
    if (failures >= 0) throw new HatsError("store-unwritable");
  };
  const { rooms, stream, room, clock } = await openStage({ archive });
  room.own.id = "own-2";
  stream.goOnline();
  await calm();
  assert.is(rooms.status(TEAM)?.code, "unarchived");
  assert.is(await asked(rooms, person("olga")), "room-not-ready");
  await passTime(clock, 2500, 500);
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a bot that is put out while it archives begins anew when it is back", async () => {
  const archiving: (() => void)[] = [];
  const archive = (): Promise<void> => new Promise((resolve) => archiving.push(resolve));
  const { rooms, stream, room } = await openStage({ archive });
  room.own.id = "own-2";
  stream.goOnline();
  await calm();
  stream.goOffline(false);
  stream.goOnline();
  await calm();
  assert.is(archiving.length, 2);
  archiving[0]?.();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "joining");
  archiving[1]?.();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a room that was destroyed is another one when it is there again", async () => {
  const room = openRoom();
  room.own.id = undefined;
  const archived: string[] = [];
  const archive = async (_room: string, why: string) => archived.push(why);
  const { rooms, stream, clock } = await openStage({ room, archive });
  stream.deliver(departureOf({ nick: "hats", jid: BOT, affiliation: "none" }, [], { child: xml("destroy") }));
  await passTime(clock, 60_000);
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.equal(archived, ["destroyed"]);
});

test("a room that came into being by the bot is another one when somebody else has made it", async () => {
  const room = openRoom();
  room.own.statuses = [201];
  const archived: string[] = [];
  const archive = async (_room: string, why: string) => archived.push(why);
  const { rooms, clock } = await openStage({ room, archive });
  room.own.statuses = [];
  await passTime(clock, 60_000);
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.equal(archived, ["created"]);
});

test("a room that was missing is another one when it is there again, unless it proves to be the same", async () => {
  for (const [id, expected] of [
    [undefined, ["recreated"]],
    ["own-1", []],
  ] as const) {
    const room = openRoom();
    room.own.id = id;
    const archived: string[] = [];
    const archive = async (_room: string, why: string) => archived.push(why);
    const { rooms, stream, clock } = await openStage({ room, archive });
    room.missing = "item-not-found";
    stream.goOnline();
    await calm();
    assert.is(rooms.status(TEAM)?.code, "no-such-room");
    room.missing = undefined;
    await passTime(clock, 5000);
    assert.is(rooms.status(TEAM)?.state, "ready");
    assert.equal(archived, expected);
  }
});

for (const [isSameRoom, archived] of [
  [true, []],
  [false, ["forgotten"]],
] as const)
  test(`a room that forgot what the bot was is suspended until an admin says that it is ${isSameRoom ? "the same" : "another"}`, async () => {
    const room = openRoom();
    room.own.id = undefined;
    const told: string[] = [];
    const archive = async (_room: string, why: string) => told.push(why);
    const { rooms, stream } = await openStage({ room, archive });
    room.own.affiliation = "none";
    stream.goOnline();
    await calm();
    assert.is(rooms.status(TEAM)?.code, "forgotten");
    room.own.affiliation = "owner";
    stream.goOnline();
    await calm();
    assert.is(rooms.status(TEAM)?.state, "suspended");
    assert.is(rooms.isDoubted(TEAM), true);
    assert.equal(told, []);
    await rooms.settleDoubt(TEAM, isSameRoom);
    await calm();
    assert.is(rooms.isDoubted(TEAM), false);
    assert.is(rooms.status(TEAM)?.state, "ready");
    assert.equal(told, archived);
    stream.goOnline();
    await calm();
    assert.is(rooms.status(TEAM)?.state, "ready");
  });

test("an admin can say which room it is while the bot is not in", async () => {
  const room = openRoom();
  room.own.id = undefined;
  const { rooms, stream } = await openStage({ room });
  room.own.affiliation = "none";
  stream.goOnline();
  await calm();
  stream.goOffline(false);
  assert.is(rooms.isDoubted(TEAM), true);
  await rooms.settleDoubt(TEAM, true);
  stream.goOnline();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
});

for (const statuses of [
  [321, 110],
  [301, 110],
])
  test(`a room that puts the bot out with ${statuses[0]} has said so, and is the same when it lets it in again`, async () => {
    const room = openRoom();
    room.own = { affiliation: "none", statuses: [] };
    const memory = volatileMemory();
    memory.keep(TEAM, { ownId: undefined, ownAffiliation: "member" });
    room.own.affiliation = "member";
    const { rooms, stream, clock } = await openStage({ room, memory });
    stream.deliver(departureOf({ nick: "hats", jid: BOT, affiliation: "none" }, statuses));
    room.own.affiliation = "none";
    await passTime(clock, 60_000);
    assert.is(rooms.status(TEAM)?.state, "ready");
  });

test("a room that tells the bot of its lost affiliation is still the same", async () => {
  const room = openRoom();
  room.own.id = undefined;
  const { rooms, stream } = await openStage({ room });
  stream.deliver(presenceOf({ nick: "hats", jid: BOT, affiliation: "none" }, [110]));
  room.own.affiliation = "none";
  stream.goOnline();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a hundred thousand members are known, and found at once", async () => {
  const room = openRoom();
  room.lists.member = Array.from({ length: 100_000 }, (_, index) => `member${index}@example.org`);
  const { rooms } = await openStage({ room });
  while (rooms.status(TEAM)?.state !== "ready") await calm();
  assert.is(await asked(rooms, person("member99999")), "member");
  assert.is(await asked(rooms, person("stranger")), "none");
  assert.is((await rooms.affiliated(TEAM)).size, 100_001);
});

test.run();
