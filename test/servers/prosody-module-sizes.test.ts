/**
 * The Prosody companion module: how long what it sends can get.
 *
 * Counted as it is sent: an apostrophe or a quotation mark takes six bytes there.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Element } from "../../src/stanza/xml.ts";
import { connectClient, type TestClient, type TestServer } from "../../src/testing/index.ts";
import {
  hatAdmin,
  hatsCommand,
  MODULE_KINDS,
  NS_HATS,
  NS_HATS_LEGACY,
  presencesOf,
  receivedDuring,
  refusalOf,
  shownHats,
  startHatServer,
  type HatAdmin,
} from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

const KB = 1024;
/* What another Prosody takes from a server, in one stanza, before it closes the stream. */
const MOST_BETWEEN_SERVERS = 512 * KB;
const EXCEEDED = "cancel/not-allowed Hats limit exceeded";

/* About 12 KB as it is sent, though URI and title are no longer than they may be. */
const longUri = (index: number): string => `urn:x:${index}:`.padEnd(1024, "'");
const longTitle = (index: number): string => `${index}`.padEnd(1024, '"');
/* Of 50 and of 20 characters. */
const usualUri = (index: number): string =>
  `urn:uuid:164c41a2-7461-4cff-bdae-${String(index).padStart(17, "0")}`;
const usualTitle = (index: number): string => `Teacher of class ${index}`.padEnd(20, "x");
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const person = (index: number): string => `somebody${String(index).padStart(4, "0")}@example.org`;

/* Gives Bob more than any limit takes, as another module may, when he becomes a member. */
const GIVES_TOO_MUCH = `
module:hook("muc-set-affiliation", function (event)
  if event.affiliation ~= "member" or not event.jid:match("^bob@") then return; end
  local hats, catalogue = {}, {};
  for i = 10, 99 do
    local uri, title = "urn:x:"..i, i..('"'):rep(1000);
    hats[uri] = { active = true; title = title };
    catalogue[uri] = { title = title };
  end
  event.room._data.hat_catalogue = catalogue;
  event.room:set_affiliation_data(event.jid, "hats", hats);
end, 10);
`;
/* For two or three hats of a letter each. */
const SMALL = [
  "muc_hats_max_hats_bytes = 400",
  "muc_hats_max_hats_per_user_bytes = 100",
  "muc_hats_max_assigned_bytes = 800",
];

