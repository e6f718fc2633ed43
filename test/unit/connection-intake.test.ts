import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GATHER_MS, Intake } from "../../src/xmpp/stream/intake.ts";
import { makeTestCertificates } from "../support/certificates.ts";
import { endScenes, next, stageOnline } from "../support/connected.ts";
import type { FakePeer } from "../support/fake-server-peer.ts";
import { ManualClock } from "../support/manual-clock.ts";

const intake = suite("connection: what comes in while much is under way");
intake.after.each(endScenes);

function stageIntake() {
  const clock = new ManualClock();
  const scene = { clock, isBusy: true, handedOn: [] as string[] };
  const taking = new Intake(
    clock,
    () => scene.isBusy,
    (text) => scene.handedOn.push(text),
  );
  return { scene, taking };
}

intake("while little is under way, each packet is handed on at once", () => {
  const { scene, taking } = stageIntake();
  scene.isBusy = false;
  for (const packet of ["a", "b", "c"]) taking.take(packet);
  assert.equal(scene.handedOn, ["a", "b", "c"]);
});

intake("while much is under way, what follows is gathered for 16 ms and handed on as one, in order", () => {
  const { scene, taking } = stageIntake();
  for (const packet of ["a", "b", "c"]) taking.take(packet);
  scene.clock.advance(GATHER_MS - 1);
  assert.equal(scene.handedOn, ["a"]);
  scene.clock.advance(1);
  assert.equal(scene.handedOn, ["a", "bc"]);
  taking.take("d");
  assert.equal(scene.handedOn, ["a", "bc"]);
  scene.clock.advance(GATHER_MS);
  assert.equal(scene.handedOn, ["a", "bc", "d"]);
});

intake("once less is under way, what was gathered comes out and the next is handed on at once again", () => {
  const { scene, taking } = stageIntake();
  for (const packet of ["a", "b"]) taking.take(packet);
  scene.isBusy = false;
  scene.clock.advance(GATHER_MS);
  taking.take("c");
  assert.equal(scene.handedOn, ["a", "b", "c"]);
});

intake("where nothing came meanwhile, the next packet does not wait", () => {
  const { scene, taking } = stageIntake();
  taking.take("a");
  scene.clock.advance(GATHER_MS);
  taking.take("b");
  assert.equal(scene.handedOn, ["a", "b"]);
});

intake("what was gathered before the end is handed on at once, and what was dropped never", () => {
  const { scene, taking } = stageIntake();
  for (const packet of ["a", "b"]) taking.take(packet);
  taking.end();
  assert.equal(scene.handedOn, ["a", "b"]);
  for (const packet of ["c", "d"]) taking.take(packet);
  taking.drop();
  scene.clock.advance(GATHER_MS);
  assert.equal(scene.handedOn, ["a", "b", "c"]);
});

const { key, cert } = await makeTestCertificates("milliner.test");
const CONFLICT =
  "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";

for (const [fault, breakOff] of [
  ["the end of the connection", (peer: FakePeer) => peer.cut()],
  ["a fault of the connection", (peer: FakePeer) => peer.breakTls()],
] as const) {
  intake(`why the server ends the stream is heard, also where ${fault} follows at once`, async () => {
    let isBusy = false;
    const { bot, peer } = await stageOnline(
      { tls: { mode: "starttls", key, cert } },
      { isBusy: () => isBusy },
    );
    isBusy = true;
    const stanza = next(bot, "stanza");
    peer.send("<message from='alice@milliner.test'/>");
    await stanza;
    const fatal = next(bot, "fatal");
    await peer.sendInPackets([CONFLICT]);
    breakOff(peer);
    assert.is((await fatal)[0].code, "conflict");
  });
}

intake("nothing is gathered while the bot signs in, however much is left of the session before", async () => {
  const { bot } = await stageOnline({}, { isBusy: () => true });
  assert.ok(bot.online);
});

intake("nothing is waited for once the stream has ended", async () => {
  let isBusy = false;
  const { bot, peer, clock } = await stageOnline({}, { isBusy: () => isBusy });
  isBusy = true;
  const fatal = next(bot, "fatal");
  peer.send(CONFLICT);
  await fatal;
  assert.is(clock.waiting, 0);
});

intake.run();
