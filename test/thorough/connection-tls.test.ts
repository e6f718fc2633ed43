import { Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ConnectionOptions } from "../../src/xmpp/stream/connection.ts";
import { makeTestCertificates } from "../support/certificates.ts";
import { endScenes, next, stage, stageOnline, stageRaw } from "../support/connected.ts";
import { within } from "../support/deadline.ts";
import type { FakeBehaviour } from "../support/fake-server.ts";

const SAILS = "⛵".repeat(5_000);
const OFF_LOOPBACK: Partial<ConnectionOptions> = { isLoopback: () => false };

const ours = await makeTestCertificates("milliner.test");
const otherDomain = await makeTestCertificates("other.test");
const trusting = { ...OFF_LOOPBACK, ca: ours.ca };

const MODES = ["starttls", "direct"] as const;
const withTls = (mode: (typeof MODES)[number], { key, cert } = ours): FakeBehaviour => ({
  tls: { mode, key, cert },
});

const tls = suite("connection: TLS");
tls.after.each(endScenes);

for (const mode of MODES) {
  tls(`${mode}: a verified stream is used off this machine, and everything goes over it`, async () => {
    const { peer } = await stageOnline(withTls(mode), trusting);
    assert.ok(peer.isSecure);
  });

  tls(`${mode}: an authority that nobody vouches for is refused for good, saying what to mend`, async () => {
    const { bot } = await stage(withTls(mode), OFF_LOOPBACK);
    const [reason] = await next(bot, "fatal");
    assert.is(reason.code, "certificate");
    assert.match(reason.text, /valid for milliner\.test and issued by an authority .*`ca`/);
  });

  tls(`${mode}: a certificate for another domain is refused, also from a trusted authority`, async () => {
    const { bot } = await stage(withTls(mode, otherDomain), { ...OFF_LOOPBACK, ca: otherDomain.ca });
    const [reason] = await next(bot, "fatal");
    assert.is(reason.code, "certificate");
    assert.match(reason.text, /other\.test/);
  });

  tls(`${mode}: the environment cannot switch verification off`, async () => {
    const emitWarning = process.emitWarning.bind(process);
    process.emitWarning = () => undefined; // Node warns of the variable.
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const { bot } = await stage(withTls(mode), OFF_LOOPBACK);
      assert.is((await next(bot, "fatal"))[0].code, "certificate");
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      process.emitWarning = emitWarning;
    }
  });

  tls(
    `${mode}: on this machine a certificate that nobody vouches for is still better than none`,
    async () => {
      const { peer } = await stageOnline(withTls(mode));
      assert.ok(peer.isSecure);
    },
  );

  tls(`${mode}: a certificate that fails later is tried again, not fatal`, async () => {
    const { server, peer, bot, clock } = await stageOnline(withTls(mode), trusting);
    const offline = next(bot, "offline");
    server.behaviour.tls = { mode, ...otherDomain };
    peer.cut();
    await offline;
    const refused = next(bot, "offline");
    clock.advance(1_000);
    assert.match((await refused)[0], /not trusted/);
    server.behaviour.tls = { mode, ...ours };
    const online = next(bot, "online");
    clock.advance(2_000);
    await online;
  });

  tls(`${mode}: characters that lie across two packets arrive whole`, async () => {
    const { peer, bot } = await stageOnline(withTls(mode), trusting);
    const stanza = next(bot, "stanza");
    const bytes = Buffer.from(`<message><body>${SAILS}</body></message>`);
    const packets = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, i) =>
      bytes.subarray(i * 1_000, (i + 1) * 1_000),
    );
    await peer.sendInPackets(packets);
    assert.ok((await stanza)[0].getChildText("body") === SAILS);
  });
}

for (const mode of [undefined, ...MODES]) {
  tls(`${mode ?? "without TLS"}: small packets are not held back (TCP_NODELAY)`, async () => {
    const undelayed = await withoutDelay(async () => {
      await stageOnline(mode && withTls(mode), mode && trusting);
    });
    assert.is(undelayed, 1);
  });
}

tls("@xmpp/client alone lets small packets be held back", async () => {
  const undelayed = await withoutDelay(async () => {
    const { raw } = await stageRaw();
    await within(raw.start(), "online");
  });
  assert.is(undelayed, 0);
});

