import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml } from "../../src/stanza/xml.ts";
import { StreamDownError } from "../../src/xmpp/stream/stream.ts";
import { endScenes, next, stage, stageOnline, stageRaw } from "../support/connected.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { within } from "../support/deadline.ts";

const ACK_REQUEST = "<r xmlns='urn:xmpp:sm:3'/>";
const message = (text: string): string =>
  `<message from='alice@milliner.test'><body>${text}</body></message>`;

const session = suite("connection: the session");
session.after.each(endScenes);

/* Cuts the connection, and has the session go on over another one. */
async function resumeAfterCut({ peer, server, bot, clock }: Awaited<ReturnType<typeof stageOnline>>) {
  const offline = next(bot, "offline");
  peer.cut();
  await offline;
  const resumed = next(bot, "resumed");
  clock.advance(1_000);
  await resumed;
  return server.nextPeer();
}

session("the bot is online only after stream management has answered", async () => {
  const { server, bot, events } = await stage({ silentAt: "enable" });
  const peer = await server.nextPeer();
  await peer.until(/<enable /);
  assert.equal(events, []);
  await assertRejects(bot.send(xml("presence")), StreamDownError);
  assert.not.match(peer.received, /<presence/);
  const online = next(bot, "online");
  peer.send("<enabled xmlns='urn:xmpp:sm:3'/>");
  assert.equal(await online, ["bot@milliner.test/milliner"]);
});

session("@xmpp/client alone is online, and may send, before stream management has answered", async () => {
  const { raw } = await stageRaw({ silentAt: "enable" });
  await within(raw.start(), "online");
  const enabled = (raw as unknown as { streamManagement: { enabled: boolean } }).streamManagement.enabled;
  assert.is(enabled, false);
});

session("a stanza that follows the answer of stream management in one packet is counted", async () => {
  const { peer } = await stageOnline({ afterEnabled: message("early") + ACK_REQUEST });
  assert.is((await peer.until(/<a [^>]*h="(\d+)"/))[1], "1");
});

session("@xmpp/client alone forgets to count a stanza that follows in one packet", async () => {
  const { server, raw } = await stageRaw({ afterEnabled: message("early") });
  const early = new Promise((resolve) =>
    raw.on("stanza", (stanza) => stanza.name === "message" && setImmediate(resolve)),
  );
  await within(raw.start(), "online");
  await within(early, "the early stanza");
  const peer = await server.nextPeer();
  await peer.sendInPackets([message("late"), ACK_REQUEST]);
  assert.is((await peer.until(/<a [^>]*h="(\d+)"/))[1], "1", "two were sent");
});

session("a stanza that comes before stream management has answered is delivered after online", async () => {
  const { bot } = await stage({ afterBind: message("very early") });
  const order: string[] = [];
  bot.on("online", () => order.push("online"));
  bot.on("stanza", (stanza) => order.push(stanza.getChildText("body") ?? ""));
  await next(bot, "stanza");
  assert.equal(order, ["online", "very early"]);
});

session("all 5,000 results of requests are counted", async () => {
  const { peer, bot } = await stageOnline();
  let received = 0;
  bot.on("stanza", () => (received += 1));
  peer.send("<iq type='result' id='x'/>".repeat(5_000) + ACK_REQUEST);
  assert.is((await peer.until(/<a [^>]*h="(\d+)"/))[1], "5000");
  assert.is(received, 5_000);
});

session("where stream management is refused, the bot is online without it", async () => {
  const { server, bot } = await stage({ silentAt: "enable" });
  const peer = await server.nextPeer();
  await peer.until(/<enable /);
  const online = next(bot, "online");
  peer.send("<failed xmlns='urn:xmpp:sm:3'/>");
  await online;
  await bot.send(xml("presence"));
  await peer.until(/<presence\/>/);
});

session("without stream management the bot is online after binding", async () => {
  const { peer, bot, events } = await stageOnline({ isManaged: false });
  assert.not.match(peer.received, /<enable/);
  await bot.send(xml("presence"));
  await peer.until(/<presence\/>/);
  peer.cut();
  await next(bot, "offline");
  assert.match(events.at(-1) ?? "", /^offline for good/);
});

session(
  "after a lost connection the session goes on, and what was not taken is sent again once",
  async () => {
    const { peer, server, bot, clock, events } = await stageOnline();
    await bot.send(xml("message", { id: "taken" }));
    await bot.send(xml("message", { id: "lost" }));
    await peer.until(/id="lost"/);
    server.behaviour.resumedAt = 1;
    const offline = next(bot, "offline");
    peer.cut();
    await offline;
    assert.is(bot.online, false);
    const resumed = next(bot, "resumed");
    clock.advance(1_000);
    const second = await server.nextPeer();
    await resumed;
    await second.until(/id="lost"/);
    assert.not.match(second.received, /id="taken"|<bind/);
    assert.equal(events, [
      "online bot@milliner.test/milliner",
      "offline for now: the connection was lost",
      "resumed",
    ]);
  },
);