/** The bytes of a stanza as Prosody sends it; here, quotation marks in texts stay as they are. */
function bytesOf(stanza: Element): number {
  return Buffer.byteLength(String(stanza)) + 5 * countUnescaped(stanza);
}
function countUnescaped(element: Element): number {
  const counts = element.children.map((child) =>
    typeof child === "string" ? child.replaceAll(/[^'"]/g, "").length : countUnescaped(child),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
function bytesOfHats(presence: Element): number[] {
  return [NS_HATS, NS_HATS_LEGACY].map((xmlns) => {
    const hats = presence.getChild("hats", xmlns)?.getChildren("hat") ?? [];
    return hats.reduce((sum, hat) => sum + bytesOf(hat), 0);
  });
}

eachServer((kind) => {
  let server: TestServer;
  let olga: TestClient;
  let bob: TestClient;
  let rooms = 0;

  async function start(settings: { otherModule?: string; lines?: readonly string[] } = {}): Promise<void> {
    server = await startHatServer({ kind, ...settings });
    await connect();
  }
  async function connect(): Promise<void> {
    for (const user of ["olga", "bob"]) await server.register(user, user);
    olga = await connectClient({ server, user: "olga" });
    bob = await connectClient({ server, user: "bob" });
  }
  const stop = (): Promise<void> => server.stop();

  interface Room {
    readonly room: string;
    readonly hats: HatAdmin;
    readonly refusal: (node: string, jidOrTitle: string, uri: string) => Promise<string>;
  }

  /** Olga's room with Olga and Bob in it, and so many other members. */
  async function newRoom(members = 0): Promise<Room> {
    const room = server.room(`room${++rooms}`);
    await olga.createRoom(room, "olga");
    await Promise.all(upTo(members).map((index) => olga.setAffiliation(room, person(index), "member")));
    await olga.setAffiliation(room, bob.bareJid, "member");
    await bob.join(room, "bob");
    const refusal: Room["refusal"] = async (node, jidOrTitle, uri) => {
      const first = node === "create" ? "hats#title" : "hats#jid";
      return refusalOf(await olga.request(hatsCommand(room, node, { [first]: jidOrTitle, "hats#uri": uri })));
    };
    return { room, hats: hatAdmin(olga, room), refusal };
  }

  const test = suite(`how long hats may get on ${kind}`);
  test.before(() => start());
  test.after(stop);

  test("one person's hats take no more than 16 KB of a presence in each namespace, however they are escaped", async () => {
    const { room, hats, refusal } = await newRoom();
    for (const index of upTo(2)) await hats.create(longUri(index), longTitle(index));
    await hats.assign(bob.bareJid, longUri(0));
    assert.is(await refusal("assign", bob.bareJid, longUri(1)), EXCEEDED);
    await hats.create("urn:x:short", "'".repeat(600));
    const received = await receivedDuring(olga, room, () => hats.assign(bob.bareJid, "urn:x:short"));
    const sizes = bytesOfHats(presencesOf(received, `${room}/bob`)[0] as Element);
    assert.ok(sizes[0] !== undefined && sizes[0] > 12 * KB, "this is what was to be counted");
    for (const size of sizes) assert.ok(size <= 16 * KB, `${size} bytes`);
    assert.is(await refusal("create", '"'.repeat(1024), "urn:x:short"), EXCEEDED, "also by its title");
    await hats.unassign(bob.bareJid, longUri(0));
    await hats.assign(bob.bareJid, longUri(1));
  });

  test("the list of a room's hats takes no more than 256 KB", async () => {
    const { room, hats, refusal } = await newRoom();
    let known = 0;
    while ((await refusal("create", longTitle(known), longUri(known))) !== EXCEEDED && known < 30) known += 1;
    assert.is(known, 21);
    const list = await olga.demand(hatsCommand(room, "list"));
    assert.ok(bytesOf(list) > 240 * KB && bytesOf(list) <= 257 * KB, `${bytesOf(list)} bytes`);
    await hats.destroy(longUri(0));
    await hats.create(longUri(known), longTitle(known));
  });

  test("a form that tells equal titles apart by URI is not too long for other servers either", async () => {
    const { room, refusal } = await newRoom();
    let known = 0;
    while ((await refusal("create", "Same", longUri(known))) !== EXCEEDED && known < 99) known += 1;
    const form = await olga.demand(hatsCommand(room, "assign"));
    assert.ok(bytesOf(form) > 400 * KB && bytesOf(form) < MOST_BETWEEN_SERVERS, `${bytesOf(form)} bytes`);
  });

  test("the list of who wears which hat takes no more than 480 KB, so that other servers take it", async () => {
    const { room, hats, refusal } = await newRoom(50);
    await hats.create(longUri(0), longTitle(0));
    let wearers = 0;
    while ((await refusal("assign", person(wearers), longUri(0))) !== EXCEEDED && wearers < 49) wearers += 1;
    assert.is(wearers, 39);
    const list = await olga.demand(hatsCommand(room, "list-assigned"));
    assert.is((await hats.listAssigned()).length, wearers, "all of them");
    assert.ok(bytesOf(list) > 460 * KB && bytesOf(list) < MOST_BETWEEN_SERVERS, `${bytesOf(list)} bytes`);
    await hats.unassign(person(0), longUri(0));
    await hats.assign(person(wearers), longUri(0));
  });

  test("a title may not make the list of who wears which hat too long either", async () => {
    const { hats, refusal } = await newRoom(90);
    await hats.create("urn:x:1", "One");
    await Promise.all(upTo(90).map((index) => hats.assign(person(index), "urn:x:1")));
    const before = await hats.listAssigned();
    assert.is(await refusal("create", longTitle(1), "urn:x:1"), EXCEEDED);
    assert.equal(await hats.list(), ["One urn:x:1"]);
    assert.equal(await hats.listAssigned(), before);
  });

  test("300 members with 3 usual hats each fit, and so does somebody with 100, and a room that knows 1000", async () => {
    const { room, hats } = await newRoom(300);
    const hue = "171.430664";
    await Promise.all(upTo(1000).map((index) => hats.create(usualUri(index), usualTitle(index), hue)));
    await Promise.all(
      upTo(900).map((index) => hats.assign(person(index % 300), usualUri(Math.floor(index / 300)))),
    );
    const received = await receivedDuring(olga, room, () =>
      Promise.all(upTo(100).map((index) => hats.assign(bob.bareJid, usualUri(index)))),
    );
    const seen = presencesOf(received, `${room}/bob`).at(-1) as Element;
    assert.is(shownHats(seen).length, 100);
    assert.is((await hats.list()).length, 1000);
    assert.is((await hats.listAssigned()).length, 1000);
  });

  test.run();

  const small = suite(`the configured lengths of hats on ${kind}`);
  small.before(() => start({ lines: SMALL }));
  small.after(stop);

  small("the lengths can be configured, each for itself", async () => {
    const { hats, refusal } = await newRoom(3);
    await hats.create("urn:x:1", "1");
    await hats.create("urn:x:2", "2");
    await hats.assign(person(0), "urn:x:1");
    await hats.assign(person(0), "urn:x:2");
    assert.is(await refusal("create", "A", "urn:x:3"), EXCEEDED, "a third hat");
    assert.is(await refusal("create", "2".repeat(40), "urn:x:2"), EXCEEDED, "a person's hats");
    await hats.assign(person(1), "urn:x:1");
    assert.is(await refusal("assign", person(2), "urn:x:1"), EXCEEDED, "a third wearer");
    await hats.unassign(person(0), "urn:x:2");
    await hats.assign(person(2), "urn:x:1");
  });

  small.run();

  const before = suite(`hats that were too long before on ${kind}`);
  before.before(() => start({ otherModule: GIVES_TOO_MUCH }));
  before.after(stop);

  before(
    "what is too long already is kept, shown as far as it fits, listed, and can be reduced",
    async () => {
      const { room } = await newRoom();
      await server.restart();
      await connect();
      await olga.join(room, "olga");
      const joined = await receivedDuring(olga, room, () => bob.join(room, "bob"));
      const hats = hatAdmin(olga, room);
      const refusal = async (title: string, uri: string): Promise<string> =>
        refusalOf(await olga.request(hatsCommand(room, "create", { "hats#title": title, "hats#uri": uri })));
      const seen = presencesOf(joined, `${room}/bob`)[0] as Element;
      for (const size of bytesOfHats(seen)) assert.ok(size <= 16 * KB, `${size} bytes`);
      assert.equal(
        seen
          .getChild("hats", NS_HATS)
          ?.getChildren("hat")
          .map(({ attrs }) => attrs.uri as string),
        ["urn:x:10", "urn:x:11"],
      );
      assert.is((await hats.list()).length, 90);
      assert.is((await hats.listAssigned()).length, 90);

      assert.is(await refusal("New", "urn:x:new"), EXCEEDED);
      assert.is(await refusal('"'.repeat(1010), "urn:x:99"), EXCEEDED);
      await hats.create("urn:x:99", "Shorter");
      await hats.unassign(bob.bareJid, "urn:x:10");
      await hats.destroy("urn:x:11");
      assert.is((await hats.listAssigned()).length, 88);
    },
  );

  before.run();
}, MODULE_KINDS);
