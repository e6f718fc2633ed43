import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { xml } from "../../src/stanza/xml.ts";
import { Requests } from "../../src/xmpp/requests.ts";
import { StreamDownError, UnsendableError } from "../../src/xmpp/stream/stream.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { endScenes, next, stageOnline, stageRaw } from "../support/connected.ts";
import { untilTrue, within } from "../support/deadline.ts";
import type { FakePeer } from "../support/fake-server-peer.ts";
import type { RawClient } from "../support/raw-client.ts";

const NOT_XML: readonly (readonly [what: string, text: string])[] = [
  ["an unknown entity", "<message><body>&foo;</body></message>"],
  ["a forbidden character by its number", "<message><body>&#8;</body></message>"],
  ["an element closed by another's name", "<message><body></message>"],
  ["several faults in one packet", "<message></a></b></c>&foo;</message><message>&#0;</message>"],
  ["a closing tag too many, then more", "</message></message><message/>"],
];
const packetsOf = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
    text.slice(at * length, (at + 1) * length),
  );
const SAILS = "⛵".repeat(5_000);

const input = suite("connection: bad input");
input.after.each(endScenes);

for (const [what, text] of NOT_XML) {
  input(`${what} ends the stream, not the process, and a new session begins`, async () => {
    const { server, peer, bot, clock, events } = await stageOnline();
    const offline = next(bot, "offline");
    peer.send(text);
    const [reason, mayResume] = await offline;
    assert.match(reason, /cannot be read/);
    assert.is(mayResume, false, "the same session would bring the same stanza again");
    const online = next(bot, "online");
    clock.advance(1_000);
    await online;
    assert.not.match((await server.nextPeer()).received, /<resume /);
    assert.is(events.filter((event) => event.startsWith("online")).length, 2);
  });
}

input("the server is told why", async () => {
  const { peer } = await stageOnline();
  peer.send("<message>&foo;</message>");
  await peer.until(/<stream:error><not-well-formed [^>]*\/><\/stream:error><\/stream:stream>/);
});

for (const text of [
  "<message><body>&foo;</body></message>",
  "<message><body>&#8;</body></message>",
  "<message from='a@'/>",
]) {
  input(`@xmpp/client alone throws out of its socket, which ends the process: ${text}`, async () => {
    const { raw } = await stageRaw();
    await within(raw.start(), "online");
    assert.throws(() => raw.socket?.emit("data", Buffer.from(text)));
  });
}

for (const from of ["a@", "@b", "a@b@c", "/", "\u00a0", "a@b/\ufffd"]) {
  input(`an address that is none is handed on as it is: ${JSON.stringify(from)}`, async () => {
    const { peer, bot } = await stageOnline();
    const stanza = next(bot, "stanza");
    peer.send(`<message from='${from}'/>`);
    assert.is((await stanza)[0].attrs.from, from);
    assert.ok(bot.online);
  });
}

for (const attribute of ["", " from=''"]) {
  input(
    `a stanza${attribute || " without from"} is the server's own word: it is handed on without from`,
    async () => {
      const { peer, bot } = await stageOnline();
      const stanza = next(bot, "stanza");
      peer.send(`<message${attribute}/>`);
      assert.is((await stanza)[0].attrs.from, undefined);
    },
  );
}

input("characters that lie across two packets arrive whole", async () => {
  const { peer, bot } = await stageOnline();
  const stanza = next(bot, "stanza");
  await peer.sendInPackets(inSplinters(`<message><body>${SAILS}</body></message>`));
  assert.ok((await stanza)[0].getChildText("body") === SAILS);
});

input("@xmpp/client alone breaks characters that lie across two packets", async () => {
  const { raw, server } = await stageRaw();
  await within(raw.start(), "online");
  const message = new Promise<string | null>((resolve) =>
    raw.on("stanza", (stanza) => stanza.name === "message" && resolve(stanza.getChildText("body"))),
  );
  await (await server.nextPeer()).sendInPackets(inSplinters(`<message><body>${SAILS}</body></message>`));
  assert.match((await within(message, "the message")) ?? "", /\ufffd/);
});

input("what lies deeper than 100 elements is left out, and the rest is handed on", async () => {
  const { peer, bot } = await stageOnline();
  const stanza = next(bot, "stanza");
  peer.send(
    `<presence from='r@s/n'>${nested(20_000)}<x xmlns='http://jabber.org/protocol/muc#user'/></presence>`,
  );
  const [presence] = await stanza;
  assert.ok(presence.getChild("x", "http://jabber.org/protocol/muc#user"));
  assert.is(depthOf(presence.toString()), 100);
  peer.send("<message/>");
  assert.is((await next(bot, "stanza"))[0].name, "message");
});

input("@xmpp/client alone hands on a stanza so deep that it cannot be written any more", async () => {
  const { raw, server } = await stageRaw();
  await within(raw.start(), "online");
  const stanza = nextRaw(raw, "presence");
  (await server.nextPeer()).send(`<presence>${nested(20_000)}</presence>`);
  const presence = await stanza;
  assert.throws(() => presence.toString(), RangeError);
});

