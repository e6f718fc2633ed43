/** Who may see the bot's presence, and when that ends. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import type { Affiliation } from "../../src/core/model.ts";
import { NS_ROSTER } from "../../src/stanza/namespaces.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, elements, xml } from "../../src/stanza/xml.ts";
import { answerIqs } from "../../src/xmpp/answers/iq-responder.ts";
import type { RoomsEvents } from "../../src/xmpp/muc/room-status.ts";
import { Subscriptions } from "../../src/xmpp/answers/subscriptions.ts";
import { RequestTimeout } from "../../src/xmpp/requests.ts";
import { StreamDownError } from "../../src/xmpp/stream/stream.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { FakeRooms } from "../support/rooms.ts";
import { Wire } from "../support/wire.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const OTHER = "other@rooms.example.org" as RoomJid;
const BOB = "bob@example.org" as BareJid;

const test = suite("subscriptions");

type Listeners = { [Name in keyof RoomsEvents]?: (...values: RoomsEvents[Name]) => void };

/** A bot whose roster holds these followers. */
async function begin(followers: readonly string[] = [], rosterError?: Error) {
  const wire = new Wire("hats@example.org/milliner");
  const clock = new ManualClock();
  const rooms = new FakeRooms();
  const team = rooms.add(TEAM, { [BOB]: "member", "mallory@example.org": "outcast" });
  const listeners: Listeners = {};
  const items = followers.map((jid) => xml("item", { jid, subscription: "from" }));
  let asked = () => undefined as void;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const request = async (to: string): Promise<Element> => {
    assert.is(to, "hats@example.org");
    setImmediate(asked);
    if (rosterError !== undefined) throw rosterError;
    return xml("iq", {}, xml("query", { xmlns: NS_ROSTER }, items));
  };
  const subscriptions = new Subscriptions({
    stream: wire,
    requests: { request },
    admins: new Set(["ops@example.org" as BareJid]),
    log: silentLog,
    clock,
    rooms: {
      rooms: () => rooms.rooms(),
      isRoomService: (domain) => rooms.rooms().some((room) => room.endsWith(`@${domain}`)),
      askerAffiliation: (room, user) => rooms.askerAffiliation(room, user),
      lastKnownAffiliation: (room, user) => rooms.lastKnownAffiliation(room, user),
      requester: () => undefined,
      on: (name, listener) => Object.assign(listeners, { [name]: listener }),
    },
  });
  answerIqs(wire, [subscriptions.route], silentLog);
  wire.comeOnline();
  await isAsked;
  return {
    subscriptions,
    wire,
    rooms,
    team,
    subscribe: async (from: string) => {
      const { type, to } = (await wire.exchange(xml("presence", { type: "subscribe", from }))).attrs;
      return `${type} ${to}`;
    },
    change: (user: BareJid, affiliation: Affiliation, room = TEAM) =>
      listeners.affiliation?.({ room, user, affiliation, before: "member", learnt: "said" }),
    /* Every room has read its lists, and what is due then is done. */
    listed: () => {
      for (const room of rooms.rooms()) listeners.listed?.(room, true);
      const reviews = clock.waiting;
      clock.advance(10_000);
      return reviews;
    },
    sent: () => wire.sent.map(({ name, attrs }) => `${name} ${attrs["type"]} ${attrs["to"]}`),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("config admins and affiliated people may see the bot; it never asks back", async () => {
  const { subscribe, sent } = await begin();
  assert.is(await subscribe("ops@example.org"), "subscribed ops@example.org");
  assert.is(await subscribe("Bob@Example.org/phone"), "subscribed bob@example.org");
  await settled();
  assert.is(sent().length, 2);
});

test("strangers and outcasts are refused", async () => {
  const { subscribe } = await begin();
  assert.is(await subscribe("eve@example.org"), "unsubscribed eve@example.org");
  assert.is(await subscribe("mallory@example.org"), "unsubscribed mallory@example.org");
});

test("rooms, occupants and servers are refused, whoever is behind them", async () => {
  const { subscribe } = await begin();
  for (const from of [TEAM, `${TEAM}/bob`, `${OTHER}/bob`, OTHER, "example.org", "rooms.example.org"]) {
    assert.is(await subscribe(from), `unsubscribed ${from}`);
  }
});

test("a decision while the stream is interrupted is told when the session goes on", async () => {
  const { wire, sent } = await begin();
  wire.interrupt();
  wire.receive(xml("presence", { type: "subscribe", from: "ops@example.org" }));
  await settled();
  wire.resume();
  await settled();
  assert.equal(sent(), ["presence subscribed ops@example.org"]);
});

test("while a room cannot say, the question stays open", async () => {
  const { wire, team, subscribe, sent } = await begin();
  team.isReady = false;
  wire.receive(xml("presence", { type: "subscribe", from: BOB }));
  assert.is(await subscribe("ops@example.org"), "subscribed ops@example.org");
  assert.equal(sent(), ["presence subscribed ops@example.org"]);
});

test("one room that knows somebody is enough, whatever another cannot say", async () => {
  const { rooms, subscribe } = await begin();
  rooms.add(OTHER).isReady = false;
  assert.is(await subscribe(BOB), `subscribed ${BOB}`);
});

test("whoever follows since right behind the roster is a follower", async () => {
  const { wire, team, change, sent } = await begin();
  wire.comeOnline();
  const item = xml("item", { jid: BOB, subscription: "from" });
  await wire.exchange(xml("iq", { type: "set", id: "p" }, xml("query", { xmlns: NS_ROSTER }, item)));
  await settled();
  team.affiliations.delete(BOB);
  change(BOB, "none");
  await settled();
  assert.equal(sent().slice(1), [`presence unsubscribed ${BOB}`]);
});

test("the leave is withdrawn when the last affiliation ends", async () => {
  const { wire, rooms, team, change, sent } = await begin([BOB]);
  const other = rooms.add(OTHER, { [BOB]: "member" });
  team.affiliations.delete(BOB);
  change(BOB, "none");
  await settled();
  assert.equal(sent(), []);
  other.affiliations.delete(BOB);
  change(BOB, "none", OTHER);
  await wire.until(() => sent().length > 0, "the withdrawal");
  assert.equal(sent(), [`presence unsubscribed ${BOB}`]);
});

test("a leave whose ground went before it was given is withdrawn", async () => {
  const { wire, team, change, sent } = await begin();
  wire.interrupt();
  wire.receive(xml("presence", { type: "subscribe", from: BOB }));
  await settled();
  team.affiliations.delete(BOB);
  change(BOB, "none");
  wire.resume();
  await wire.until(() => sent().length > 0, "the leave");
  const item = xml("item", { jid: BOB, subscription: "from" });
  wire.receive(xml("iq", { type: "set", id: "p" }, xml("query", { xmlns: NS_ROSTER }, item)));
  await wire.until(() => sent().length > 2, "the withdrawal");
  assert.equal(sent().toSorted(), [
    "iq result undefined",
    `presence subscribed ${BOB}`,
    `presence unsubscribed ${BOB}`,
  ]);
});

test("who never followed is not told anything", async () => {
  const { team, change, sent } = await begin();
  team.affiliations.delete(BOB);
  change(BOB, "none");
  await settled();
  assert.equal(sent(), []);
});

test("what ended while the bot was away is withdrawn when lists are read again", async () => {
  const { wire, team, listed, sent } = await begin([BOB, "ops@example.org"]);
  team.affiliations.delete(BOB);
  listed();
  await wire.until(() => sent().length > 0, "the withdrawal");
  assert.equal(sent(), [`presence unsubscribed ${BOB}`]);
});

test("a room that cannot say is no proof that somebody's ground is gone", async () => {
  const { team, listed, sent } = await begin([BOB]);
  team.affiliations.delete(BOB);
  team.isReadable = false;
  listed();
  await settled();
  assert.equal(sent(), []);
});

test("all followers are looked at once for all lists that are read, and no room is asked", async () => {
  const { rooms, team, listed, sent } = await begin([BOB]);
  const others = Array.from({ length: 50 }, (_, at) => rooms.add(`other${at}@rooms.example.org`));
  assert.is(listed(), 1);
  await settled();
  assert.equal(
    [...others, team].map(({ questions }) => questions),
    Array(51).fill(0),
  );
  assert.equal(sent(), []);
});

test("after the end nobody is looked at, and nothing waits", async () => {
  const { subscriptions, listed } = await begin([BOB]);
  subscriptions.close();
  assert.is(listed(), 0);
});

test("a roster that no answer brought is no failure, and waits for the next session", async () => {
  for (const error of [new StreamDownError("stopped"), new RequestTimeout("hats@example.org", 30_000)]) {
    const { wire, sent } = await begin([BOB], error);
    await wire.until(() => true, "anything that the listeners throw");
    assert.equal(sent(), []);
  }
});

test("a roster that the server refuses to tell is a failure", async () => {
  const { wire } = await begin([], new StanzaError("cancel", "service-unavailable"));
  const failed = await assertRejects(
    wire.until(() => false, "the failure"),
    StanzaError,
  );
  assert.is(failed.condition, "service-unavailable");
});

test("roster pushes count from the bot's own account only", async () => {
  const { wire, team, change, sent } = await begin();
  const push = (from?: string) =>
    xml(
      "iq",
      { type: "set", id: "p", from },
      xml("query", { xmlns: NS_ROSTER }, xml("item", { jid: BOB, subscription: "from" })),
    );
  assert.is((await wire.exchange(push("eve@example.org/x"))).attrs["type"], "error");
  assert.is((await wire.exchange(push("hats@example.org/other"))).attrs["type"], "error");
  team.affiliations.delete(BOB);
  change(BOB, "none");
  await settled();
  assert.is(sent().length, 2);
  team.affiliations.set(BOB, "member");
  const accepted = await wire.exchange(push());
  assert.equal([accepted.attrs["type"], elements(accepted).length], ["result", 0]);
  team.affiliations.delete(BOB);
  change(BOB, "none");
  await wire.until(() => sent().length > 3, "the withdrawal");
  assert.is(sent().at(-1), `presence unsubscribed ${BOB}`);
});

test.run();
