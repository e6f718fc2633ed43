import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ConnectionOptions } from "../../src/xmpp/stream/connection.ts";
import { makeTestCertificates } from "../support/certificates.ts";
import { endScenes, next, type Scene, stage, stageOnline, stageRaw } from "../support/connected.ts";
import { within } from "../support/deadline.ts";
import type { FakeBehaviour, FakePhase } from "../support/fake-server.ts";

const HOUR_MS = 3_600_000;
const STALL_MS = 12_345;

const { key, cert } = await makeTestCertificates("milliner.test");
const BEHAVIOURS: readonly (readonly [phase: FakePhase, behaviour: FakeBehaviour])[] = [
  ["tls", { tls: { mode: "direct", key, cert } }],
  ["header", {}],
  ["features", {}],
  ["starttls", { tls: { mode: "starttls", key, cert } }],
  ["auth", {}],
  ["resume", { resumedAt: 0 }],
  ["bind", {}],
  ["enable", {}],
];

const stalls = suite("connection: stalls");
stalls.after.each(endScenes);

for (const [phase, behaviour] of BEHAVIOURS) {
  stalls(`a server that falls silent (${phase}) is left in time, and tried again`, async () => {
    const { clock, bot, server, events } = await stageSilent(phase, behaviour, STALL_MS);
    const offline = next(bot, "offline");
    clock.advance(STALL_MS);
    assert.match((await offline)[0], `kept silent (${phase})`);
    server.behaviour.silentAt = undefined;
    const back = Promise.race([next(bot, "online"), next(bot, "resumed")]);
    clock.advance(2_000);
    await back;
    assert.is(events.at(-1), phase === "resume" ? "resumed" : "online bot@milliner.test/milliner");
  });

  stalls(
    `without the watchdog, a server that falls silent (${phase}) is waited for without end`,
    async () => {
      const { clock, events, server } = await stageSilent(phase, behaviour, Number.POSITIVE_INFINITY);
      const [before, connections] = [events.length, server.peers.length];
      clock.advance(HOUR_MS);
      assert.is(events.length, before);
      assert.is(server.peers.length, connections);
    },
  );
}

stalls("an address that does not answer is left in time, and tried again", async () => {
  const { clock, bot } = await stage({}, { phaseTimeouts: { connect: STALL_MS } });
  // No packet can have come in yet: the connection is still on its way.
  const offline = next(bot, "offline");
  clock.advance(STALL_MS);
  assert.match((await offline)[0], "kept silent (connect)");
  const online = next(bot, "online");
  clock.advance(1_000);
  await online;
});

stalls("the bounds stand without being asked for: 10 s a phase", async () => {
  const { clock, bot, server } = await stage({ silentAt: "header" });
  await clock.untilAsked(10_000);
  const offline = next(bot, "offline");
  await (await server.nextPeer()).until(/<stream:stream /);
  clock.advance(10_000);
  await offline;
});

stalls("the waits between attempts grow, and a session of a minute starts them over", async () => {
  const { clock, bot, server } = await stage({}, { pingIntervalMs: Number.POSITIVE_INFINITY });
  for (const waitMs of [1_000, 2_000, 4_000]) {
    const online = next(bot, "online");
    const peer = await server.nextPeer();
    await online;
    clock.advance(59_999);
    const waits = clock.untilAsked(waitMs);
    peer.cut();
    await waits;
    clock.advance(waitMs);
  }
  const online = next(bot, "online");
  const peer = await server.nextPeer();
  await online;
  clock.advance(60_000);
  const waits = clock.untilAsked(1_000);
  peer.cut();
  await waits;
});

stalls("a connection that is open but dead is found by a ping, and given up", async () => {
  const { clock, bot, peer } = await stageOnline();
  clock.advance(25_000);
  await peer.until(/<iq [^>]*to="milliner.test"[^>]*><ping xmlns="urn:xmpp:ping"\/>/);
  const offline = next(bot, "offline");
  clock.advance(25_000);
  assert.match((await offline)[0], "answers no more");
});

stalls("a stanza that takes longer to come than the server may keep silent is waited for", async () => {
  /* Asked each time that something came in. */
  let heard = (): void => undefined;
  const isBusy = (): boolean => {
    heard();
    return false;
  };
  const { bot, clock, events, peer } = await stageOnline({}, { isBusy });
  clock.advance(24_999);
  for (const piece of ["<message><body>a long", " list that", " comes slowly"]) {
    clock.advance(1);
    assert.ok(bot.online);
    await peer.until(/<ping /);
    clock.advance(24_999);
    const came = new Promise<void>((resolve) => (heard = resolve));
    peer.send(piece);
    await within(came, "a piece of the stanza");
  }
  const stanza = next(bot, "stanza");
  peer.send("</body></message>");
  assert.is((await stanza)[0].getChildText("body"), "a long list that comes slowly");
  assert.is(events.length, 1);
});

stalls("without the ping, a connection that is open but dead is never found", async () => {
  const { clock, bot, events } = await stageOnline({}, { pingIntervalMs: Number.POSITIVE_INFINITY });
  clock.advance(24 * HOUR_MS);
  assert.ok(bot.online);
  assert.is(events.length, 1);
});

stalls("an error is as good an answer to a ping as a result, and neither is handed on", async () => {
  const { clock, bot, peer } = await stageOnline();
  const stanzas: string[] = [];
  bot.on("stanza", (stanza) => stanzas.push(stanza.name));
  clock.advance(25_000);
  const id = (await peer.until(/<iq [^>]*id="([^"]*)"[^>]*><ping /))[1];
  const heard = next(bot, "stanza");
  peer.send(`<iq type='error' id='${id}'/><message/>`);
  await heard;
  clock.advance(25_000);
  assert.ok(bot.online);
  assert.equal(stanzas, ["message"]);
});

stalls("@xmpp/client alone leaves a server without a word where it is: no error, no retry", async () => {
  const { raw, server } = await stageRaw({ silentAt: "bind" });
  raw.start().catch(() => undefined);
  await (await server.nextPeer()).until(/<bind /);
  await within(new Promise((resolve) => setImmediate(resolve)), "a turn");
  assert.is(raw.status, "open");
  assert.equal(raw.errors, []);
});

stalls.run();

/* The bot, waiting in a phase for a server that keeps silent. */
async function stageSilent(phase: FakePhase, behaviour: FakeBehaviour, timeoutMs: number): Promise<Scene> {
  const options: Partial<ConnectionOptions> = { phaseTimeouts: { [phase]: timeoutMs } };
  if (phase !== "resume") {
    const scene = await stage({ ...behaviour, silentAt: phase }, options);
    await scene.clock.untilAsked(timeoutMs);
    return scene;
  }
  const scene = await stageOnline(behaviour, options);
  const offline = next(scene.bot, "offline");
  scene.server.behaviour.silentAt = phase;
  scene.peer.cut();
  await offline;
  const waits = scene.clock.untilAsked(timeoutMs);
  scene.clock.advance(1_000);
  await waits;
  return scene;
}
