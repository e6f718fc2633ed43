/** The demo's pages as a browser gets them: what is served, to whom, and what they may load. */
import { once } from "node:events";
import { get, type IncomingMessage, request as ask } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BrowserServer, serveBrowser } from "../../src/demo/browser-server.ts";
import { findConverse } from "../../src/demo/converse.ts";

const WEBSOCKET = "ws://127.0.0.1:5280/xmpp-websocket";

const test = suite<{ server: BrowserServer }>("the demo's pages");

test.before(async (context) => {
  const converse = findConverse();
  if (converse === undefined) throw new Error("Converse is not installed");
  context.server = await serveBrowser(converse, {
    personas: [{ user: "alice", standing: "the room's owner" }],
    domain: "example.org",
    room: "school@rooms.example.org",
    desk: "hats@example.org/milliner",
    websocket: WEBSOCKET,
  });
});
test.after(({ server }) => server.stop());

test("Converse is found where it is installed, and not where it is not", () => {
  assert.match(String(findConverse()?.version), /^\d+\./);
  assert.is(findConverse("file:///nowhere/demo.js"), undefined);
});

test("the first page leads to everybody's own, which logs in at the demo's server", async ({ server }) => {
  assert.match(await read(server.address), '<a href="/alice"');
  assert.match(await read(`${server.address}alice`), 'src="/alice.js"');
  const script = await read(`${server.address}alice.js`);
  for (const said of ["alice@example.org", "school@rooms.example.org", WEBSOCKET]) assert.match(script, said);
});

test("a page may talk to its own server and to the demo's, and load nothing from elsewhere", async ({
  server,
}) => {
  const { headers } = await fetch(server.address);
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, "default-src 'self'; connect-src 'self' ws://127.0.0.1:5280;");
  const addresses = policy.match(/\w+:\/\/[^\s;]+/g);
  assert.equal(addresses, ["ws://127.0.0.1:5280"]);
});

test("Converse's files are served with their types, and nothing else of the disk", async ({ server }) => {
  const style = await fetch(`${server.address}converse/converse.min.css`);
  assert.is(style.headers.get("content-type"), "text/css; charset=utf-8");
  assert.ok((await style.text()).length > 1000);
  const host = new URL(server.address);
  for (const path of ["/converse/../package.json", "/converse/%2e%2e/package.json", "/etc/passwd"]) {
    assert.is((await answer(get({ host: host.hostname, port: host.port, path }))).statusCode, 404);
  }
});

test("another name for this address is refused, so that no site elsewhere gets in", async ({ server }) => {
  const { hostname, port } = new URL(server.address);
  const elsewhere = get({ host: hostname, port, headers: { host: `elsewhere.example:${port}` } });
  assert.is((await answer(elsewhere)).statusCode, 421);
});

test("pages can only be read", async ({ server }) => {
  const { hostname, port } = new URL(server.address);
  assert.is((await answer(ask({ host: hostname, port, method: "POST" }).end())).statusCode, 405);
});

test.run();

async function read(address: string): Promise<string> {
  const response = await fetch(address);
  assert.is(response.status, 200);
  return response.text();
}

async function answer(request: ReturnType<typeof get>): Promise<IncomingMessage> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  return response;
}
