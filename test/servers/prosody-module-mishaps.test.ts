/**
 * The Prosody companion module: what becomes of hats when rooms leave memory, cannot be loaded or cannot be saved.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml, type Element } from "../../src/stanza/xml.ts";
import {
  connectClient,
  type RoomAffiliation,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import {
  folderOfRooms,
  roomWithWearer,
  hatsCommand,
  inOneTurn,
  MODULE_KINDS,
  presencesOf,
  receivedDuring,
  refusalOf,
  startHatServer,
  withoutSaving,
  type HatAdmin,
} from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

/* Does what a message says: loads mod_muc anew in the same turn of the event loop, or puts something into the room that
   cannot be written, and takes it out again. */
const OTHER_MODULE = `
local modulemanager = require "core.modulemanager";
module:hook("muc-broadcast-message", function (event)
  local body = event.stanza:get_child_text("body");
  if body == "odd" then event.room._data.odd = print; end
  if body == "even" then event.room._data.odd = nil; end
  if body ~= "reload" then return; end
  module:add_timer(0, function ()
    modulemanager.reload(module.host, "muc");
    module:log("info", "mod_muc is loaded anew");
  end);
end);
`;
/* Rooms leave memory as soon as another one is needed. */
const ONE_ROOM_IN_MEMORY = "muc_room_cache_size = 1";
/* Root is an owner of every room, also of one that knows nobody. */
const ROOT_OWNS_ROOMS = [`admins = { "root@milliner.test" }`, "component_admins_as_room_owners = true"];
const NOT_SAVED = "wait/resource-constraint The room could not be saved; nothing changed";
const NOT_LOADED = "wait/resource-constraint The room could not be loaded";

eachServer((kind) => {
  const test = suite(`hats and mishaps on ${kind}`);
  let server: TestServer;
  let olga: TestClient;
  let carol: TestClient;
  let root: TestClient;
  let rooms = 0;

  test.before(async () => {
    server = await startHatServer({
      kind,
      otherModule: OTHER_MODULE,
      lines: [ONE_ROOM_IN_MEMORY, ...ROOT_OWNS_ROOMS],
    });
    await connect();
  });
  test.after(() => server.stop());

  async function connect(): Promise<void> {
    for (const user of ["olga", "carol", "root"]) await server.register(user, user);
    olga = await connectClient({ server, user: "olga" });
    carol = await connectClient({ server, user: "carol" });
    root = await connectClient({ server, user: "root" });
  }

  /** Olga's room with her and Carol in it; Carol is a member and wears Teacher and Assistant. */
  function newRoom(configuration = {}): Promise<{ room: string; hats: HatAdmin }> {
    return roomWithWearer(server, `room${++rooms}`, olga, carol, configuration);
  }
  const worn = (): string[] => [
    `${carol.bareJid} urn:x:a Assistant`,
    `${carol.bareJid} urn:x:t Teacher 171.430664`,
  ];
  const unassign = (room: string, uri: string): ReturnType<typeof hatsCommand> =>
    hatsCommand(room, "unassign", { "hats#jid": carol.bareJid, "hats#uri": uri });

  const say = (room: string, text: string): Element =>
    xml("message", { to: room, type: "groupchat" }, xml("body", {}, text));

  test("who is in a room stays in it when mod_muc is loaded anew together with a command", async () => {
    const { room, hats } = await newRoom();
    server.freeze();
    await olga.send(say(room, "reload"));
    const answer = olga.demand(unassign(room, "urn:x:a"));
    await olga.send(xml("presence"));
    server.thaw();
    await Promise.all([answer, server.untilLogged(/mod_muc is loaded anew/)]);
    assert.equal(await hats.listAssigned(), worn().slice(1));
    const received = await receivedDuring(carol, room, () => hats.unassign(carol.bareJid, "urn:x:t"));
    assert.is(presencesOf(received, `${room}/carol`).length, 1);
  });

  test("a hat that was removed in a room that is not persistent does not come back with a crash", async () => {
    const { room, hats } = await newRoom({ "muc#roomconfig_persistentroom": false });
    await newRoom();
    assert.equal(await hats.listAssigned(), worn(), "the room has left memory and come back");
    await hats.unassign(carol.bareJid, "urn:x:t");
    await server.kill();
    await server.start();
    await connect();
    const refusal = refusalOf(await olga.request(hatsCommand(room, "list-assigned")));
    assert.is(refusal, "cancel/item-not-found no such room");
  });

  for (const affiliation of ["none", "outcast"] satisfies RoomAffiliation[]) {
    test(`whoever becomes ${affiliation} gets no hats back when a command of the same moment cannot be saved`, async () => {
      const { room, hats } = await newRoom();
      const item = xml("item", { jid: carol.bareJid, affiliation });
      const query = xml("query", { xmlns: "http://jabber.org/protocol/muc#admin" }, item);
      await withoutSaving(server, async () => {
        const requests = [
          unassign(room, "urn:x:a"),
          unassign(room, "urn:x:t"),
          xml("iq", { type: "set", to: room }, query),
        ];
        const [first, second, changed] = await inOneTurn(server, olga, requests);
        for (const answer of [first, second]) assert.is(refusalOf(answer as Element), NOT_SAVED);
        assert.is(changed?.attrs.type, "result");
      });
      assert.equal(await hats.listAssigned(), []);
      await olga.setAffiliation(room, carol.bareJid, "member");
      assert.equal(await hats.listAssigned(), []);
    });
  }

  test("a room that cannot be loaded refuses its commands, lists too, whoever asks, until it can be", async () => {
    const { room, hats } = await newRoom();
    await newRoom();
    const file = join(folderOfRooms(server), `room${rooms - 1}.dat`);
    const whole = await readFile(file);
    await writeFile(file, "return {");
    const create = hatsCommand(room, "create", { "hats#uri": "urn:x:n", "hats#title": "New" });
    for (const person of [olga, root])
      for (const request of [create, hatsCommand(room, "list"), unassign(room, "urn:x:t")])
        assert.is(refusalOf(await person.request(request)), NOT_LOADED);
    await writeFile(file, whole);
    assert.equal(await hats.listAssigned(), worn());
  });

  test("a change is refused and taken back also when saving breaks off in the middle", async () => {
    const { room, hats } = await newRoom();
    await olga.send(say(room, "odd"));
    assert.is(refusalOf(await olga.request(unassign(room, "urn:x:t"))), NOT_SAVED);
    await olga.send(say(room, "even"));
    assert.equal(await hats.listAssigned(), worn());
    await hats.unassign(carol.bareJid, "urn:x:t");
  });

  test.run();
}, MODULE_KINDS);
