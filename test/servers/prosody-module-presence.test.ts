/**
 * The Prosody companion module: hats in presence (XEP-0317 0.3.1, section 3.1), and who is told of a change.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml, type Element } from "../../src/stanza/xml.ts";
import {
  connectClient,
  registerAndConnect,
  statusCodes,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import {
  hatAdmin,
  MODULE_KINDS,
  NS_HATS,
  NS_HATS_LEGACY,
  presencesOf,
  receivedDuring,
  shownHats,
  startHatServer,
} from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

const NS_MUC_USER = "http://jabber.org/protocol/muc#user";
const NS_MUC_ADMIN = "http://jabber.org/protocol/muc#admin";

eachServer((kind) => {
  // COMPAT: Prosody 0.12 itself shows hats in the legacy namespace; 13 does so only when it is told to.
  const showsLegacy = kind === "prosody-0.12";
  const test = suite(`hats in the presence of a room on ${kind}`);
  let server: TestServer;
  let olga: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  let rooms = 0;

  test.before(async () => {
    server = await startHatServer({ kind });
    const people = ["olga", "bob", "carol"].map((user) => registerAndConnect({ server, user }));
    [olga, bob, carol] = (await Promise.all(people)) as [TestClient, TestClient, TestClient];
  });
  test.after(() => server.stop());

  /** Olga's room with Bob and Carol in it; Bob is a member, Carol nothing. */
  async function newRoom(configuration = {}): Promise<string> {
    const room = server.room(`room${++rooms}`);
    await olga.createRoom(room, "olga", configuration);
    await olga.setAffiliation(room, bob.bareJid, "member");
    await bob.join(room, "bob");
    await carol.join(room, "carol");
    return room;
  }

  /** What Carol sees of Bob's presence while something happens: the hats of each presence. */
  async function seenOfBob(room: string, action: () => Promise<unknown>): Promise<string[][]> {
    const received = await receivedDuring(carol, room, action);
    return presencesOf(received, `${room}/bob`).map((presence) => shownHats(presence));
  }

  test("a third occupant sees an assigned hat with URI, title and hue, in one presence", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher", "171.430664");
    assert.equal(await seenOfBob(room, () => hats.assign(bob.bareJid, "urn:x:t")), [
      ["Teacher urn:x:t 171.430664"],
    ]);
  });

  test("a hat without a hue has no hue attribute", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    const received = await receivedDuring(carol, room, () => hats.assign(bob.bareJid, "urn:x:t"));
    const [presence] = presencesOf(received, `${room}/bob`);
    const hat = presence?.getChild("hats", NS_HATS)?.getChild("hat");
    assert.equal(Object.keys(hat?.attrs ?? {}).toSorted(), ["title", "uri"]);
  });

  test("hats are shown by title, then URI, whatever order they were assigned in", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const made = {
      "urn:x:5": "Zeta",
      "urn:x:4": "beta",
      "urn:x:3": "Alpha",
      "urn:x:2": "Beta",
      "urn:x:1": "beta",
    };
    const expected = ["Alpha urn:x:3", "Beta urn:x:2", "beta urn:x:1", "beta urn:x:4", "Zeta urn:x:5"];
    for (const [uri, title] of Object.entries(made)) await hats.create(uri, title);
    const uris = Object.keys(made);
    for (const uri of uris.slice(1)) await hats.assign(bob.bareJid, uri);
    assert.equal((await seenOfBob(room, () => hats.assign(bob.bareJid, uris[0] as string))).at(-1), expected);
  });

  test("who joins later sees the hats, and who leaves and comes back still wears them", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    await hats.assign(bob.bareJid, "urn:x:t");
    await carol.leave(room, "carol");
    assert.equal(await seenOfBob(room, () => carol.join(room, "carol")), [["Teacher urn:x:t"]]);
    await bob.leave(room, "bob");
    assert.equal(await seenOfBob(room, () => bob.join(room, "bob")), [["Teacher urn:x:t"]]);
  });

  test("a presence holds each namespace's hats at most once, and both show the same", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:b", "B", "10");
    await hats.create("urn:x:a", "A");
    await hats.assign(bob.bareJid, "urn:x:b");
    const received = await receivedDuring(carol, room, () => hats.assign(bob.bareJid, "urn:x:a"));
    const presence = presencesOf(received, `${room}/bob`)[0] as Element;
    assert.equal(shownHats(presence), ["A urn:x:a", "B urn:x:b 10"]);
    const legacy = shownHats(presence, NS_HATS_LEGACY);
    assert.equal(legacy, showsLegacy ? ["A urn:x:a", "B urn:x:b 10"] : []);
  });

  test("hats that a client claims to wear are not shown, in either namespace", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const claim = [NS_HATS, NS_HATS_LEGACY].map((xmlns) =>
      xml("hats", { xmlns }, xml("hat", { uri: "urn:x:forged", title: "Forged" })),
    );
    const forge = (): Promise<unknown> => bob.send(xml("presence", { to: `${room}/bob` }, ...claim));
    const seen = async (action: () => Promise<unknown>): Promise<string> => {
      const all = await receivedDuring(carol, room, async () => {
        await action();
        await receivedDuring(bob, room, async () => {});
      });
      const presences = presencesOf(all, `${room}/bob`);
      assert.ok(presences.length > 0);
      return presences.join("");
    };
    assert.not.match(await seen(forge), /hats/);
    await hats.create("urn:x:t", "Teacher");
    await hats.assign(bob.bareJid, "urn:x:t");
    const worn = await seen(forge);
    assert.match(worn, /Teacher/);
    assert.not.match(worn, /Forged/);
    assert.is(
      worn.includes(NS_HATS_LEGACY),
      showsLegacy,
      "the room alone decides which kind of hats it shows",
    );
    await bob.leave(room, "bob");
    const join = xml(
      "presence",
      { to: `${room}/bob` },
      xml("x", { xmlns: "http://jabber.org/protocol/muc" }),
      ...claim,
    );
    const joined = await seen(() => bob.send(join));
    assert.match(joined, /Teacher/);
    assert.not.match(joined, /Forged/);
  });

  test("hats that a client claims are not shown to its person's other clients either, when one of them takes a nick of its own", async () => {
    const room = await newRoom();
    const phone = await connectClient({ server, user: "bob", resource: "phone" });
    const claim = [NS_HATS, NS_HATS_LEGACY].map((xmlns) =>
      xml("hats", { xmlns }, xml("hat", { uri: "urn:x:forged", title: "Forged" })),
    );
    await bob.send(xml("presence", { to: `${room}/bob` }, ...claim));
    await phone.join(room, "bob");
    const received = await receivedDuring(phone, room, () =>
      phone.send(xml("presence", { to: `${room}/bobby` })),
    );
    const seen = presencesOf(received, `${room}/bob`).filter(({ attrs }) => attrs.type === undefined);
    assert.is(seen.length, 1);
    assert.not.match(seen.join(""), /hats/);
    await phone.close();
  });

  test("each real change is one presence of the wearer to everybody, the wearer too", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    const changes: readonly (() => Promise<unknown>)[] = [
      () => hats.assign(bob.bareJid, "urn:x:t"),
      () => hats.create("urn:x:t", "Professor"),
      () => hats.create("urn:x:t", "Professor", "1"),
      () => hats.create("urn:x:t", "Teacher"),
      () => hats.unassign(bob.bareJid, "urn:x:t"),
    ];
    for (const watcher of [olga, bob, carol]) {
      for (const change of changes) {
        const received = await receivedDuring(watcher, room, change);
        const presences = received.filter(({ name }) => name === "presence");
        assert.is(presences.length, 1, watcher.jid);
        assert.is(presences[0]?.attrs.from, `${room}/bob`);
      }
    }
  });

  test("every session of the wearer gets the change, and the others get it once a nick", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    const phone = await connectClient({ server, user: "bob", resource: "phone" });
    const laptop = await connectClient({ server, user: "bob", resource: "laptop" });
    await phone.join(room, "bob");
    await laptop.join(room, "bobby");
    const assign = (): Promise<unknown> => hats.assign(bob.bareJid, "urn:x:t");
    const received = await receivedDuring(phone, room, () => receivedDuring(carol, room, assign));
    assert.is(presencesOf(received, `${room}/bob`).length, 1);
    const seen = await receivedDuring(carol, room, () => hats.unassign(bob.bareJid, "urn:x:t"));
    assert.is(presencesOf(seen, `${room}/bob`).length, 1);
    assert.is(presencesOf(seen, `${room}/bobby`).length, 1);
    await Promise.all([phone.close(), laptop.close()]);
  });

  test("nothing is sent when nothing changes", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher", "5");
    await hats.assign(bob.bareJid, "urn:x:t");
    const received = await receivedDuring(carol, room, async () => {
      await hats.create("urn:x:t", "Teacher", "5");
      await hats.assign(bob.bareJid, "urn:x:t");
      await hats.unassign(bob.bareJid, "urn:x:other");
      await hats.destroy("urn:x:other");
      await hats.listAssigned();
    });
    assert.equal(received.map(String), []);
  });

  test("a hat for somebody who is not in the room is sent to nobody", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await bob.leave(room, "bob");
    await hats.create("urn:x:t", "Teacher");
    const received = await receivedDuring(carol, room, () => hats.assign(bob.bareJid, "urn:x:t"));
    assert.equal(received.map(String), []);
  });

  test("a presence after a change comes before the command's answer", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    const received = await receivedDuring(olga, room, () => hats.assign(bob.bareJid, "urn:x:t"));
    assert.equal(
      received.map(({ name }) => name),
      ["presence", "iq"],
    );
  });

  test("changing a hat shows it anew on its wearers and on nobody else", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    await hats.create("urn:x:o", "Other");
    await hats.assign(bob.bareJid, "urn:x:t");
    await hats.assign(olga.bareJid, "urn:x:o");
    const received = await receivedDuring(carol, room, () => hats.create("urn:x:t", "Professor", "200"));
    const presences = received.filter(({ name }) => name === "presence");
    assert.equal(
      presences.map((presence) => `${presence.attrs.from}: ${shownHats(presence).join()}`),
      [`${room}/bob: Professor urn:x:t 200`],
    );
    assert.equal(await hats.listAssigned(), [
      `${bob.bareJid} urn:x:t Professor 200`,
      `${olga.bareJid} urn:x:o Other`,
    ]);
  });

  test("destroying a hat takes it off everybody, and each wearer is shown anew", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    await hats.create("urn:x:o", "Other");
    for (const person of [olga, bob]) await hats.assign(person.bareJid, "urn:x:t");
    await hats.assign(olga.bareJid, "urn:x:o");
    const received = await receivedDuring(carol, room, () => hats.destroy("urn:x:t"));
    const seen = received
      .filter(({ name }) => name === "presence")
      .map((presence) => `${presence.attrs.from}: ${shownHats(presence).join()}`);
    assert.equal(seen.toSorted(), [`${room}/bob: `, `${room}/olga: Other urn:x:o`]);
    assert.not.match(presencesOf(received, `${room}/bob`).join(""), /<hats/);
    assert.equal(await hats.listAssigned(), [`${olga.bareJid} urn:x:o Other`]);
  });

  test("creating, changing and destroying a hat tell the room that its configuration changed; assigning does not", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const told = async (action: () => Promise<unknown>): Promise<string[]> => {
      const received = await receivedDuring(carol, room, action);
      return received.filter(({ name }) => name === "message").flatMap((message) => statusCodes(message));
    };
    assert.equal(await told(() => hats.create("urn:x:t", "Teacher")), ["104"]);
    assert.equal(await told(() => hats.create("urn:x:t", "Professor")), ["104"]);
    assert.equal(await told(() => hats.assign(bob.bareJid, "urn:x:t")), []);
    assert.equal(await told(() => hats.unassign(bob.bareJid, "urn:x:t")), []);
    assert.equal(await told(() => hats.destroy("urn:x:t")), ["104"]);
  });

  test("a muted member stays muted, and no affiliation or role changes", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const item = xml("item", { nick: "bob", role: "visitor" });
    await olga.demand(xml("iq", { type: "set", to: room }, xml("query", { xmlns: NS_MUC_ADMIN }, item)));
    await hats.create("urn:x:t", "Teacher");
    const actions = [
      () => hats.assign(bob.bareJid, "urn:x:t"),
      () => hats.create("urn:x:t", "Professor"),
      () => hats.unassign(bob.bareJid, "urn:x:t"),
      () => hats.assign(bob.bareJid, "urn:x:t"),
      () => hats.destroy("urn:x:t"),
    ];
    for (const action of actions) {
      const received = await receivedDuring(carol, room, action);
      const [presence] = presencesOf(received, `${room}/bob`);
      const { affiliation, role } = presence?.getChild("x", NS_MUC_USER)?.getChild("item")?.attrs ?? {};
      assert.is(`${affiliation} ${role}`, "member visitor");
    }
    bob.forget();
    await bob.send(xml("message", { to: room, type: "groupchat", id: "speak" }, xml("body", {}, "hello")));
    const refusal = await bob.next(({ attrs }) => attrs.id === "speak");
    assert.is(refusal.attrs.type, "error");
    assert.equal(
      (await olga.affiliationList(room, "member")).map(({ jid }) => jid),
      [bob.bareJid],
    );
  });

  test("a change of hats tells nobody a real JID that the room hides", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher");
    const received = await receivedDuring(carol, room, () => hats.assign(bob.bareJid, "urn:x:t"));
    assert.not.match(received.join("").replaceAll(carol.jid, ""), /@milliner\.test/);
  });

  test.run();
}, MODULE_KINDS);
