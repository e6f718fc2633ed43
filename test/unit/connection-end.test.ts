import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../src/xmpp/stream/connection.ts";
import { parseSocketError } from "../../src/xmpp/stream/stream-end.ts";
import { endScenes, next, stage, stageOnline, stageRaw } from "../support/connected.ts";
import { within } from "../support/deadline.ts";
import type { Scene } from "../support/connected.ts";

const HOUR_MS = 3_600_000;
const streamError = (condition: string, text = ""): string =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>${text}</stream:error></stream:stream>`;

const end = suite("connection: the end");
end.after.each(endScenes);

for (const condition of ["not-authorized", "account-disabled", "credentials-expired"]) {
  end(`a sign-in refused as ${condition} is fatal, with what to mend, and is not tried again`, async () => {
    const scene = await stage({ authFailure: condition });
    const [reason] = await next(scene.bot, "fatal");
    assert.is(reason.code, "not-authorized");
    assert.match(
      reason.text,
      new RegExp(`^bot@milliner.test could not sign in: ${condition}.*Check the JID and the password`),
    );
    assert.not.match(reason.text, /secret/);
    assertNoRetry(scene);
  });
}

end("a password that is refused when coming back is as fatal as at the start", async () => {
  const scene = await stageOnline();
  const offline = next(scene.bot, "offline");
  scene.server.behaviour.authFailure = "not-authorized";
  scene.peer.cut();
  await offline;
  const fatal = next(scene.bot, "fatal");
  scene.clock.advance(1_000);
  assert.is((await fatal)[0].code, "not-authorized");
  assertNoRetry(scene);
});

end("@xmpp/client alone stays where it is when the password is refused", async () => {
  const { raw, server } = await stageRaw({ authFailure: "not-authorized" });
  const failure = new Promise((resolve) => raw.once("error", resolve));
  raw.start().catch(() => undefined);
  await within(failure, "an error");
  assert.is(raw.status, "open");
  assert.is(server.peers.length, 1);
});

end("a sign-in that fails for the moment is tried again", async () => {
  const { server, bot, clock } = await stage({ authFailure: "temporary-auth-failure" });
  assert.match((await next(bot, "offline"))[0], /temporary-auth-failure/);
  server.behaviour.authFailure = undefined;
  const online = next(bot, "online");
  clock.advance(1_000);
  await online;
});

end("another client on the same resource is fatal, or the two would go on for ever", async () => {
  const scene = await stageOnline();
  const fatal = next(scene.bot, "fatal");
  scene.peer.send(streamError("conflict"));
  const [reason] = await fatal;
  assert.is(reason.code, "conflict");
  assert.match(reason.text, /same resource, milliner.*another `resource`/);
  assertNoRetry(scene);
});

end(
  "a resource that is taken is fatal at the start, and passes later, when it may be our own old session",
  async () => {
    const first = await stage({ bindFailure: "conflict" });
    assert.is((await next(first.bot, "fatal"))[0].code, "conflict");

    const { server, peer, bot, clock } = await stageOnline();
    const lost = next(bot, "offline");
    server.behaviour.bindFailure = "conflict";
    peer.cut();
    await lost;
    const refused = next(bot, "offline");
    clock.advance(1_000);
    await refused;
    server.behaviour.bindFailure = undefined;
    const online = next(bot, "online");
    clock.advance(2_000);
    await online;
  },
);

end("@xmpp/client alone comes straight back after a conflict, to end the other session in turn", async () => {
  const { raw, server } = await stageRaw();
  raw.reconnect.delay = 1;
  raw.reconnect.start();
  await within(raw.start(), "online");
  const peer = await server.nextPeer();
  server.behaviour.silentAt = "header";
  peer.send("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
  await server.nextPeer();
  raw.reconnect.stop();
});

end("a domain that the server does not have is fatal at the start", async () => {
  const { server, bot } = await stage({ silentAt: "features" });
  const fatal = next(bot, "fatal");
  const peer = await server.nextPeer();
  await peer.until(/<stream:stream /);
  peer.send(streamError("host-unknown"));
  assert.is((await fatal)[0].code, "host-unknown");
});

for (const condition of ["system-shutdown", "see-other-host", "policy-violation", "reset"]) {
  end(`a stream ended by the server with ${condition} is begun again`, async () => {
    const { peer, bot, clock, server } = await stageOnline();
    const offline = next(bot, "offline");
    peer.send(streamError(condition, "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>because</text>"));
    assert.match((await offline)[0], new RegExp(`${condition} \\(because\\)`));
    const online = next(bot, "online");
    clock.advance(1_000);
    await online;
    assert.is(server.peers.length, 2);
  });
}

end("a server that names another host is not followed, and the operator is told which", async () => {
  const { peer, bot, server, clock } = await stageOnline();
  const offline = next(bot, "offline");
  peer.send(
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[2001:db8::1]:9999</see-other-host></stream:error>",
  );
  assert.match((await offline)[0], "see-other-host ([2001:db8::1]:9999)");
  const online = next(bot, "online");
  clock.advance(1_000);
  await online;
  assert.is(server.peers.length, 2);
});

end("a stream that the server closes is begun again", async () => {
  const { peer, bot, clock } = await stageOnline();
  const offline = next(bot, "offline");
  peer.send("</stream:stream>");
  await offline;
  const online = next(bot, "online");
  clock.advance(1_000);
  await online;
});

end(
  "@xmpp/client alone leaves the socket open, and itself stuck, when the server closes the stream",
  async () => {
    const { raw, server } = await stageRaw();
    await within(raw.start(), "online");
    const closed = new Promise<void>((resolve) => raw.once("close", () => resolve()));
    (await server.nextPeer()).send("</stream:stream>");
    await within(closed, "close");
    assert.is(raw.status, "close");
  },
);

end("stopping says goodbye: unavailable, what was taken, the end of the stream", async () => {
  const { peer, bot, events } = await stageOnline();
  const stanza = next(bot, "stanza");
  peer.send("<message/>");
  await stanza;
  await within(bot.stop(), "stop");
  await peer.until(/<presence type="unavailable"\/><a [^>]*h="1"\/><\/stream:stream>$/);
  assert.is(events.at(-1), "offline for good: stopped");
  assert.is(bot.online, false);
});

end("nothing follows the end of the stream, not even an answer to how much was taken", async () => {
  const { peer, bot } = await stageOnline();
  const stopped = new Promise<void>((resolve) => bot.on("stanza", () => resolve(bot.stop())));
  peer.send("<r xmlns='urn:xmpp:sm:3'/><message/><r xmlns='urn:xmpp:sm:3'/>");
  await within(stopped, "stop");
  await peer.until(/<\/stream:stream>$/);
});

end("stopping ends within its bound although the server keeps silent", async () => {
  const scene = await stageOnline({ silentAt: "close" });
  const waits = scene.clock.untilAsked(3_000);
  const stopped = scene.bot.stop();
  await waits;
  scene.clock.advance(3_000);
  await within(stopped, "stop");
  assertNoRetry(scene);
});

end("stopping while connecting, while waiting to connect again, and twice, ends at once", async () => {
  const connecting = await stage({ silentAt: "auth" });
  await (await connecting.server.nextPeer()).until(/<auth /);
  await within(connecting.bot.stop(), "stop");
  assertNoRetry(connecting);

  const waiting = await stageOnline();
  const offline = next(waiting.bot, "offline");
  waiting.peer.cut();
  await offline;
  await within(Promise.all([waiting.bot.stop(), waiting.bot.stop()]), "stop");
  assertNoRetry(waiting);

  const unstarted = await stage();
  await within(unstarted.bot.stop(), "stop");
  assertNoRetry(unstarted);
});

end("stopping in the handler of online or offline is heeded", async () => {
  const scene = await stage();
  scene.bot.on("online", () => scene.bot.stop());
  await next(scene.bot, "offline");
  assertNoRetry(scene);
});

end("nobody there is no reason to give up", async () => {
  const scene = await stage();
  await scene.server.stop();
  const [reason] = await next(scene.bot, "offline");
  assert.match(reason, /ECONNREFUSED .*; if the server is elsewhere, set `service`$/);
  const offline = next(scene.bot, "offline");
  scene.clock.advance(1_000);
  await offline;
});

end("where a name has several addresses, what became of each is told", () => {
  const attempts = ["connect ECONNREFUSED ::1:1", "connect ECONNREFUSED 127.0.0.1:1"];
  const error = new AggregateError(attempts.map((text) => new Error(text)));
  const { reason } = parseSocketError(Object.assign(error, { code: "ECONNREFUSED" }), "milliner.test");
  assert.ok(reason.startsWith(`${attempts.join(", ")}; `), reason);
});

end("a port that is not XMPP's, or wants TLS at once, is named as what may be wrong", async () => {
  const { server, bot } = await stage({ silentAt: "header" });
  const offline = next(bot, "offline");
  (await server.nextPeer()).cut();
  const orTls = ", or this one is for direct TLS \\(xmpps://\\)";
  assert.match(
    (await offline)[0],
    new RegExp(`^[^;]+; if XMPP is at another port${orTls}, set \`service\`$`),
  );
});

