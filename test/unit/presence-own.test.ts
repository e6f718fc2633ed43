/** Room presence by the bot's own payload, and which dialect a room gets. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_PAYLOAD_BYTES } from "../../src/presence/own-presence.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { PROSODY_HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { StreamDownError } from "../../src/xmpp/stream/stream.ts";
import { BOB, CAROL, dressedRoom, HELPER, joinedRoom, settle, TEACHER } from "../support/dressed-room.ts";

const BOB_AS_TEACHER =
  '<hats xmlns="urn:milliner:hats:0"><wearer nick="bob" id="o1">' +
  '<hat xmlns="urn:xmpp:hats:0" uri="urn:x:teacher" title="Teacher"/></wearer></hats>';

const own = suite("own presence");

own("the hats of those present are carried, by nick and occupant-id and never by real JID", async () => {
  const { kept, room, clock } = await joinedRoom("no-commands");
  room.enter("bob", BOB, { occupantId: "o1" });
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: { title: "Helper" } });
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  await clock.advance(2_000);
  assert.equal(room.payloads, [BOB_AS_TEACHER]);
});

own("hats go by title, then URI; wearers by nick; a hue is shown where the desk has one", async () => {
  const { kept, room, clock } = dressedRoom("no-commands");
  kept.dress(BOB, { "urn:x:2": "B", "urn:x:1": "B", "urn:x:3": "A" });
  kept.dress(CAROL, { "urn:x:3": { active: true, title: "Own" } });
  kept.define("urn:x:3", { title: "A", hue: 7 });
  room.enter("z", BOB);
  room.enter("a", CAROL);
  room.join();
  await clock.advance(0);
  const titles = [...(room.payloads[0] ?? "").matchAll(/nick="(\w)"|title="(\w+)"/g)].map(
    (m) => m[1] ?? m[2],
  );
  assert.equal(titles, ["a", "Own", "z", "A", "B", "B"]);
  assert.ok(room.payloads[0]?.includes('hue="7"'));
});

own("nothing is sent where nobody shows a hat, and nothing when nothing that is shown changed", async () => {
  const { kept, room, clock } = await joinedRoom("no-commands");
  room.enter("dave", "dave@example.org");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(60_000);
  assert.equal(room.payloads, [], "bob is not there");
  room.enter("bob", BOB, { occupantId: "o1" });
  await clock.advance(60_000);
  room.enter("bob", BOB, { occupantId: "o1", role: "moderator" });
  kept.dress(BOB, { [TEACHER]: { active: true, required: true, title: "Teacher" } });
  room.exit("dave");
  await clock.advance(60_000);
  assert.equal(room.payloads, [BOB_AS_TEACHER]);
});

own("the payload goes when the last wearer goes", async () => {
  const { kept, room, clock } = await joinedRoom("no-commands");
  room.enter("bob", BOB, { occupantId: "o1" });
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(60_000);
  room.exit("bob");
  await clock.advance(60_000);
  assert.equal(room.payloads, [BOB_AS_TEACHER, ""]);
});

own("a storm of changes sends at most one payload in two seconds, and the last one counts", async () => {
  const { kept, room, clock } = await joinedRoom("no-commands");
  room.enter("bob", BOB);
  for (let turn = 0; turn < 1000; turn += 1) {
    kept.dress(BOB, { [TEACHER]: `Teacher ${turn}` });
    await clock.advance(10);
  }
  await clock.advance(2_000);
  assert.ok(room.payloads.length <= 7, `${room.payloads.length} payloads in 12 seconds`);
  assert.ok(room.payloads.at(-1)?.includes("Teacher 999"));
});

own("a payload stays within its limit, keeps wearers whole and says that it is cut", async () => {
  const { kept, room, clock } = dressedRoom("no-commands");
  for (let index = 0; index < 1000; index += 1) {
    const person = `user${index}@example.org` as BareJid;
    kept.dress(person, { [TEACHER]: { active: true, title: "é".repeat(100) } });
    room.enter(`user${index}`, person);
  }
  room.join();
  await clock.advance(0);
  const payload = room.payloads[0] ?? "";
  const size = Buffer.byteLength(payload);
  assert.ok(size <= MAX_PAYLOAD_BYTES && size > MAX_PAYLOAD_BYTES - 500, `${size} bytes`);
  assert.match(payload, /^<hats xmlns="urn:milliner:hats:0" truncated="true"><wearer .*<\/wearer><\/hats>$/);
});

own("a large payload is sent less often, so that answers need not wait behind it", async () => {
  const { kept, room, clock } = dressedRoom("no-commands");
  for (let index = 0; index < 300; index += 1) {
    const person = `user${index}@example.org` as BareJid;
    kept.dress(person, { [TEACHER]: { active: true, title: "x".repeat(100) } });
    room.enter(`user${index}`, person);
  }
  room.join();
  await clock.advance(0);
  const size = Buffer.byteLength(room.payloads[0] ?? "");
  assert.ok(size > 45_000, `${size} bytes`);
  kept.dress("user0@example.org" as BareJid, { [TEACHER]: { active: true, title: "y" } });
  await clock.advance(29_000);
  assert.is(room.payloads.length, 1, "not yet");
  await clock.advance(size / 1.5 - 29_000);
  assert.is(room.payloads.length, 2);
});

own("a bot that sees no real JIDs carries nothing and says why", async () => {
  const { kept, room, clock, status } = await joinedRoom("no-commands");
  room.enter("hats", "hats@example.org");
  assert.is(status().lastError, undefined, "alone in the room there is nobody to see");
  room.enter("bob", undefined);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(60_000);
  assert.equal(room.payloads, []);
  assert.match(String(status().lastError), /sees no real JIDs/);
});

own("a payload that could not be sent is sent again", async () => {
  const { kept, room, clock, status } = await joinedRoom("no-commands");
  const send = room.setOwnPayload.bind(room);
  room.setOwnPayload = async () => {
    throw new StreamDownError();
  };
  room.enter("bob", BOB, { occupantId: "o1" });
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(0);
  assert.equal(status(), {
    dialect: "own-presence",
    pending: 1,
    lastError: "the bot was not connected, or not in the room",
  });
  room.setOwnPayload = send;
  await clock.advance(2_000);
  assert.equal(room.payloads, [BOB_AS_TEACHER]);
  assert.equal(status(), { dialect: "own-presence", pending: 0, lastError: undefined });
});

own(
  "what could not be sent is never shown once it is not wanted any more, and nothing is wrong then",
  async () => {
    const { kept, room, clock, status } = await joinedRoom("no-commands");
    room.enter("bob", BOB, { occupantId: "o1" });
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await clock.advance(2_000);
    const send = room.setOwnPayload.bind(room);
    room.setOwnPayload = async () => {
      throw new StreamDownError();
    };
    kept.dress(BOB, {});
    await clock.advance(0);
    room.setOwnPayload = send;
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await clock.advance(60_000);
    assert.equal(room.payloads, [BOB_AS_TEACHER, BOB_AS_TEACHER]);
    assert.equal(status(), { dialect: "own-presence", pending: 0, lastError: undefined });
  },
);

own("after a re-join the payload is sent anew", async () => {
  const { kept, room, clock } = await joinedRoom("no-commands");
  room.enter("bob", BOB, { occupantId: "o1" });
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(0);
  room.leave();
  room.join();
  await clock.advance(0);
  assert.equal(room.payloads, [BOB_AS_TEACHER, BOB_AS_TEACHER]);
});

own("a desk's hats on the bot's own presence are no base: the room holds nothing of ours", async () => {
  const { kept, room, clock } = await joinedRoom("no-commands");
  room.enter("bob", BOB);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(2_000);
  assert.is(kept.recorded, 0);
});

own.run();

const dialect = suite("the dialect of a room");

const KINDS = [
  ["hat", "xep-0317"],
  ["xep-0317-0.2", "xep-0317-0.2"],
  ["prosody-hats", "prosody-hats"],
  ["no-commands", "own-presence"],
] as const;

for (const [kind, expected] of KINDS) {
  dialect(`a room with ${kind} gets ${expected}`, async () => {
    assert.is((await joinedRoom(kind)).status().dialect, expected);
  });
}

dialect("a room that says by an error that it shows no commands gets own presence", async () => {
  const { room, status } = dressedRoom("hat");
  room.mishap = () => new StanzaError("cancel", "item-not-found");
  room.join();
  await settle();
  assert.is(status().dialect, "own-presence");
});

dialect("a server that cannot say is asked again", async () => {
  const { room, clock, status } = dressedRoom("hat");
  room.mishap = () => new StanzaError("wait", "remote-server-timeout");
  room.join();
  await settle();
  assert.is(status().dialect, undefined);
  room.mishap = () => undefined;
  await clock.advance(1_000);
  assert.is(status().dialect, "xep-0317");
});

dialect("a room that shows only some of the commands does not count as one that has them", async () => {
  const { room, status } = dressedRoom("prosody-hats");
  const request = room.request.bind(room);
  room.request = async (type, payload) => {
    const answer = await request(type, payload);
    const query = answer.getChild("query");
    query?.children.splice(Object.keys(PROSODY_HAT_NODES).length - 1);
    return answer;
  };
  room.join();
  await settle();
  assert.is(status().dialect, "own-presence");
});

dialect("configured as own, a room with commands gets own presence and is not asked", async () => {
  const { room, status } = await joinedRoom("hat", "own");
  assert.is(status().dialect, "own-presence");
  assert.equal(room.asked, []);
});

dialect("configured as off, a room is neither asked nor told", async () => {
  const { kept, room, clock, status, told } = await joinedRoom("hat", "off");
  room.enter("bob", BOB);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  room.emit("configuration");
  await clock.advance(60_000);
  assert.equal(await told(), []);
  assert.equal(room.asked, []);
  assert.equal(room.payloads, []);
  assert.equal(status(), { dialect: "off", pending: 0, lastError: undefined });
});

dialect.run();