session("what was not taken and may not wait is not sent again, and does not count", async () => {
  const scene = await stageOnline();
  const { peer, server, bot } = scene;
  let asked = 0;
  const never = (): boolean => {
    asked += 1;
    return false;
  };
  await bot.send(xml("message", { id: "taken" }), never);
  await bot.send(xml("message", { id: "passing" }), never);
  await bot.send(xml("message", { id: "waiting" }));
  await peer.until(/id="waiting"/);
  assert.is(asked, 0);
  server.behaviour.resumedAt = 1;
  const second = await resumeAfterCut(scene);
  await bot.send(xml("message", { id: "after" }));
  await second.until(/id="waiting".*id="after"/s);
  assert.not.match(second.received, /id="passing"/);
  second.send("<a xmlns='urn:xmpp:sm:3' h='3'/>" + message("still there"));
  await next(bot, "stanza");
  assert.ok(bot.online);
});

session("after a resumption nothing says online, so no room is joined twice", async () => {
  const scene = await stageOnline({ resumedAt: 1 });
  const { peer, bot } = scene;
  bot.on("online", () => void bot.send(xml("presence", { to: "room@rooms.milliner.test/bot" })));
  await bot.send(xml("presence", { to: "room@rooms.milliner.test/bot" }));
  await peer.until(/<presence /);
  const second = await resumeAfterCut(scene);
  await bot.send(xml("message", { id: "after" }));
  await second.until(/id="after"/);
  assert.not.match(second.received, /<presence/);
});

session("a session that the server forgot is a new one: online again", async () => {
  const { peer, server, bot, clock, events } = await stageOnline();
  await bot.send(xml("message", { id: "old" }));
  const offline = next(bot, "offline");
  peer.cut();
  await offline;
  const online = next(bot, "online");
  clock.advance(1_000);
  const second = await server.nextPeer();
  await online;
  await bot.send(xml("message", { id: "new" }));
  await second.until(/id="new"/);
  assert.match(second.received, /<resume .*<bind/s);
  assert.not.match(
    second.received,
    /id="old"/,
    "what belonged to the old session is not sent into the new one",
  );
  assert.is(events.filter((event) => event.startsWith("online")).length, 2);
});

session("a server that acknowledges more than was sent is left", async () => {
  const { peer, bot } = await stageOnline();
  const offline = next(bot, "offline");
  peer.send("<a xmlns='urn:xmpp:sm:3' h='7'/>");
  assert.match((await offline)[0], /acknowledged more than was sent/);
});

session("a session that a server takes up by an impossible count is given up for a new one", async () => {
  const { peer, server, bot, clock, events } = await stageOnline();
  server.behaviour.resumedAt = 7;
  const lost = next(bot, "offline");
  peer.cut();
  await lost;
  const left = next(bot, "offline");
  clock.advance(1_000);
  assert.match((await left)[0], /acknowledged more than was sent/);
  assert.is(bot.online, false);
  const online = next(bot, "online");
  clock.advance(2_000);
  await online;
  assert.not.match(server.peers.at(-1)?.received ?? "<resume ", /<resume /);
  assert.equal(
    events.filter((event) => event === "resumed"),
    [],
  );
});

session("acknowledgements are asked for, so that what waits for one does not grow forever", async () => {
  const { peer, bot } = await stageOnline();
  for (let i = 0; i < 50; i++) await bot.send(xml("message", { id: i }));
  await peer.until(/id="49"\/><r /);
});

session(
  "a server that asks after each of several stanzas is told once of all that came together",
  async () => {
    const { peer } = await stageOnline();
    const ask = "<r xmlns='urn:xmpp:sm:3'/>";
    peer.send(`<message/>${ask}<message/>${ask}<presence/>${ask}`);
    await peer.until(/<a [^>]*h="3"\/>/);
    peer.send(ask);
    await peer.until(/<a [^>]*h="3"\/>/);
    assert.is(peer.received.match(/<a /g)?.length, 2);
  },
);

session("sending while offline is refused, and is not sent later", async () => {
  const { peer, server, bot, clock } = await stageOnline();
  const offline = next(bot, "offline");
  peer.cut();
  await offline;
  await assertRejects(bot.send(xml("message", { id: "offline" })), StreamDownError);
  const online = next(bot, "online");
  clock.advance(1_000);
  await online;
  await bot.send(xml("message", { id: "online" }));
  const second = await server.nextPeer();
  await second.until(/id="online"/);
  assert.not.match(second.received, /id="offline"/);
});

session("@xmpp/client alone answers a send while offline with a bug of its own", async () => {
  const { raw, server } = await stageRaw();
  await within(raw.start(), "online");
  const gone = new Promise((resolve) => raw.once("disconnect", resolve));
  (await server.nextPeer()).cut();
  await within(gone, "disconnect");
  await assertRejects(raw.send(xml("message")), TypeError);
});

session.run();
