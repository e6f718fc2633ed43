import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { registerAndConnect, startServer, type TestServer } from "../../src/testing/index.ts";
import { Requests } from "../../src/xmpp/requests.ts";
import { UnsendableError } from "../../src/xmpp/stream/stream.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { next } from "../support/connected.ts";
import { within } from "../support/deadline.ts";
import { buildRawClient, cutRawClient, type RawClient } from "../support/raw-client.ts";
import { endServerBots, onlineServerBot, type ServerBot, startServerBot } from "../support/server-bot.ts";
import { eachServer } from "../support/servers.ts";

const IQS = 5_000;
const IN_FLIGHT = 64;
const ping = (): Element => xml("ping", { xmlns: "urn:xmpp:ping" });

eachServer((kind) => {
  const test = suite(`connection on ${kind}`);
  let server: TestServer;
  const tidyUps: (() => Promise<void> | void)[] = [];

  test.before(async () => {
    server = await startServer({ kind });
    await server.register("bot", "bot");
  });
  test.after.each(async () => {
    for (const tidyUp of tidyUps.splice(0)) await tidyUp();
    await endServerBots();
  });
  test.after(() => server.stop());

  test("a session of 5,000 IQs stays alive and is taken up again after a lost connection", async () => {
    const { bot, wire, events } = await onlineServerBot(server);
    const requests = new Requests(bot, { timeoutMs: 30_000 });
    await repeat(() => requests.request(server.domain, "get", ping()));
    assert.equal(events, ["online"]);
    let later = 0;
    bot.on("stanza", () => (later += 1));
    const resumed = next(bot, "resumed");
    wire.cut();
    await resumed;
    await requests.request(server.domain, "get", ping());
    assert.equal(events, ["online", "offline", "resumed"]);
    assert.is(later, 1, "nothing that was taken came again");
  });

  test("@xmpp/client alone, after 5,000 IQs, is refused or gets answers that it had taken again", async () => {
    const raw = await startRaw();
    const sm = (raw as unknown as { streamManagement: { inbound: number } }).streamManagement;
    const request = (): Element => xml("iq", { type: "get", to: server.domain }, ping());
    await within(
      repeat(() => raw.iqCaller.request(request())),
      "5,000 answers",
      30_000,
    );
    assert.ok(sm.inbound < IQS / 2, `${sm.inbound} of ${IQS} were counted`);
    const gone = new Promise((resolve) => raw.once("disconnect", resolve));
    cutRawClient(raw);
    await within(gone, "disconnect");
    const outcome = new Promise<string>((resolve) => {
      raw.once("disconnect", () => resolve("refused"));
      raw.on("stanza", () => resolve("again"));
    });
    raw.reconnect.reconnect().catch(() => undefined);
    assert.is(await within(outcome, "refused or again"), kind === "prosody-0.12" ? "refused" : "again");
  });

  test("a session that was lost goes on: nobody sees the bot leave or enter a room again", async () => {
    const { bot, wire } = await onlineServerBot(server);
    const alice = await person("alice");
    const room = server.room("team");
    await alice.createRoom(room, "alice");
    await bot.send(xml("presence"));
    bot.on("online", () => enter(bot, room));
    await enter(bot, room);
    await alice.next((stanza) => isPresenceOf(stanza, `${room}/hats`));
    alice.forget();
    const resumed = next(bot, "resumed");
    wire.cut();
    await resumed;
    await bot.send(xml("message", { to: room, type: "groupchat" }, xml("body", {}, "still here")));
    await alice.next((stanza) => stanza.getChildText("body") === "still here");
    const seen = alice.received.filter((stanza) => isPresenceOf(stanza, `${room}/hats`));
    assert.is(seen.length, 1);
  });

  test("what was on its way when the connection was lost arrives, once, in both directions", async () => {
    const { bot, wire } = await onlineServerBot(server);
    const alice = await person("bella");
    await bot.send(xml("presence"));
    const requests = new Requests(bot, { timeoutMs: 30_000 });
    const bodies: string[] = [];
    bot.on("stanza", (stanza) => stanza.name === "message" && bodies.push(stanza.getChildText("body") ?? ""));
    wire.holdServer();
    const answer = requests.request(server.domain, "get", ping());
    for (const id of ["1", "2", "3"])
      await bot.send(xml("message", { to: alice.jid, type: "chat" }, xml("body", {}, `to alice ${id}`)));
    await alice.next((stanza) => stanza.getChildText("body") === "to alice 3");
    const to = bot.address;
    for (const id of ["1", "2", "3"])
      await alice.send(xml("message", { to, type: "chat" }, xml("body", {}, `to bot ${id}`)));
    const resumed = next(bot, "resumed");
    wire.cut();
    await resumed;
    assert.is((await answer).attrs.type, "result");
    await alice.send(xml("message", { to, type: "chat" }, xml("body", {}, "last")));
    while (!bodies.includes("last")) await next(bot, "stanza");
    assert.equal(bodies, ["to bot 1", "to bot 2", "to bot 3", "last"]);
    await bot.send(xml("message", { to: alice.jid, type: "chat" }, xml("body", {}, "last")));
    await alice.next((stanza) => stanza.getChildText("body") === "last");
    const arrived = alice.received.map((stanza) => stanza.getChildText("body")).filter(Boolean);
    assert.equal(arrived, ["to alice 1", "to alice 2", "to alice 3", "last"]);
  });

  test("after a restart of the server the bot is online anew, and enters its rooms again", async () => {
    const { bot, events } = await onlineServerBot(server);
    const room = server.room("restarted");
    bot.on("online", () => enter(bot, room));
    await enter(bot, room);
    await untilPresence(bot, `${room}/hats`);
    const online = next(bot, "online");
    await server.restart();
    await online;
    await untilPresence(bot, `${room}/hats`);
    assert.is(events.filter((event) => event === "online").length, 2);
    assert.not(events.includes("resumed"));
  });

  test("a server that died without a word is come back to", async () => {
    const { bot } = await onlineServerBot(server);
    const offline = next(bot, "offline");
    await server.kill();
    await offline;
    const online = next(bot, "online");
    await server.start();
    await online;
  });

  test("a server that keeps its connections but says nothing is left, and come back to", async () => {
    const { bot } = await onlineServerBot(server, {
      pingIntervalMs: 100,
      pingTimeoutMs: 300,
      phaseTimeouts: { header: 300, connect: 300 },
    });
    const offline = next(bot, "offline");
    server.freeze();
    assert.match((await offline)[0], /answers no more/);
    const back = Promise.race([next(bot, "resumed"), next(bot, "online")]);
    server.thaw();
    await back;
  });

  test("a wrong password is fatal", async () => {
    const { bot, events } = await startServerBot(server, { password: "wrong" });
    assert.is((await next(bot, "fatal"))[0].code, "not-authorized");
    assert.equal(events, ["offline", "fatal not-authorized"]);
  });

  test("another client on the same resource is fatal for the first", async () => {
    const first = await onlineServerBot(server);
    const fatal = next(first.bot, "fatal");
    await onlineServerBot(server);
    assert.is((await fatal)[0].code, "conflict");
  });

  test("a domain that the server does not have is fatal", async () => {
    const { bot } = await startServerBot(server, { jid: "bot@elsewhere.test" });
    assert.ok(["host-unknown", "not-authorized"].includes((await next(bot, "fatal"))[0].code));
  });

  test("off this machine a server without TLS is refused", async () => {
    const { bot } = await startServerBot(server, { isLoopback: () => false });
    assert.is((await next(bot, "fatal"))[0].code, "insecure");
  });

  test("a stanza of a thousand levels from anybody costs nothing but its depths", async () => {
    const { bot, events } = await onlineServerBot(server);
    const alice = await person("carol");
    const deep = "<a>".repeat(1_000) + "</a>".repeat(1_000);
    const stanza = next(bot, "stanza");
    await (alice as unknown as { send(stanza: { toString(): string }): Promise<void> }).send(
      Object.assign(xml("message", { to: bot.address }), {
        toString: () => `<message to='${bot.address}'><body>deep</body>${deep}</message>`,
      }),
    );
    assert.is((await stanza)[0].getChildText("body"), "deep");
    assert.equal(events, ["online"]);
  });

  test("what XML forbids never reaches the server, whose stream lives on", async () => {
    const { bot, events } = await onlineServerBot(server);
    await assertRejects(
      bot.send(xml("message", { to: bot.address }, xml("body", {}, "\u0008"))),
      UnsendableError,
    );
    const stanza = next(bot, "stanza");
    await bot.send(xml("message", { to: bot.address, type: "chat" }, xml("body", {}, "fine")));
    assert.is((await stanza)[0].getChildText("body"), "fine");
    assert.equal(events, ["online"]);
  });

  test("ten bots that all send the moment they are online all stay", async () => {
    const bots: ServerBot[] = [];
    for (let i = 0; i < 10; i++) {
      const started = await startServerBot(server, { resource: `r${i}` });
      started.bot.on("online", (address) =>
        started.bot.send(xml("message", { to: address, type: "chat" }, xml("body", {}, "me"))),
      );
      bots.push(started);
    }
    await Promise.all(bots.map(({ bot }) => within(next(bot, "stanza"), "its own message", 20_000)));
    const requests = bots.map(({ bot }) => new Requests(bot, { timeoutMs: 10_000 }));
    await Promise.all(requests.map((each) => each.request(server.domain, "get", ping())));
    const resumed = bots.map(({ bot }) => next(bot, "resumed"));
    for (const { wire } of bots) wire.cut();
    await Promise.all(resumed);
    for (const { events } of bots) assert.equal(events, ["online", "offline", "resumed"]);
  });

  test("a bot that stops is seen to go, and leaves no session behind", async () => {
    const { bot } = await onlineServerBot(server);
    const alice = await person("dora");
    const room = server.room("left");
    await alice.createRoom(room, "alice");
    await enter(bot, room);
    await alice.next((stanza) => isPresenceOf(stanza, `${room}/hats`));
    await bot.stop();
    const gone = await alice.next((stanza) => isPresenceOf(stanza, `${room}/hats`));
    assert.is(gone.attrs.type, "unavailable");
  });

  test.run();

  async function person(user: string): Promise<Awaited<ReturnType<typeof registerAndConnect>>> {
    const client = await registerAndConnect({ server, user });
    tidyUps.push(() => client.close());
    return client;
  }

  async function startRaw(): Promise<RawClient> {
    await server.register("raw", "secret");
    const raw = buildRawClient(server.service, server.domain, "raw");
    tidyUps.push(() => cutRawClient(raw));
    await within(raw.start(), "online");
    // It would otherwise send before stream management is on, another fault of its own.
    const { streamManagement } = raw as unknown as { streamManagement: { enabled: boolean } };
    while (!streamManagement.enabled) await new Promise((resolve) => setImmediate(resolve));
    return raw;
  }
});

async function repeat(ask: () => Promise<unknown>): Promise<void> {
  let left = IQS;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

function enter(bot: ServerBot["bot"], room: string): Promise<void> {
  return bot.send(
    xml("presence", { to: `${room}/hats` }, xml("x", { xmlns: "http://jabber.org/protocol/muc" })),
  );
}

function isPresenceOf(stanza: Element, occupant: string): boolean {
  return stanza.name === "presence" && stanza.attrs.from === occupant;
}

async function untilPresence(bot: ServerBot["bot"], occupant: string): Promise<void> {
  const presence = new Promise<void>((resolve) =>
    bot.on("stanza", (stanza) => isPresenceOf(stanza, occupant) && resolve()),
  );
  await within(presence, `presence of ${occupant}`);
}
