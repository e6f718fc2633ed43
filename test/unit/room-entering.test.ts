/** How rooms are entered, left, lost and entered again. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explainInEnglish } from "../../src/core/explanations.ts";
import { xml } from "../../src/stanza/xml.ts";
import { canHappen, nextState } from "../../src/xmpp/muc/room-states.ts";
import { buildProtocolError } from "../../src/stanza/stanza-error.ts";
import {
  BOT,
  calm,
  departureOf,
  openRoom,
  openStage,
  ownPresence,
  passTime,
  person,
  presenceOf,
  TEAM,
} from "../support/room-stage.ts";

const test = suite("entering rooms");
const OWN = { nick: "hats", jid: BOT, affiliation: "owner" } as const;

test("a room is asked what it is before it is entered", async () => {
  const { outgoing, rooms } = await openStage();
  const [first = "", second = ""] = outgoing();
  assert.match(first, "disco#info");
  assert.match(
    second,
    `<presence to="${TEAM}/hats"><x xmlns="http://jabber.org/protocol/muc"><history maxchars="0"/>`,
  );
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a room that does not exist is never sent a presence", async () => {
  const room = openRoom();
  room.missing = "item-not-found";
  const { outgoing, rooms } = await openStage({ room });
  assert.is(outgoing().filter((line) => line.startsWith("<presence")).length, 0);
  assert.is(rooms.status(TEAM)?.state, "refused");
  assert.is(rooms.status(TEAM)?.code, "no-such-room");
});

test("an address that is not a room is not entered", async () => {
  const room = openRoom();
  room.features = ["jabber:iq:version"];
  const { outgoing, rooms } = await openStage({ room });
  assert.is(outgoing().filter((line) => line.startsWith("<presence")).length, 0);
  assert.is(rooms.status(TEAM)?.code, "not-a-room");
});

test("a refused room is tried again after a wait that grows", async () => {
  const room = openRoom();
  room.missing = "item-not-found";
  const { outgoing, clock, rooms } = await openStage({ room });
  const attemptsIn = async (ms: number): Promise<number> => {
    outgoing();
    clock.advance(ms);
    await calm();
    return outgoing().filter((line) => line.includes("disco#info")).length;
  };
  assert.is(await attemptsIn(2499), 0);
  assert.is(await attemptsIn(1), 1);
  assert.is(await attemptsIn(4999), 0);
  assert.is(await attemptsIn(1), 1);
  room.missing = undefined;
  clock.advance(10_000);
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
});

for (const [condition, code] of [
  ["not-authorized", "password-required"],
  ["registration-required", "members-only"],
  ["forbidden", "banned"],
  ["service-unavailable", "full"],
  ["not-acceptable", "nick-refused"],
  ["item-not-found", "no-such-room"],
  ["not-allowed", "locked"],
] as const)
  test(`a room that answers ${condition} is refused as ${code}`, async () => {
    const room = openRoom();
    room.refuses = { hats: condition };
    const { rooms } = await openStage({ room });
    assert.is(rooms.status(TEAM)?.state, "refused");
    assert.is(rooms.status(TEAM)?.code, code);
  });

for (const [condition, code] of [
  ["item-not-found", "no-such-room"],
  ["gone", "destroyed"],
  ["service-unavailable", "unreachable"],
  ["remote-server-not-found", "unreachable"],
  ["forbidden", "other"],
  ["not-allowed", "other"],
  ["registration-required", "other"],
] as const)
  test(`where the question what the room is gets ${condition}, the room is refused as ${code}`, async () => {
    const { rooms } = await openStage({ room: { ...openRoom(), missing: condition } });
    assert.is(rooms.status(TEAM)?.state, "refused");
    assert.is(rooms.status(TEAM)?.code, code);
  });

test("what the bot was in a room is not forgotten because a server in between lets nobody ask", async () => {
  const room = openRoom();
  room.features = room.features.filter((feature) => !feature.includes("occupant-id"));
  const { stream, rooms } = await openStage({ room });
  const comeBack = async (): Promise<void> => {
    stream.goOffline(false);
    stream.goOnline();
    await calm();
  };
  room.missing = "forbidden";
  await comeBack();
  assert.is(rooms.status(TEAM)?.state, "refused");
  room.missing = undefined;
  room.own.affiliation = "none";
  await comeBack();
  assert.is(rooms.status(TEAM)?.code, "forgotten", "it may be another room");
});

test("a taken nick gets a number, and is taken back when it is free", async () => {
  const room = openRoom();
  room.refuses = { hats: "conflict" };
  const thief = { nick: "hats", jid: "eve@example.org/x", affiliation: "none" } as const;
  room.others = [thief];
  const { outgoing, rooms, stream } = await openStage({ room });
  assert.is(rooms.status(TEAM)?.nick, "hats-2");
  outgoing();
  stream.deliver(departureOf(thief));
  assert.equal(outgoing(), [`<presence to="${TEAM}/hats"/>`]);
  stream.deliver(departureOf({ ...OWN, nick: "hats-2" }, [303, 110], { newNick: "hats" }));
  stream.deliver(ownPresence(room));
  assert.is(rooms.status(TEAM)?.nick, "hats");
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("when all nicks are taken the room is refused", async () => {
  const room = openRoom();
  for (const suffix of ["", "-2", "-3", "-4", "-5"]) room.refuses[`hats${suffix}`] = "conflict";
  const { rooms } = await openStage({ room });
  assert.is(rooms.status(TEAM)?.code, "nick-taken");
});

test("a room that turns out to be new is not configured, is left, and not entered while it is not there", async () => {
  const room = openRoom();
  room.own.statuses = [201];
  const { outgoing, rooms, clock } = await openStage({ room });
  const [, , cancel = "", ...rest] = outgoing();
  assert.match(cancel, `type="cancel"`);
  assert.equal(rest, [`<presence to="${TEAM}/hats" type="unavailable"/>`]);
  assert.is(rooms.status(TEAM)?.state, "refused");
  assert.is(rooms.status(TEAM)?.code, "created");
  room.missing = "item-not-found";
  await passTime(clock, 60_000);
  assert.is(outgoing().filter((line) => line.startsWith("<presence")).length, 0);
  assert.is(rooms.status(TEAM)?.code, "no-such-room");
});

test("a presence that makes a room after the bot was put out is answered by leaving", async () => {
  const { outgoing, rooms, room, stream } = await openStage();
  stream.deliver(departureOf(OWN, [110], { child: xml("destroy") }));
  outgoing();
  room.own.statuses = [201];
  stream.deliver(ownPresence(room));
  assert.equal(outgoing(), [`<presence to="${TEAM}/hats" type="unavailable"/>`]);
  assert.is(rooms.status(TEAM)?.code, "created");
});

test("a room that does not let the bot in within a minute is refused and left", async () => {
  const room = openRoom();
  room.silent.add("join");
  const { outgoing, rooms, clock } = await openStage({ room });
  outgoing();
  clock.advance(60_000);
  assert.equal(outgoing(), [`<presence to="${TEAM}/hats" type="unavailable"/>`]);
  assert.is(rooms.status(TEAM)?.code, "unreachable");
});

for (const [statuses, code] of [
  [[307, 110], "kicked"],
  [[307, 333, 110], "lost"],
  [[301, 110], "banned"],
  [[321, 110], "removed"],
  [[322, 110], "members-only"],
  [[332, 110], "shutdown"],
  [[110], "lost"],
] as const)
  test(`put out with ${statuses.join(" and ")} the room is ${code}, and the bot comes back later`, async () => {
    const { rooms, stream, clock } = await openStage();
    stream.deliver(departureOf(OWN, statuses));
    assert.is(rooms.status(TEAM)?.state, "refused");
    assert.is(rooms.status(TEAM)?.code, code);
    assert.is(rooms.isReachable(TEAM), false);
    await passTime(clock, 60_000);
    assert.is(rooms.status(TEAM)?.state, "ready");
  });

test("who is kicked waits longer than who got lost", async () => {
  const { stream, clock, outgoing } = await openStage();
  outgoing();
  stream.deliver(departureOf(OWN, [307, 110]));
  clock.advance(29_999);
  await calm();
  assert.equal(outgoing(), []);
});

test("a long stay makes up for the failures before it, a short one does not", async () => {
  const { stream, clock, rooms } = await openStage();
  const kickedFor = async (): Promise<number> => {
    stream.deliver(departureOf(OWN, [307, 110]));
    const start = clock.now();
    while (rooms.status(TEAM)?.state !== "ready") await passTime(clock, 2500);
    return clock.now() - start;
  };
  assert.is(await kickedFor(), 30_000);
  assert.is(await kickedFor(), 60_000);
  await passTime(clock, 602_500);
  assert.is(await kickedFor(), 30_000);
});

test("what was asked of the room and not answered is given up when the bot is out", async () => {
  const { rooms, stream, room } = await openStage();
  room.silent.add("disco");
  const question = rooms
    .link(TEAM)
    ?.request("get", xml("query", { xmlns: "http://jabber.org/protocol/disco#info" }));
  stream.deliver(departureOf(OWN, [307, 110]));
  const reason = await question?.catch((error: Error) => error.message);
  assert.match(String(reason), "the bot left the room");
});

test("nothing is asked of a room, and nothing shown there, while the bot is not in", async () => {
  const { rooms, stream, outgoing } = await openStage();
  const link = rooms.link(TEAM);
  stream.deliver(departureOf(OWN, [307, 110]));
  outgoing();
  const question = link?.request("get", xml("query")).catch(() => "refused");
  const shown = link?.setOwnPayload(xml("hats", { xmlns: "urn:milliner:hats:0" })).catch(() => "refused");
  assert.equal(await Promise.all([question, shown]), ["refused", "refused"]);
  assert.equal(outgoing(), []);
});

test("what the bot shows in a room it shows there again after it came back, not while it enters", async () => {
  const { rooms, stream, outgoing } = await openStage();
  await rooms.link(TEAM)?.setOwnPayload(xml("hats", { xmlns: "urn:milliner:hats:0" }));
  outgoing();
  stream.goOnline();
  await calm();
  const [entrance, shown] = outgoing().filter((line) => line.startsWith("<presence"));
  assert.not.match(String(entrance), "urn:milliner:hats:0");
  assert.is(shown, `<presence to="${TEAM}/hats"><hats xmlns="urn:milliner:hats:0"/></presence>`);
});

test("a destroyed room names where to go instead", async () => {
  const { rooms, stream } = await openStage();
  const child = xml("destroy", { jid: "new@rooms.example.org" }, xml("reason", {}, "moved"));
  // COMPAT: ejabberd 23.01 leaves status 110 out here.
  stream.deliver(departureOf({ ...OWN, affiliation: "none" }, [], { child }));
  assert.is(rooms.status(TEAM)?.code, "destroyed");
  const why = rooms.status(TEAM)?.why;
  const words = "the room was destroyed (“moved”; the room asks to go to new@rooms.example.org)";
  assert.is(why && explainInEnglish(why), words);
});

test("a new session enters anew, a resumed one does not", async () => {
  const { stream, rooms, outgoing } = await openStage();
  const left: string[] = [];
  rooms.link(TEAM)?.on("left", () => left.push("left"));
  outgoing();
  stream.goOffline(true);
  stream.resume();
  await calm();
  assert.equal(outgoing(), []);
  assert.equal(left, []);
  stream.goOffline(true);
  stream.goOnline();
  await calm();
  assert.is(outgoing().filter((line) => line.includes('protocol/muc"')).length, 1);
  assert.equal(left, ["left"]);
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a room that is kept while the stream is interrupted is entered when it goes on", async () => {
  const { stream, rooms } = await openStage();
  rooms.remove(TEAM);
  stream.goOffline(true);
  rooms.add({ jid: TEAM, nick: "hats" });
  stream.resume();
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a nick that is given while the stream is interrupted is asked for when it goes on, and once", async () => {
  const { stream, rooms, outgoing } = await openStage();
  stream.goOffline(true);
  rooms.add({ jid: TEAM, nick: "desk" });
  await calm();
  outgoing();
  stream.resume();
  await calm();
  assert.equal(outgoing(), [`<presence to="${TEAM}/desk"/>`]);
  stream.goOffline(true);
  stream.resume();
  await calm();
  assert.equal(outgoing(), []);
});

test("a room that is kept no more while the stream is interrupted is left when it goes on", async () => {
  const { stream, rooms, outgoing } = await openStage();
  stream.goOffline(true);
  rooms.remove(TEAM);
  await calm();
  outgoing();
  stream.resume();
  await calm();
  assert.equal(outgoing(), [`<presence to="${TEAM}/hats" type="unavailable"/>`]);
});

test("a session that surely ended leaves nobody present", async () => {
  const { stream, rooms } = await openStage();
  stream.goOffline(false);
  assert.is(rooms.status(TEAM)?.state, "offline");
  assert.equal(rooms.link(TEAM)?.occupants(), []);
});

test("a silent room is pinged, and one that forgot the bot is entered again", async () => {
  const { clock, outgoing, room, rooms, stream } = await openStage();
  outgoing();
  clock.advance(200_000);
  stream.deliver(presenceOf({ nick: "bob", affiliation: "none" }));
  clock.advance(299_999);
  await calm();
  assert.equal(outgoing(), []);
  clock.advance(1);
  await calm();
  assert.match(outgoing().join(), `to="${TEAM}/hats"`);
  room.pingError = "not-acceptable";
  clock.advance(300_000);
  await calm();
  assert.is(outgoing().filter((line) => line.includes('protocol/muc"')).length, 1);
  assert.is(rooms.status(TEAM)?.state, "ready");
});

for (const condition of ["service-unavailable", "feature-not-implemented", "remote-server-timeout"])
  test(`a ping answered by ${condition} changes nothing`, async () => {
    const { clock, outgoing, room } = await openStage();
    room.pingError = condition;
    outgoing();
    clock.advance(300_000);
    await calm();
    assert.is(outgoing().length, 1);
  });

test("a ping without an answer changes nothing and is sent again", async () => {
  const { clock, outgoing, room } = await openStage();
  room.silent.add("ping");
  outgoing();
  clock.advance(330_000);
  await calm();
  clock.advance(300_000);
  await calm();
  const sent = outgoing();
  assert.is(sent.length, 2);
  assert.ok(sent.every((line) => line.includes("urn:xmpp:ping")));
});

test("an own presence that the room does not know means to enter again", async () => {
  const { clock, rooms, stream } = await openStage();
  const error = buildProtocolError("cancel", "item-not-found");
  stream.deliver(xml("presence", { type: "error", from: `${TEAM}/hats` }, error));
  assert.is(rooms.status(TEAM)?.code, "lost");
  clock.advance(5000);
  await calm();
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("an error from another occupant changes nothing", async () => {
  const { rooms, stream } = await openStage();
  const error = buildProtocolError("cancel", "item-not-found");
  stream.deliver(xml("presence", { type: "error", from: `${TEAM}/bob` }, error));
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("all is settled when each room is ready, suspended or refused", async () => {
  const room = openRoom();
  room.silent.add("disco");
  const { rooms, clock } = await openStage({ room });
  let settled = false;
  void rooms.settled.then(() => (settled = true));
  await calm();
  assert.is(settled, false);
  clock.advance(30_000);
  await calm();
  assert.is(settled, true);
});

test("a room that is removed is left and not entered again", async () => {
  const { rooms, outgoing, stream } = await openStage();
  outgoing();
  rooms.remove(TEAM);
  assert.equal(outgoing(), [`<presence to="${TEAM}/hats" type="unavailable"/>`]);
  stream.goOnline();
  await calm();
  assert.equal(outgoing(), []);
  assert.is(rooms.isKept(TEAM), false);
});

test("one room that does not answer delays no other", async () => {
  const { rooms, stream } = await openStage();
  const mute = "mute@rooms.example.net" as typeof TEAM;
  rooms.add({ jid: mute, nick: "hats" });
  stream.goOnline();
  await calm();
  assert.is(rooms.status(mute)?.state, "joining");
  assert.is(rooms.status(TEAM)?.state, "ready");
});

test("a thousand rooms do not ask all at once", async () => {
  const { rooms, outgoing } = await openStage();
  outgoing();
  for (let index = 0; index < 1000; index += 1)
    rooms.add({ jid: `r${index}@mute.example.net` as typeof TEAM, nick: "hats" });
  await calm();
  assert.is(outgoing().length, 50);
});

test("what a room asks of people is found by its own word on them", async () => {
  const room = openRoom();
  room.others = [
    { nick: "alice", jid: `${person("alice")}/phone`, affiliation: "admin", role: "moderator", id: "a1" },
  ];
  const { rooms } = await openStage({ room });
  const requester = rooms.requester(`${TEAM}/alice`);
  assert.equal(requester, {
    kind: "occupant",
    room: TEAM,
    occupant: {
      nick: "alice",
      affiliation: "admin",
      role: "moderator",
      realJid: person("alice"),
      occupantId: "a1",
    },
  });
  assert.is(rooms.requester(`${TEAM}/eve`), undefined);
  assert.is(rooms.requester(TEAM), undefined);
  assert.is(rooms.isRoomService("rooms.example.org"), true);
  assert.is(rooms.isRoomService("example.org"), false);
});

test("another nick is taken at once, and kept when the bot comes back", async () => {
  const { outgoing, room, rooms, stream } = await openStage();
  outgoing();
  rooms.add({ jid: TEAM, nick: "milly" });
  assert.equal(outgoing(), [`<presence to="${TEAM}/milly"/>`]);
  stream.deliver(departureOf(OWN, [303, 110], { newNick: "milly" }));
  stream.deliver(presenceOf({ ...OWN, nick: "milly", id: String(room.own.id) }, [110]));
  assert.is(rooms.status(TEAM)?.nick, "milly");
  stream.goOnline();
  assert.match(outgoing().join(), "disco#info");
  await calm();
  assert.match(outgoing().join(), `<presence to="${TEAM}/milly"><x`);
});

test("another nick that is wanted while the bot enters is taken when it is in", async () => {
  const room = openRoom();
  room.silent.add("join");
  const { outgoing, rooms, stream } = await openStage({ room });
  rooms.add({ jid: TEAM, nick: "milly" });
  outgoing();
  stream.deliver(ownPresence(room));
  await calm();
  assert.ok(outgoing().includes(`<presence to="${TEAM}/milly"/>`));
});

test("another nick that somebody has is waited for", async () => {
  const room = openRoom();
  const polly = { nick: "polly", jid: "eve@example.org/x", affiliation: "none" } as const;
  room.others = [polly];
  const { outgoing, rooms, stream } = await openStage({ room });
  rooms.add({ jid: TEAM, nick: "polly" });
  const conflict = buildProtocolError("cancel", "conflict");
  stream.deliver(xml("presence", { type: "error", from: `${TEAM}/polly` }, conflict));
  assert.is(rooms.status(TEAM)?.state, "ready");
  assert.is(rooms.status(TEAM)?.nick, "hats");
  outgoing();
  stream.deliver(departureOf(polly));
  assert.equal(outgoing(), [`<presence to="${TEAM}/polly"/>`]);
});

test("room presence is told of a stream that goes on, where the bot is in", async () => {
  const { rooms, stream } = await openStage();
  let told = 0;
  rooms.link(TEAM)?.on("resumed", () => (told += 1));
  stream.goOffline(true);
  stream.resume();
  assert.is(told, 1);
  stream.deliver(departureOf(OWN, [307, 110]));
  stream.goOffline(true);
  stream.resume();
  assert.is(told, 1);
});

for (const condition of ["conflict", "not-acceptable"])
  test(`a room that refused the nick by ${condition} is entered as soon as another is given`, async () => {
    const room = openRoom();
    for (const nick of ["hats", "hats-2", "hats-3", "hats-4", "hats-5"]) room.refuses[nick] = condition;
    const { rooms, clock } = await openStage({ room });
    await passTime(clock, 3_600_000, 60_000);
    assert.is(rooms.status(TEAM)?.state, "refused");
    rooms.add({ jid: TEAM, nick: "milliner" });
    await calm();
    assert.equal([rooms.status(TEAM)?.state, rooms.status(TEAM)?.nick], ["ready", "milliner"]);
  });

test("a room that is left and kept again is known again", async () => {
  const archived: string[] = [];
  const archive = async (_room: string, why: string) => archived.push(why);
  const { rooms, room } = await openStage({ archive });
  rooms.remove(TEAM);
  rooms.add({ jid: TEAM, nick: "hats" });
  await calm();
  assert.equal(archived, []);
  rooms.remove(TEAM);
  room.own.id = "own-2";
  rooms.add({ jid: TEAM, nick: "hats" });
  await calm();
  assert.equal(archived, ["recreated"]);
});

test("what is not in the table of transitions is a mistake in the program", () => {
  assert.is(nextState("joining", "read"), "ready");
  assert.throws(() => nextState("offline", "read"), "a room that is offline cannot take read");
  assert.is(canHappen("left", "enter"), false);
});

test.run();