for (const packet of [100, 999]) {
  input(
    `a stanza that is too long loses its content, and the stream goes on: packets of ${packet}`,
    async () => {
      const { peer, bot } = await stageOnline({}, { limits: { maxDepth: 100, maxLength: 1_000 } });
      const requests = new Requests(bot, { timeoutMs: 1_000_000 });
      const stanzas: string[] = [];
      bot.on("stanza", (stanza) => void stanzas.push(stanza.name));
      const answer = requests
        .request("room@rooms.test", "get", xml("query", { xmlns: "x" }))
        .catch((reason: unknown) => reason);
      const [, id] = await peer.until(/<iq type="get" to="room@rooms.test" id="([^"]+)"/);
      const list = "<item jid='somebody@example.org'><reason>r</reason></item>".repeat(100);
      const result = `<iq type='result' id='${id}' from='room@rooms.test'><query xmlns='x'>${list}</query></iq>`;
      await peer.sendInPackets(packetsOf(`${result}<message>${list}</message><presence/>`, packet));
      const error = await answer;
      assert.instance(error, StanzaError);
      assert.is((error as StanzaError).condition, "policy-violation");
      await untilTrue(() => stanzas.length === 3, "the stanzas after it");
      assert.equal(stanzas, ["iq", "message", "presence"]);
      assert.ok(bot.online);
    },
  );
}

input("a stanza that does not end is cut at its bound, and costs little time until then", async () => {
  const { peer, bot } = await stageOnline({}, { limits: { maxDepth: 100, maxLength: 1_048_576 } });
  const offline = next(bot, "offline");
  const before = process.cpuUsage();
  await sendLong(peer, 16_777_216);
  assert.match((await offline)[0], /longer than 1048576 characters/);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 3_000_000, `${user / 1000} ms`);
});

input("a ping of white space leaves nothing behind", async () => {
  const { peer, bot } = await stageOnline({}, { limits: { maxDepth: 100, maxLength: 500 } });
  const stanza = next(bot, "stanza");
  await peer.sendInPackets([...Array.from({ length: 1_000 }, () => " "), " \n<message/>"]);
  assert.is((await stanza)[0].parent?.children.length, 0);
});

for (const text of ["\u0000", "\u0008", "\ufffe", "\ud800", "a\udc00b"]) {
  input(`what XML forbids is refused before the socket: ${JSON.stringify(text)}`, async () => {
    const { peer, bot } = await stageOnline();
    await assertRejects(bot.send(xml("message", { id: "bad" }, xml("body", {}, text))), UnsendableError);
    await assertRejects(bot.send(xml("message", { id: "bad", to: text })), UnsendableError);
    await bot.send(xml("message", { id: "good" }));
    await peer.until(/id="good"/);
    assert.not.match(peer.received, /id="bad"/);
  });
}

input("@xmpp/client alone sends what XML forbids", async () => {
  const { raw, server } = await stageRaw();
  await within(raw.start(), "online");
  await raw.send(xml("message", {}, xml("body", {}, "\u0008")));
  const sent = await (await server.nextPeer()).until(/<body>(.)<\/body>/);
  assert.is(sent[1], "\u0008");
});

input("a stanza larger than servers take is refused", async () => {
  const { bot } = await stageOnline();
  await assertRejects(bot.send(xml("message", {}, xml("body", {}, "é".repeat(125_000)))), UnsendableError);
  await bot.send(xml("message", {}, xml("body", {}, "é".repeat(124_000))));
});

input("a listener that throws or rejects is logged, and keeps nothing from the others", async () => {
  const logged: unknown[] = [];
  const ignore = (): void => undefined;
  const log = { info: ignore, warn: ignore, error: (fields: object) => logged.push(fields) };
  const { peer, bot } = await stageOnline({}, { log });
  bot.on("stanza", () => {
    throw new Error("thrown");
  });
  bot.on("stanza", async () => {
    throw new Error("rejected");
  });
  const stanza = next(bot, "stanza");
  peer.send("<message/><message/>");
  await stanza;
  await within(new Promise((resolve) => setImmediate(resolve)), "a turn");
  const texts = logged.map((fields) => (fields as { err: Error }).err.message);
  assert.equal(texts.toSorted(), ["rejected", "rejected", "thrown", "thrown"]);
  assert.ok(bot.online);
});

input("@xmpp/client alone ends the process when a listener throws", async () => {
  const { raw } = await stageRaw();
  await within(raw.start(), "online");
  raw.on("stanza", () => {
    throw new Error("thrown");
  });
  assert.throws(() => raw.socket?.emit("data", Buffer.from("<message/>")), /thrown/);
});

input("a send that the socket could not take is refused as down", async () => {
  const { peer, bot } = await stageOnline({ isManaged: false });
  const offline = next(bot, "offline");
  peer.cut();
  const sent = bot.send(xml("message")).then(
    () => undefined,
    (error: unknown) => error,
  );
  await offline;
  await sent;
  await assertRejects(bot.send(xml("message")), StreamDownError);
});

input.run();

function nested(depth: number): string {
  return "<a>".repeat(depth) + "</a>".repeat(depth);
}

function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (const [tag] of text.matchAll(/<[^>]+>/g)) {
    if (!tag.endsWith("/>")) depth += tag.startsWith("</") ? -1 : 1;
    deepest = Math.max(deepest, depth + (tag.endsWith("/>") ? 1 : 0));
  }
  return deepest;
}

/* Cuts a text so that nearly each packet ends within a character. */
function inSplinters(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const splinters: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1_000) splinters.push(bytes.subarray(at, at + 1_000));
  return splinters;
}

async function sendLong(peer: FakePeer, length: number): Promise<void> {
  const packet = "x".repeat(4_096);
  const packets = Array.from({ length: length / packet.length }, () => packet);
  await peer.sendInPackets([`<message><body>`, ...packets]).catch(() => undefined);
}

function nextRaw(raw: RawClient, name: string): Promise<{ toString(): string }> {
  const stanza = new Promise<{ toString(): string }>((resolve) =>
    raw.on("stanza", (stanza) => stanza.name === name && resolve(stanza)),
  );
  return within(stanza, name);
}
