import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { startServer, type TestServer } from "../../src/testing/index.ts";
import { connect, type Connection, type ConnectionOptions } from "../../src/xmpp/stream/connection.ts";
import { Requests } from "../../src/xmpp/requests.ts";
import { next } from "../support/connected.ts";
import { eachServer } from "../support/servers.ts";

const SAILS = "⛵ über ".repeat(4_000);
const MESSAGES = 50;
const ping = (): Element => xml("ping", { xmlns: "urn:xmpp:ping" });

eachServer((kind) => {
  const test = suite(`connection with TLS on ${kind}`);
  let server: TestServer;
  let ca = "";
  const bots: Connection[] = [];

  test.before(async () => {
    server = await startServer({ kind, tls: true });
    await server.register("bot", "bot");
    ca = readFileSync(server.caPath ?? "", "utf8");
  });
  test.after.each(async () => {
    for (const bot of bots.splice(0)) await bot.stop();
  });
  test.after(() => server.stop());

  for (const mode of ["STARTTLS", "direct TLS"] as const) {
    test(`${mode}: off this machine the bot is online over a verified stream`, async () => {
      const bot = start(mode, { ca });
      assert.equal(await next(bot, "online"), [`bot@${server.domain}/milliner`]);
    });

    test(`${mode}: without the authority the server is refused`, async () => {
      const [reason] = await next(start(mode, {}), "fatal");
      assert.is(reason.code, "certificate");
    });

    test(`${mode}: long texts of any script arrive whole, many at a time`, async () => {
      const bot = start(mode, { ca });
      const [address] = await next(bot, "online");
      const bodies: string[] = [];
      const done = new Promise<void>((resolve) =>
        bot.on("stanza", (stanza) => {
          if (stanza.name !== "message") return;
          bodies.push(stanza.getChildText("body") ?? "");
          if (bodies.length === MESSAGES) resolve();
        }),
      );
      for (let i = 0; i < MESSAGES; i++)
        await bot.send(xml("message", { to: address, type: "chat" }, xml("body", {}, SAILS)));
      await done;
      assert.ok(bodies.every((body) => body === SAILS));
    });

    test(`${mode}: a round trip takes a fraction of the 40 ms that delayed packets take`, async () => {
      const bot = start(mode, { ca });
      await next(bot, "online");
      const requests = new Requests(bot, { timeoutMs: 10_000 });
      const times: number[] = [];
      for (let i = 0; i < 40; i++) {
        const before = performance.now();
        // Two packets in a row, the second of which Nagle's algorithm would hold back.
        const both = [1, 2].map(() => requests.request(server.domain, "get", ping()));
        await Promise.all(both);
        times.push(performance.now() - before);
      }
      const median = times.toSorted((a, b) => a - b)[20] ?? 0;
      assert.ok(median < 30, `${median} ms`);
    });
  }

  test.run();

  function start(mode: "STARTTLS" | "direct TLS", options: Partial<ConnectionOptions>): Connection {
    const bot = connect({
      jid: `bot@${server.domain}`,
      password: "bot",
      resource: "milliner",
      service: (mode === "STARTTLS" ? server.service : server.tlsService) ?? "",
      backoff: { firstMs: 50, maxMs: 500 },
      isLoopback: () => false,
      ...options,
    });
    bots.push(bot);
    return bot;
  }
});