end(
  "a port that resets the connection, or ends it before TLS, is named as what may be wrong too",
  async () => {
    const port = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    port.listen(0, "127.0.0.1");
    await once(port, "listening");
    const { port: number } = port.address() as AddressInfo;
    const reasonAt = async (scheme: string): Promise<string> => {
      const { bot } = await stage({}, { service: `${scheme}://127.0.0.1:${number}` });
      return (await next(bot, "offline"))[0];
    };
    const [atXmpp, atXmpps] = [await reasonAt("xmpp"), await reasonAt("xmpps")];
    port.close();
    assert.match(
      atXmpp,
      /; if XMPP is at another port, or this one is for direct TLS \(xmpps:\/\/\), set `service`$/,
    );
    assert.match(atXmpps, /; if XMPP is at another port, set `service`$/);
  },
);

end("a server that breaks off once it spoke XMPP is at no wrong port", async () => {
  const { bot, peer } = await stageOnline();
  const offline = next(bot, "offline");
  peer.cut();
  assert.not.match((await offline)[0], "another port");
});

end("a port without direct TLS is named as that, in one line", async () => {
  const port = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
    0,
    "127.0.0.1",
  );
  await once(port, "listening");
  const { port: number } = port.address() as AddressInfo;
  const { bot } = await stage({}, { service: `xmpps://127.0.0.1:${number}` });
  const [reason] = await next(bot, "offline");
  port.close();
  assert.is(
    reason,
    "what is at this port does not begin with TLS, as xmpps:// says; for STARTTLS write xmpp:// in `service`",
  );
});

