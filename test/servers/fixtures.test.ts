/**
 * The servers and clients that all other tests against real servers stand on.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml, type Element } from "../../src/stanza/xml.ts";
import {
  connectClient,
  findInstallation,
  findLocalProsody,
  registerAndConnect,
  startServer,
  statusCodes,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import { eachServer } from "../support/servers.ts";

const SERVER_OWNER = fileURLToPath(new URL("../support/server-owner.ts", import.meta.url));
const NS_DISCO_INFO = "http://jabber.org/protocol/disco#info";
const NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
/* The nonce is RFC 6455's own. */
const WEBSOCKET_REQUEST = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "xmpp",
  "sec-websocket-version": "13",
};
const NS_COMMANDS = "http://jabber.org/protocol/commands";

const ping = (to: string): Element => xml("iq", { type: "get", to }, xml("ping", { xmlns: "urn:xmpp:ping" }));

eachServer((kind) => {
  const test = suite(`a ${kind} server`);
  let server: TestServer;
  test.before(async () => {
    server = await startServer({ kind, admins: ["admin"] });
  });
  test.after(async () => {
    await server.stop();
  });

  test("is of the release line it is asked for", () => {
    assert.is(server.kind, kind);
    assert.ok(server.version.startsWith(kind.split("-")[1] ?? ""), server.version);
  });

  test("takes any number of new accounts at a time", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `person${index}`);
    const people = await Promise.all(names.map((user) => registerAndConnect({ server, user })));
    const jids = people.map(({ jid }) => jid);
    assert.equal(
      jids,
      names.map((name) => `${name}@${server.domain}/test`),
    );
    await Promise.all(people.map((person) => person.close()));
  });

  test("refuses a wrong password", async () => {
    await server.register("lock", "right");
    await connectClient({ server, user: "lock", password: "wrong" }).then(
      () => assert.unreachable("the login worked"),
      (error: unknown) => assert.match(String(error), "not-authorized"),
    );
  });

  test("passes characters beyond ASCII unharmed, in accounts and in stanzas", async () => {
    const zoe = await registerAndConnect({ server, user: "zoë", password: `ä"\\'<&` });
    const text = "↯☂".repeat(20_000);
    await zoe.send(xml("message", { to: zoe.jid, type: "chat" }, xml("body", {}, text)));
    const message = await zoe.next((stanza) => stanza.name === "message");
    assert.ok(message.getChildText("body") === text, "the text has changed");
    await zoe.close();
  });

  test("shows who joins, who becomes what, and who leaves", async () => {
    const ann = await registerAndConnect({ server, user: "ann" });
    const ben = await registerAndConnect({ server, user: "ben" });
    const room = server.room("actions");
    const created = await ann.createRoom(room, "Ann", { "muc#roomconfig_whois": "anyone" });
    assert.ok(statusCodes(created).includes("201"));
    await ben.join(room, "Ben");
    await ann.setAffiliation(room, ben.bareJid, "admin");
    const promoted = await ben.next((stanza) => stanza.toString().includes("admin"));
    assert.is(promoted.attrs.from, `${room}/Ben`);
    assert.equal(await ben.affiliationList(room, "admin"), [{ jid: ben.bareJid, affiliation: "admin" }]);
    await ben.leave(room, "Ben");
    await ann.destroyRoom(room);
    await Promise.all([ann.close(), ben.close()]);
  });

  test("refuses to create a room that exists", async () => {
    const ann = await registerAndConnect({ server, user: "ann2" });
    const ben = await registerAndConnect({ server, user: "ben2" });
    await ann.createRoom(server.room("taken"), "ann");
    await ben.createRoom(server.room("taken"), "ben").then(
      () => assert.unreachable("the room was created again"),
      (error: unknown) => assert.match(String(error), "exists already"),
    );
    await Promise.all([ann.close(), ben.close()]);
  });

  test("offers its own commands to its admins", async () => {
    const admin = await registerAndConnect({ server, user: "admin" });
    const items = await commandsOf(admin, server.domain);
    assert.ok(items.length > 5, items.join(" "));
    await admin.close();
  });

  test("answers after a freeze what it was asked meanwhile", async () => {
    const eve = await registerAndConnect({ server, user: "eve" });
    server.freeze();
    const answer = eve.request(ping(server.domain));
    server.thaw();
    assert.is((await answer).attrs.type, "result");
    await eve.close();
  });

  test("tells those who wait when a connection is cut", async () => {
    const kim = await registerAndConnect({ server, user: "kim" });
    const waiting = kim.next(() => false).catch((error: unknown) => String(error));
    kim.cut();
    assert.match(String(await waiting), "the connection of kim ended");
    await kim.disconnected;
  });

  test("keeps accounts and rooms over a restart", async () => {
    const room = server.room("kept");
    const before = await registerAndConnect({ server, user: "keeper" });
    await before.createRoom(room, "keeper");
    await before.setAffiliation(room, `friend@${server.domain}`, "member");
    await server.restart();
    await before.disconnected;
    const after = await connectClient({ server, user: "keeper" });
    const members = await after.affiliationList(room, "member");
    assert.equal(members, [{ jid: `friend@${server.domain}`, affiliation: "member" }]);
    await after.close();
  });

  test("keeps accounts over a kill, down to the newest", async () => {
    const before = await registerAndConnect({ server, user: "phoenix" });
    await server.kill();
    await before.disconnected;
    await server.start();
    const after = await connectClient({ server, user: "phoenix" });
    await after.close();
  });

  test.run();

  const alone = suite(`a ${kind} server of its own`);

  alone("leaves nothing behind when it is stopped", async () => {
    const short = await startServer({ kind });
    assert.ok(existsSync(short.dir));
    await short.stop();
    assert.not.ok(existsSync(short.dir));
    await short.stop();
  });

  alone("does not start where a port of its own is taken, and starts when it is free again", async () => {
    const server = await startServer({ kind });
    await server.shutDown();
    const squatter = createServer().listen(server.c2sPort, "127.0.0.1");
    await once(squatter, "listening");
    await server.start().then(
      () => assert.unreachable("it started without its port"),
      (error: unknown) => assert.match(String(error), /port|eaddrinuse/),
    );
    squatter.close();
    await once(squatter, "close");
    await server.start();
    await server.stop();
  });

  alone("shuts down in good order when it was frozen", async () => {
    const server = await startServer({ kind });
    server.freeze();
    await server.restart();
    await server.stop();
  });

  alone("leaves no folder where it cannot be laid out, and says what it needs", async () => {
    const { PATH } = process.env;
    const [tools, parent] = await Promise.all(
      ["tools", "parent"].map((name) => mkdtemp(join(tmpdir(), `milliner-${name}-`))),
    );
    assert.ok(tools && parent);
    await symlink("/usr/bin/dpkg-query", join(tools, "dpkg-query"));
    const { root } = await findInstallation(kind);
    const { TMPDIR } = process.env;
    const folders = async () =>
      (await readdir(root === "/" ? parent : join(root, "tmp"))).filter((name) =>
        name.startsWith(`milliner-server-${process.pid}-`),
      );
    Object.assign(process.env, { PATH: tools, TMPDIR: parent });
    try {
      await startServer({ kind, tls: true }).then(
        () => assert.unreachable("it started without openssl"),
        (error: unknown) => assert.match(String(error), "TLS needs openssl, which is not installed here"),
      );
      assert.equal(await folders(), []);
    } finally {
      process.env["PATH"] = PATH;
      if (TMPDIR === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = TMPDIR;
      await Promise.all([tools, parent].map((folder) => rm(folder, { recursive: true })));
    }
  });

  alone("dies with the process that started it, even by SIGKILL", async () => {
    const owner = fork(SERVER_OWNER, [kind], { execArgv: ["--import", "tsx"] });
    const [port] = (await once(owner, "message")) as [number];
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    owner.kill("SIGKILL");
    await once(socket.resume(), "close").catch(() => "the kernel may also reset it");
    await refused(port);
  });

  alone("takes clients in browsers where it is asked to", async () => {
    const open = await startServer({ kind, websocket: true });
    const { hostname, port, pathname: path } = new URL(open.websocketService ?? "");
    assert.is(hostname, "127.0.0.1");
    const request = get({ host: hostname, port, path, headers: WEBSOCKET_REQUEST });
    const [answer, socket] = (await once(request, "upgrade")) as [IncomingMessage, Socket];
    assert.is(answer.headers["sec-websocket-protocol"], "xmpp");
    socket.destroy();
    await open.stop();
  });

  alone("with TLS demands STARTTLS and serves direct TLS under its own authority", async () => {
    const secure = await startServer({ kind, tls: true });
    const features = await streamFeatures(secure);
    assert.match(features, "urn:ietf:params:xml:ns:xmpp-tls");
    assert.not.match(features, "<mechanism>");
    const port = secure.tlsPort as number;
    const trusting = connectTls({ port, host: "127.0.0.1", ca: await readFile(secure.caPath as string) });
    await once(trusting, "secureConnect");
    assert.ok(trusting.authorized);
    trusting.destroy();
    const wary = connectTls({ port, host: "127.0.0.1" });
    const [error] = await once(wary, "error").catch((reason: unknown) => [reason]);
    assert.match(String(error), "certificate");
    const ann = await registerAndConnect({ server: secure, user: "ann" });
    assert.is((await ann.request(ping(secure.domain))).attrs.type, "result");
    await ann.close();
    await secure.stop();
  });

  alone("delays a chatty client only when rate limits are asked for", async () => {
    const limited = await startServer({ kind, rateLimits: true });
    const free = await startServer({ kind });
    const [slow, quick] = [await timeToEcho(limited), await timeToEcho(free)];
    assert.ok(slow > 500, `with limits it took ${slow} ms`);
    assert.ok(quick < 500, `without limits it took ${quick} ms`);
    await Promise.all([limited.stop(), free.stop()]);
  });

  alone.run();
});

