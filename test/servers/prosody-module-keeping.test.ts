/**
 * The Prosody companion module: what is kept with a room, for how long, and within which limits.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml, type Element } from "../../src/stanza/xml.ts";
import {
  connectClient,
  registerAndConnect,
  type RoomAffiliation,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import {
  commandOf,
  hatAdmin,
  hatsCommand,
  inOneTurn,
  MODULE_KINDS,
  presencesOf,
  receivedDuring,
  refusalOf,
  shownHats,
  startHatServer,
  withoutSaving,
  type Fields,
  type HatAdmin,
  roomWithWearer,
} from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

/* Gives Bob hats as other modules do when he becomes a member: one hidden, one shown without a title, both beside other
   data; and tells the room what is kept of somebody whenever their hats change. */
const OTHER_MODULE = `
local st = require "util.stanza";
module:hook("muc-set-affiliation", function (event)
  if event.affiliation ~= "member" or not event.jid:match("^bob@") then return; end
  event.room:set_affiliation_data(event.jid, "note", "kept");
  event.room:set_affiliation_data(event.jid, "hats", {
    ["urn:other:hidden"] = { active = false; required = true; title = "Hidden" };
    ["urn:other:bare"] = { active = true; required = true };
  });
end, 10);
module:hook("muc-set-affiliation-data/hats", function (event)
  local lines = { "note "..tostring(event.room:get_affiliation_data(event.jid, "note")) };
  if not event.value then lines[#lines + 1] = "no hats"; end
  for uri, hat in pairs(event.value or {}) do
    lines[#lines + 1] = ("%s %s %s %s"):format(uri, hat.active, hat.required, hat.title);
  end
  table.sort(lines);
  event.room:broadcast_message(st.message({ type = "groupchat"; from = event.room.jid }, table.concat(lines, "; ")));
end);
`;

/* The default of 0.12; 13 has to be told. */
const ADMINS_ARE_OWNERS = [`admins = { "carol@milliner.test" }`, "component_admins_as_room_owners = true"];
/* Rooms leave memory as soon as another one is needed. */
const ONE_ROOM_IN_MEMORY = ["muc_room_cache_size = 1"];
const LIMITS = ["muc_hats_max_hats = 3", "muc_hats_max_hats_per_user = 2", "muc_hats_max_assigned = 3"];