tls("off this machine, a server that offers no STARTTLS is refused, and gets no password", async () => {
  const { bot, server } = await stage({}, OFF_LOOPBACK);
  const [reason] = await next(bot, "fatal");
  assert.is(reason.code, "insecure");
  assert.match(reason.text, /offers no STARTTLS.*xmpps:/);
  const peer = await server.nextPeer();
  await peer.closed;
  assert.not.match(peer.received, /<auth/);
});

tls("@xmpp/client alone goes on without TLS where none is offered", async () => {
  const { raw, server } = await stageRaw();
  await within(raw.start(), "online");
  assert.match((await server.nextPeer()).received, /<auth/);
});

tls("a STARTTLS that disappears later is not gone along with, and tried again", async () => {
  const { server, peer, bot, clock } = await stageOnline(withTls("starttls"), trusting);
  const offline = next(bot, "offline");
  delete server.behaviour.tls;
  peer.cut();
  await offline;
  const refused = next(bot, "offline");
  clock.advance(1_000);
  assert.match((await refused)[0], /offers no STARTTLS/);
  server.behaviour.tls = { mode: "starttls", ...ours };
  const online = next(bot, "online");
  clock.advance(2_000);
  await online;
});

tls("what was slipped in before TLS is not taken for what comes after it", async () => {
  const slipped = "<message from='admin@milliner.test'/>";
  const { bot } = await stage({ ...withTls("starttls"), afterProceed: slipped }, trusting);
  const stanzas: string[] = [];
  bot.on("stanza", (stanza) => stanzas.push(stanza.toString()));
  await Promise.race([next(bot, "online"), next(bot, "offline")]);
  assert.equal(stanzas, []);
});

tls("a STARTTLS that the server refuses is tried again", async () => {
  const { server, bot } = await stage({ ...withTls("starttls"), silentAt: "starttls" }, trusting);
  const peer = await server.nextPeer();
  await peer.until(/<starttls /);
  const offline = next(bot, "offline");
  peer.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  assert.match((await offline)[0], /refused STARTTLS/);
});

tls("features slipped in between STARTTLS and TLS are not heard", async () => {
  const slipped = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></stream:features>";
  const { peer } = await stageOnline({ ...withTls("starttls"), afterProceed: slipped }, trusting);
  assert.ok(peer.isSecure);
});

tls("nobody can slip in a signed-in stream, a resumption and stanzas between STARTTLS and TLS", async () => {
  const { server, peer, bot, clock } = await stageOnline(withTls("starttls"), trusting);
  const stanzas: string[] = [];
  bot.on("stanza", (stanza) => stanzas.push(stanza.toString()));
  const offline = next(bot, "offline");
  peer.cut();
  await offline;
  server.behaviour.afterProceed =
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" +
    "<stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>" +
    "<resumed xmlns='urn:xmpp:sm:3' previd='sm1' h='0'/>" +
    "<message from='admin@milliner.test'/>";
  const either = Promise.race([next(bot, "online"), next(bot, "resumed"), next(bot, "offline")]);
  clock.advance(1_000);
  await either;
  assert.equal(stanzas, []);
  assert.not(bot.online && !(await server.nextPeer()).isSecure);
});

tls("SCRAM is taken before PLAIN, and PLAIN only over TLS", async () => {
  const both = await stageOnline(withTls("starttls"), trusting);
  assert.match(both.peer.received, /mechanism="SCRAM-SHA-1"/);
  const plain = await stageOnline({ ...withTls("starttls"), mechanisms: ["PLAIN"] }, trusting);
  assert.match(plain.peer.received, /mechanism="PLAIN"/);
  const { bot, server } = await stage({ mechanisms: ["PLAIN"] });
  const [reason] = await next(bot, "fatal");
  assert.is(reason.code, "no-mechanism");
  assert.match(reason.text, /in the clear/);
  const peer = await server.nextPeer();
  await peer.closed;
  assert.not.match(peer.received, /<auth/);
});

tls.run();

/* How many sockets switched Nagle's algorithm off while the client connected. */
async function withoutDelay(connectClient: () => Promise<void>): Promise<number> {
  const original = Object.getOwnPropertyDescriptor(Socket.prototype, "setNoDelay");
  const ports = new Set<number | undefined>();
  Socket.prototype.setNoDelay = function setNoDelay(this: Socket, isOn = true) {
    if (isOn) ports.add(this.remotePort);
    return original?.value.call(this, isOn) as Socket;
  };
  try {
    await connectClient();
  } finally {
    if (original !== undefined) Object.defineProperty(Socket.prototype, "setNoDelay", original);
  }
  return ports.size;
}