eachServer(
  (kind) => {
    const test = suite(`modules on ${kind}`);
    test("are taken from a folder and loaded for the rooms' host", async () => {
      const folder = await mkdtemp(join(tmpdir(), "milliner-module-"));
      await writeFile(join(folder, "mod_muc_fixture.lua"), `module:add_feature("urn:test:fixture");\n`);
      const server = await startServer({
        kind,
        prosody: { pluginFolders: [folder], mucModules: ["muc_fixture"] },
      });
      const ann = await registerAndConnect({ server, user: "ann" });
      const query = xml("iq", { type: "get", to: server.mucService }, xml("query", { xmlns: NS_DISCO_INFO }));
      assert.match(String(await ann.demand(query)), "urn:test:fixture");
      await ann.close();
      await server.stop();
      await rm(folder, { recursive: true });
    });
    test.run();
  },
  ["prosody-0.12", "prosody-13"],
);

const local = suite("this machine");

local("has a Prosody of its own for the demo", async () => {
  assert.match(await findLocalProsody(), /^prosody-/);
});

local.run();

async function commandsOf(client: TestClient, to: string): Promise<string[]> {
  const query = xml("query", { xmlns: NS_DISCO_ITEMS, node: NS_COMMANDS });
  const answer = await client.demand(xml("iq", { type: "get", to }, query));
  const items = answer.getChild("query", NS_DISCO_ITEMS)?.getChildren("item") ?? [];
  return items.map(({ attrs }) => attrs.node as string);
}

async function streamFeatures(server: TestServer): Promise<string> {
  const socket = connect(server.c2sPort, "127.0.0.1").setEncoding("utf8");
  socket.write(
    `<stream:stream to='${server.domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`,
  );
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes("</stream:features>")) break;
  }
  return text;
}

async function timeToEcho(server: TestServer): Promise<number> {
  const ann = await registerAndConnect({ server, user: "ann" });
  const body = "x".repeat(10_000);
  const started = performance.now();
  for (let count = 0; count < 3; count += 1)
    await ann.send(xml("message", { to: ann.jid, type: "chat" }, xml("body", {}, body)));
  for (let count = 0; count < 3; count += 1)
    await ann.next(({ name }) => name === "message", { timeout: 60_000 });
  ann.cut();
  return performance.now() - started;
}

/** Resolves once nothing listens on the port any more. */
async function refused(port: number): Promise<void> {
  while (await isListening(port));
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