eachServer((kind) => {
  const test = suite(`what is kept of hats on ${kind}`);
  let server: TestServer;
  let olga: TestClient;
  let carol: TestClient;
  let rooms = 0;

  test.before(async () => {
    server = await startHatServer({ kind });
    await connect();
  });
  test.after(() => server.stop());

  async function connect(): Promise<void> {
    for (const user of ["olga", "carol"]) await server.register(user, user);
    olga = await connectClient({ server, user: "olga" });
    carol = await connectClient({ server, user: "carol" });
  }

  /** Olga's room with Olga and Carol in it, and the hats Teacher and Assistant; Carol is a member with both. */
  function newRoom(configuration = {}): Promise<{ room: string; hats: HatAdmin }> {
    return roomWithWearer(server, `room${++rooms}`, olga, carol, configuration);
  }
  const worn = (): string[] => [
    `${carol.bareJid} urn:x:a Assistant`,
    `${carol.bareJid} urn:x:t Teacher 171.430664`,
  ];
  const shown = ["Assistant urn:x:a", "Teacher urn:x:t 171.430664"];

  /** Ends the server without warning and starts it again. */
  async function crash(): Promise<void> {
    await server.kill();
    await server.start();
    await connect();
  }

  for (const [how, end] of [
    ["a restart", (): Promise<void> => server.restart().then(connect)],
    ["kill -9, as soon as a command is answered", crash],
  ] as const) {
    test(`the room's hats and who wears them survive ${how}`, async () => {
      const { room } = await newRoom();
      await end();
      const hats = hatAdmin(olga, room);
      assert.equal(await hats.list(), shown);
      assert.equal(await hats.listAssigned(), worn());
      await olga.join(room, "olga");
      const received = await receivedDuring(olga, room, () => carol.join(room, "carol"));
      assert.equal(shownHats(presencesOf(received, `${room}/carol`)[0]!), shown);
    });
  }

  test("a room that is destroyed and created anew has no hats", async () => {
    const { room } = await newRoom({ "muc#roomconfig_persistentroom": false });
    await olga.destroyRoom(room);
    await olga.createRoom(room, "olga");
    await olga.setAffiliation(room, carol.bareJid, "member");
    const hats = hatAdmin(olga, room);
    assert.equal(await hats.list(), []);
    assert.equal(await hats.listAssigned(), []);
  });

  test("a destroyed room that only its tombstone is left of has no commands", async () => {
    const { room } = await newRoom();
    await olga.destroyRoom(room);
    const refusal = refusalOf(await olga.request(hatsCommand(room, "list")));
    assert.is(refusal, "cancel/item-not-found no such room");
  });

  test("a room that is not persistent has hats as long as it lives, and needs no disk", async () => {
    const { room, hats } = await newRoom({ "muc#roomconfig_persistentroom": false });
    await withoutSaving(server, () => hats.unassign(carol.bareJid, "urn:x:a"));
    assert.equal(await hats.listAssigned(), worn().slice(1));
    await crash();
    const refusal = refusalOf(await olga.request(hatsCommand(room, "list")));
    assert.is(refusal, "cancel/item-not-found no such room");
  });

  for (const affiliation of ["none", "outcast"] satisfies RoomAffiliation[]) {
    test(`whoever becomes ${affiliation} loses their hats for good`, async () => {
      const { room, hats } = await newRoom();
      await olga.setAffiliation(room, carol.bareJid, affiliation);
      assert.equal(await hats.listAssigned(), []);
      await crash();
      await olga.setAffiliation(room, carol.bareJid, "member");
      assert.equal(await hatAdmin(olga, room).listAssigned(), []);
    });
  }

  test("whoever becomes admin, owner or member again keeps their hats, and they stay shown", async () => {
    const { room, hats } = await newRoom();
    for (const affiliation of ["admin", "owner", "member"] as const) {
      const received = await receivedDuring(olga, room, () =>
        olga.setAffiliation(room, carol.bareJid, affiliation, "because"),
      );
      const presences = presencesOf(received, `${room}/carol`);
      assert.equal(
        presences.map((presence) => shownHats(presence)),
        [shown],
        affiliation,
      );
      assert.equal(await hats.listAssigned(), worn());
    }
  });

  test("reserving a nick and giving it up again keeps the hats", async () => {
    const { room, hats } = await newRoom();
    await olga.setAffiliation(room, carol.bareJid, "admin");
    const register = (child: Element): Promise<unknown> =>
      carol.demand(
        xml("iq", { type: "set", to: room }, xml("query", { xmlns: "jabber:iq:register" }, child)),
      );
    const field = (name: string, value: string): Element =>
      xml("field", { var: name }, xml("value", {}, value));
    const form = xml(
      "x",
      { xmlns: "jabber:x:data", type: "submit" },
      field("FORM_TYPE", "http://jabber.org/protocol/muc#register"),
      field("muc#register_roomnick", "carol"),
    );
    const seen = async (child: Element): Promise<string[][]> => {
      const received = await receivedDuring(olga, room, () => register(child));
      return presencesOf(received, `${room}/carol`).map((presence) => shownHats(presence));
    };
    assert.equal(await seen(form), [shown]);
    assert.equal(await hats.listAssigned(), worn());
    assert.equal((await seen(xml("remove"))).at(-1), shown);
    assert.equal(await hats.listAssigned(), worn());
    await crash();
    assert.equal(await hatAdmin(olga, room).listAssigned(), worn());
  });

  const notSaved = "wait/resource-constraint The room could not be saved; nothing changed";

  test("a change that cannot be saved is refused, shown to nobody and taken back", async () => {
    const { room, hats } = await newRoom();
    const changes: readonly (readonly [node: string, fields: Fields])[] = [
      ["create", { "hats#uri": "urn:x:new", "hats#title": "New" }],
      ["create", { "hats#uri": "urn:x:t", "hats#title": "Professor" }],
      ["unassign", { "hats#jid": carol.bareJid, "hats#uri": "urn:x:t" }],
      ["assign", { "hats#jid": olga.bareJid, "hats#uri": "urn:x:t" }],
      ["destroy", { "hats#uri": "urn:x:t" }],
    ];
    const received = await receivedDuring(carol, room, () =>
      withoutSaving(server, async () => {
        for (const [node, fields] of changes)
          assert.is(refusalOf(await olga.request(hatsCommand(room, node, fields))), notSaved, node);
      }),
    );
    assert.equal(received.map(String), []);
    assert.equal(await hats.list(), shown);
    assert.equal(await hats.listAssigned(), worn());
    await hats.unassign(carol.bareJid, "urn:x:t");
    assert.equal(await hats.listAssigned(), worn().slice(0, 1));
  });

  test("commands that come together are each answered, shown, and kept by then", async () => {
    const { room } = await newRoom();
    const uris = ["urn:x:1", "urn:x:2", "urn:x:3"];
    const requests = uris.flatMap((uri) => [
      hatsCommand(room, "create", { "hats#uri": uri, "hats#title": uri }),
      hatsCommand(room, "assign", { "hats#uri": uri, "hats#jid": carol.bareJid }),
    ]);
    const received = await receivedDuring(carol, room, async () => {
      const answers = await inOneTurn(server, olga, requests);
      assert.equal(
        answers.map((answer) => commandOf(answer).attrs.status as string),
        requests.map(() => "completed"),
      );
    });
    const presences = presencesOf(received, `${room}/carol`);
    assert.is(presences.length, 3);
    assert.equal(shownHats(presences.at(-1)!), [...shown, ...uris.map((uri) => `${uri} ${uri}`)]);
    await crash();
    assert.is((await hatAdmin(olga, room).listAssigned()).length, 5);
  });

  test("of commands that come together and cannot be saved, none is answered as if it were", async () => {
    const { room, hats } = await newRoom();
    const create = hatsCommand(room, "create", { "hats#uri": "urn:x:new", "hats#title": "New" });
    const assign = hatsCommand(room, "assign", { "hats#uri": "urn:x:new", "hats#jid": carol.bareJid });
    const again = hatsCommand(room, "create", { "hats#uri": "urn:x:new", "hats#title": "New" });
    const retitle = hatsCommand(room, "create", { "hats#uri": "urn:x:new", "hats#title": "Newer" });
    const requests = [create, assign, again, hatsCommand(room, "list"), retitle];
    await withoutSaving(server, async () => {
      const answers = await inOneTurn(server, olga, requests);
      assert.equal(
        answers.map(refusalOf),
        requests.map(() => notSaved),
      );
    });
    assert.equal(await hats.list(), shown);
    assert.equal(await hats.listAssigned(), worn());
  });

  test("a room that is destroyed together with a command does not come back", async () => {
    const { room } = await newRoom();
    const create = hatsCommand(room, "create", { "hats#uri": "urn:x:new", "hats#title": "New" });
    const owner = xml("query", { xmlns: "http://jabber.org/protocol/muc#owner" }, xml("destroy"));
    await inOneTurn(server, olga, [create, xml("iq", { type: "set", to: room }, owner)]);
    await server.restart();
    await connect();
    const refusal = refusalOf(await olga.request(hatsCommand(room, "list")));
    assert.is(refusal, "cancel/item-not-found no such room");
  });

  test.run();

  const others = suite(`hats of other modules on ${kind}`);
  others.before(async () => {
    server = await startHatServer({ kind, otherModule: OTHER_MODULE });
    await connect();
  });
  others.after(() => server.stop());

  /** What the other module told the room. */
  const toldTo = (received: readonly Element[]): (string | null)[] =>
    received.filter(({ name }) => name === "message").map((message) => message.getChildText("body"));

  others("hats that other modules keep stay what they are when another hat comes and goes", async () => {
    const bob = await registerAndConnect({ server, user: "bob" });
    const { room, hats } = await newRoom();
    await olga.setAffiliation(room, bob.bareJid, "member");
    const kept = "note kept; urn:other:bare true true nil; urn:other:hidden false true Hidden";
    for (const [change, data] of [
      [hats.assign, `${kept}; urn:x:t true nil Teacher`],
      [hats.unassign, kept],
    ] as const) {
      const received = await receivedDuring(carol, room, () => change(bob.bareJid, "urn:x:t"));
      assert.equal(toldTo(received), [data]);
    }
    await bob.close();
  });

  others("a hat that another module hides is neither shown nor listed, and assigning shows it", async () => {
    const bob = await registerAndConnect({ server, user: "bob" });
    const { room, hats } = await newRoom();
    await olga.setAffiliation(room, bob.bareJid, "member");
    const joined = await receivedDuring(olga, room, () => bob.join(room, "bob"));
    assert.equal(shownHats(presencesOf(joined, `${room}/bob`)[0]!), ["urn:other:bare urn:other:bare"]);
    const ofBob = async (): Promise<string[]> =>
      (await hats.listAssigned()).filter((row) => row.startsWith(bob.bareJid));
    assert.equal(await ofBob(), [`${bob.bareJid} urn:other:bare urn:other:bare`]);

    const silent = await receivedDuring(carol, room, () => hats.create("urn:other:hidden", "Now known"));
    assert.equal(silent.filter(({ name }) => name === "presence").map(String), []);
    const received = await receivedDuring(carol, room, () => hats.assign(bob.bareJid, "urn:other:hidden"));
    assert.equal(shownHats(presencesOf(received, `${room}/bob`)[0]!), [
      "Now known urn:other:hidden",
      "urn:other:bare urn:other:bare",
    ]);
    await bob.close();
  });

  others("assigning a hat that another module made required leaves it so", async () => {
    const bob = await registerAndConnect({ server, user: "bob" });
    const { room, hats } = await newRoom();
    await olga.setAffiliation(room, bob.bareJid, "member");
    await hats.create("urn:other:hidden", "Known");
    const assign = (): Promise<unknown> => hats.assign(bob.bareJid, "urn:other:hidden");
    const told = toldTo(await receivedDuring(carol, room, assign));
    assert.equal(told, ["note kept; urn:other:bare true true nil; urn:other:hidden true true Known"]);
    await bob.close();
  });

  others("with the last hat the data of hats goes too", async () => {
    const { room, hats } = await newRoom();
    await hats.unassign(carol.bareJid, "urn:x:a");
    const unassign = (): Promise<unknown> => hats.unassign(carol.bareJid, "urn:x:t");
    assert.equal(toldTo(await receivedDuring(carol, room, unassign)), ["no hats; note nil"]);
  });

  others("a hat of another module can be removed and destroyed", async () => {
    const bob = await registerAndConnect({ server, user: "bob" });
    const { room, hats } = await newRoom();
    await olga.setAffiliation(room, bob.bareJid, "member");
    await hats.unassign(bob.bareJid, "urn:other:bare");
    await hats.destroy("urn:other:hidden");
    assert.equal(await hats.listAssigned(), worn());
    await bob.close();
  });

  others.run();

  const admins = suite(`server admins as owners of rooms on ${kind}`);
  admins.before(async () => {
    server = await startHatServer({ kind, lines: ADMINS_ARE_OWNERS });
    await connect();
  });
  admins.after(() => server.stop());

  admins(
    "server admins whom Prosody makes owners manage and wear hats, though no list names them",
    async () => {
      const room = server.room("ours");
      await olga.createRoom(room, "olga");
      const hats = hatAdmin(carol, room);
      await hats.create("urn:x:t", "Teacher");
      await hats.assign(carol.bareJid, "urn:x:t");
      await server.restart();
      await connect();
      assert.equal(await hatAdmin(olga, room).listAssigned(), [`${carol.bareJid} urn:x:t Teacher`]);
    },
  );

  admins.run();

  const evicted = suite(`hats of rooms that leave memory on ${kind}`);
  evicted.before(async () => {
    server = await startHatServer({ kind, lines: ONE_ROOM_IN_MEMORY });
    await connect();
  });
  evicted.after(() => server.stop());

  evicted("a room that leaves memory together with a command keeps its hats and its occupants", async () => {
    const { room, hats } = await newRoom();
    const other = await newRoom();
    const unassign = hatsCommand(room, "unassign", { "hats#uri": "urn:x:a", "hats#jid": carol.bareJid });
    await inOneTurn(server, olga, [unassign, hatsCommand(other.room, "list")]);
    assert.equal(await hats.listAssigned(), worn().slice(1));
    const received = await receivedDuring(carol, room, () => hats.unassign(carol.bareJid, "urn:x:t"));
    assert.is(presencesOf(received, `${room}/carol`).length, 1);
  });

  evicted.run();

  const limited = suite(`limits of hats on ${kind}`);
  limited.before(async () => {
    server = await startHatServer({ kind, lines: LIMITS });
    await connect();
  });
  limited.after(() => server.stop());

  limited(
    "no more hats are taken than the configuration allows, of a room, of a person, of all its people",
    async () => {
      const { room, hats } = await newRoom();
      const refusal = async (node: string, fields: Record<string, string>): Promise<string> =>
        refusalOf(await olga.request(hatsCommand(room, node, fields)));
      const exceeded = "cancel/not-allowed Hats limit exceeded";
      await hats.create("urn:x:o", "Other");
      assert.is(await refusal("create", { "hats#uri": "urn:x:p", "hats#title": "P" }), exceeded);
      await hats.create("urn:x:o", "Renamed");
      const third = { "hats#jid": carol.bareJid, "hats#uri": "urn:x:o" };
      assert.is(await refusal("assign", third), exceeded);
      await hats.assign(olga.bareJid, "urn:x:t");
      const fourth = { "hats#jid": olga.bareJid, "hats#uri": "urn:x:a" };
      assert.is(await refusal("assign", fourth), exceeded);
      await hats.unassign(carol.bareJid, "urn:x:a");
      await hats.assign(olga.bareJid, "urn:x:a");
    },
  );

  limited.run();
}, MODULE_KINDS);
