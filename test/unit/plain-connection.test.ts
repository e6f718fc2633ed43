/** How a test client's connection ends where the server does not take part. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildPlainClient, close } from "../../src/testing/plain-connection.ts";
import type { TestServer } from "../../src/testing/server.ts";
import { within } from "../support/deadline.ts";

interface Scene {
  server: Server;
  /** The server's end of the connection, which neither says nor closes anything. */
  silent: Socket;
  xmpp: ReturnType<typeof buildPlainClient>;
  /** The client's end. */
  socket: Socket;
}

const test = suite<Scene>("a test client at a silent server");

test.before.each(async (scene) => {
  scene.server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(scene.server, "listening");
  const { port } = scene.server.address() as AddressInfo;
  const server = { service: `xmpp://127.0.0.1:${port}`, domain: "milliner.test" } as unknown as TestServer;
  scene.xmpp = buildPlainClient({ server, user: "alice", password: "alice", resource: "test" });
  const accepted = once(scene.server, "connection") as Promise<[Socket]>;
  await scene.xmpp.connect(server.service);
  [scene.silent] = await accepted;
  assert.instance(scene.xmpp.socket, Socket);
  scene.socket = scene.xmpp.socket as unknown as Socket;
  Object.assign(scene.xmpp, { timeout: 20 });
});

test.after.each(({ server, silent, socket }) => {
  silent.destroy();
  socket.destroy();
  server.close();
});

test("leaves no socket open when it is closed", async ({ xmpp, socket }) => {
  xmpp.status = "online";
  await close(xmpp);
  assert.ok(socket.destroyed);
});

test("hears in peace that the server is dead, also when it had given the connection up", async (scene) => {
  await scene.xmpp.disconnect();
  assert.is(scene.xmpp.socket, null);
  scene.silent.resetAndDestroy();
  await within(new Promise((resolve) => scene.socket.once("close", resolve)), "the end of the socket");
});

test.run();