end("a server that ends the TLS handshake is told with OpenSSL's reason, and no line of its source", () => {
  const text =
    "80CC:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:rec_layer_s3.c:1601:\n";
  const openssl = { library: "SSL routines", reason: "sslv3 alert handshake failure" };
  assert.is(
    parseSocketError(Object.assign(new Error(text), openssl), "milliner.test").reason,
    "the TLS handshake failed (sslv3 alert handshake failure); see that the server has a certificate for milliner.test",
  );
});

for (const [jid, service] of [
  ["bot@milliner.test", "ws://127.0.0.1:1"],
  ["bot@milliner.test", "127.0.0.1:5222"],
  ["bot@milliner.test", "xmpp://"],
  ["milliner.test", "xmpp://127.0.0.1:5222"],
  ["@", "xmpp://127.0.0.1:5222"],
] as const) {
  end(`an account or a service that is none is fatal: ${jid} at ${service}`, async () => {
    const bot = connect({ jid, service, password: "secret", resource: "milliner" });
    assert.is((await next(bot, "fatal"))[0].code, "bad-service");
    await within(bot.stop(), "stop");
  });
}

end("@xmpp/client does not connect again by itself beside us", async () => {
  const { bot, peer } = await stageOnline();
  const offline = next(bot, "offline");
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  peer.cut();
  await offline;
  assert.is(timers(), before, "the clock of the bot is in the hands of the test");
});

end("nothing is left waiting after the end", async () => {
  const { bot, clock } = await stageOnline();
  await within(bot.stop(), "stop");
  assert.is(clock.waiting, 0);
});

end.run();

function assertNoRetry({ clock, server }: Scene): void {
  assert.is(clock.waiting, 0);
  const connections = server.peers.length;
  clock.advance(HOUR_MS);
  assert.is(server.peers.length, connections);
}
