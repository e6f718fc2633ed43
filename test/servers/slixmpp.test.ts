/**
 * The foreign client works by itself, against commands that servers bring along.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml } from "../../src/stanza/xml.ts";
import { registerAndConnect, startServer, type TestServer } from "../../src/testing/index.ts";
import { eachServer } from "../support/servers.ts";
import { SlixmppError, startSlixmpp, type Slixmpp } from "../support/slixmpp.ts";

const ADD_USER = "http://jabber.org/protocol/admin#add-user";

eachServer((kind) => {
  const test = suite(`slixmpp on ${kind}`);
  let server: TestServer;
  let admin: Slixmpp;
  test.before(async () => {
    server = await startServer({ kind, admins: ["admin"] });
    await server.register("admin", "admin");
    admin = await startSlixmpp(server, "admin");
  });
  test.after(async () => {
    await admin.close();
    await server.stop();
  });

  test("finds the commands that an entity offers", async () => {
    const found = await admin.discover(server.domain);
    assert.ok(found.features.includes("http://jabber.org/protocol/commands"));
    assert.ok(found.commands.length > 5);
  });

  test("goes through a command step by step and shows what it ends with", async () => {
    const form = await admin.start(server.domain, ADD_USER);
    assert.is(form.status, "executing");
    assert.is(form.node, ADD_USER);
    const types = form.form?.fields.map((field) => `${field.var} ${field.type}`) ?? [];
    assert.ok(types.includes("accountjid jid-single"), types.join());
    const values = { accountjid: `new@${server.domain}`, password: "secret", "password-verify": "secret" };
    const end = await admin.go("complete", values);
    assert.is(end.status, "completed");
    assert.is(end.sessionid, form.sessionid);
    const fresh = await startSlixmpp(server, "new", "secret");
    await fresh.close();
  });

  test("cancels a command", async () => {
    const form = await admin.start(server.domain, ADD_USER);
    const end = await admin.go("cancel");
    assert.is(end.status, "canceled");
    assert.is(end.sessionid, form.sessionid);
  });

  test("tells a refusal by its condition", async () => {
    await admin.start(server.domain, "urn:test:no-such-command").then(
      () => assert.unreachable("the command exists"),
      (error: unknown) => {
        assert.instance(error, SlixmppError);
        const expected = server.software === "prosody" ? "service-unavailable" : "item-not-found";
        assert.is((error as SlixmppError).condition, expected);
      },
    );
  });

  test("sees who is in a room and the hats that a presence shows", async () => {
    const ann = await registerAndConnect({ server, user: "ann" });
    const room = server.room("team");
    await ann.createRoom(room, "Ann");
    await admin.join(room, "Foreigner");
    const presence = await admin.nextPresence(({ from }) => from === `${room}/Ann`);
    assert.equal(presence.hats, []);
    const hat = { uri: "urn:test:hat", title: "Tester" };
    const wearer = xml("wearer", { nick: "Ann" }, xml("hat", { xmlns: "urn:xmpp:hats:0", ...hat }));
    const hats = xml("hats", { xmlns: "urn:milliner:hats:0" }, wearer);
    await ann.send(xml("presence", { to: `${room}/Ann` }, hats));
    const shown = await admin.nextPresence(({ wearers }) => wearers.length > 0);
    assert.equal(shown.wearers, [{ nick: "Ann", hats: [hat] }]);
    await admin.leave(room, "Foreigner");
    await ann.close();
  });

  test.run();
});
