/**
 * The Prosody companion module: discovery and the six room commands (XEP-0317 0.3.1, sections 2 and 3; XEP-0050).
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml, type Element } from "../../src/stanza/xml.ts";
import { registerAndConnect, type TestClient, type TestServer } from "../../src/testing/index.ts";
import {
  commandOf,
  hatAdmin,
  hatsCommand,
  MODULE_KINDS,
  NS_COMMANDS,
  NS_DATA_FORM,
  NS_HATS,
  refusalOf,
  startHatServer,
  type Fields,
} from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

const TEACHER = "http://tech.example.edu/hats#Teacher";
const ASSISTANT = "http://tech.example.edu/hats#TeacherAssistant";
const NODES = ["assign", "create", "destroy", "list", "list-assigned", "unassign"];
const MANAGERS_ONLY = "auth/forbidden Only owners and admins manage the hats of a room";

eachServer((kind) => {
  const test = suite(`the hats commands of a room on ${kind}`);
  let server: TestServer;
  let olga: TestClient;
  let ada: TestClient;
  let bob: TestClient;
  let zoe: TestClient;
  let rooms = 0;

  test.before(async () => {
    server = await startHatServer({ kind });
    const people = ["olga", "ada", "bob", "zoe"].map((user) => registerAndConnect({ server, user }));
    [olga, ada, bob, zoe] = (await Promise.all(people)) as [TestClient, TestClient, TestClient, TestClient];
  });
  test.after(() => server.stop());

  /** Olga's room with Ada as its admin and Bob as its member; only Olga is in it. */
  async function newRoom(): Promise<string> {
    const room = server.room(`room${++rooms}`);
    await olga.createRoom(room, "olga");
    await olga.setAffiliation(room, ada.bareJid, "admin");
    await olga.setAffiliation(room, bob.bareJid, "member");
    return room;
  }

  const disco = (room: string, what: "info" | "items", node?: string): Element =>
    xml(
      "iq",
      { type: "get", to: room },
      xml("query", { xmlns: `http://jabber.org/protocol/disco#${what}`, node }),
    );
  const queryOf = (answer: Element): Element => answer.getChildElements()[0] as Element;
  const refused = async (
    person: TestClient,
    room: string,
    node: string,
    fields?: Fields,
    attributes?: Record<string, string>,
  ): Promise<string> => refusalOf(await person.request(hatsCommand(room, node, fields, attributes)));

  test("owners and admins find the six commands in the room's items, in the room or not", async () => {
    const room = await newRoom();
    for (const person of [olga, ada]) {
      const items = queryOf(await person.demand(disco(room, "items", NS_COMMANDS))).getChildren("item");
      assert.equal(
        items.map(({ attrs }) => `${attrs.jid} ${attrs.node}`),
        NODES.map((node) => `${room} urn:xmpp:hats:commands:${node}`),
      );
      assert.ok(items.every(({ attrs }) => attrs.name));
    }
  });

  test("a command's node says that it is one", async () => {
    const room = await newRoom();
    const query = queryOf(await ada.demand(disco(room, "info", "urn:xmpp:hats:commands:assign")));
    const { category, type } = query.getChild("identity")?.attrs ?? {};
    assert.equal(`${category}/${type}`, "automation/command-node");
    const features = query.getChildren("feature").map(({ attrs }) => attrs.var as string);
    assert.equal(features, [NS_COMMANDS, NS_DATA_FORM]);
  });

  test("members and strangers find no commands and no command's node", async () => {
    const room = await newRoom();
    for (const person of [bob, zoe]) {
      const items = await person.request(disco(room, "items", NS_COMMANDS));
      assert.is(refusalOf(items), "cancel/item-not-found no such command");
      const info = await person.request(disco(room, "info", "urn:xmpp:hats:commands:list"));
      assert.is(refusalOf(info), "cancel/item-not-found no such command");
    }
  });

  test("items and info that are not about commands are the room's own", async () => {
    const room = await newRoom();
    assert.is((await olga.demand(disco(room, "items"))).attrs.type, "result");
    assert.is((await olga.demand(disco(room, "info", "x-roomuser-item"))).attrs.type, "result");
  });

  test("a room names hats and commands among its features, once each", async () => {
    const room = await newRoom();
    const features = queryOf(await zoe.demand(disco(room, "info"))).getChildren("feature");
    for (const feature of [NS_HATS, NS_COMMANDS])
      assert.is(features.filter(({ attrs }) => attrs.var === feature).length, 1, feature);
  });

  test("the room's hats#hash changes with every change of its hats, and only then", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const hash = async (): Promise<string> => {
      const form = queryOf(await zoe.demand(disco(room, "info"))).getChild("x", NS_DATA_FORM);
      const field = form?.getChildren("field").find(({ attrs }) => attrs.var === "hats#hash");
      return String(field?.getChildText("value"));
    };
    const hashes = [await hash()];
    await hats.create(TEACHER, "Teacher");
    hashes.push(await hash());
    await hats.create(TEACHER, "Teacher", "120");
    hashes.push(await hash());
    await hats.create(TEACHER, "Professor", "120");
    hashes.push(await hash());
    assert.is(new Set(hashes).size, 4);
    await hats.assign(bob.bareJid, TEACHER);
    assert.is(await hash(), hashes[3]);
    await hats.destroy(TEACHER);
    assert.is(await hash(), hashes[0]);
  });

  test("only owners and admins may execute a command", async () => {
    const room = await newRoom();
    await bob.join(room, "bob");
    for (const person of [bob, zoe])
      for (const node of NODES) assert.is(await refused(person, room, node), MANAGERS_ONLY);
    const create = { "hats#uri": TEACHER, "hats#title": "Teacher" };
    assert.is(await refused(bob, room, "create", create), MANAGERS_ONLY);
    await hatAdmin(ada, room).create(TEACHER, "Teacher");
    assert.equal(await hatAdmin(olga, room).list(), [`Teacher ${TEACHER}`]);
  });

  test("who is no admin any more may execute nothing, also within a session begun before", async () => {
    const room = await newRoom();
    const begun = commandOf(await ada.demand(hatsCommand(room, "create")));
    await olga.setAffiliation(room, ada.bareJid, "member");
    const fields = { "hats#uri": TEACHER, "hats#title": "Teacher" };
    const session = { sessionid: begun.attrs.sessionid as string };
    assert.is(await refused(ada, room, "create", fields, session), MANAGERS_ONLY);
  });

  test("a room that does not exist is not created by asking it", async () => {
    const room = server.room("nowhere");
    const fields = { "hats#uri": TEACHER, "hats#title": "Teacher" };
    assert.is(await refused(olga, room, "create", fields), "cancel/item-not-found no such room");
    const items = await olga.request(disco(room, "items", NS_COMMANDS));
    assert.is(refusalOf(items), "cancel/item-not-found no such room");
    assert.ok(refusalOf(await olga.request(disco(room, "info"))).startsWith("cancel/item-not-found"));
  });

  test("an unknown command is not found", async () => {
    const room = await newRoom();
    assert.is(await refused(olga, room, "nonsense"), "cancel/item-not-found no such command");
  });

  test("execute without a form gives the form of XEP-0317 and what can be done with it", async () => {
    const room = await newRoom();
    await hatAdmin(olga, room).create(TEACHER, "Teacher");
    const expected: Record<string, string[]> = {
      create: ["hats#title text-single required", "hats#uri text-single required", "hats#hue text-single"],
      destroy: ["hats#uri list-single required"],
      assign: ["hats#jid jid-single required", "hats#uri list-single required"],
      unassign: ["hats#jid jid-single required", "hats#uri list-single required"],
    };
    for (const [node, fields] of Object.entries(expected)) {
      const command = commandOf(await olga.demand(hatsCommand(room, node, undefined, { action: "execute" })));
      assert.is(command.attrs.status, "executing");
      assert.is(command.attrs.node, `urn:xmpp:hats:commands:${node}`);
      assert.ok(command.attrs.sessionid);
      assert.is(String(command.getChild("actions")), '<actions execute="complete"><complete/></actions>');
      const form = command.getChild("x", NS_DATA_FORM) as Element;
      assert.is(form.attrs.type, "form");
      const [formType, ...others] = form.getChildren("field");
      assert.is(
        `${formType?.attrs.type} ${formType?.getChildText("value")}`,
        "hidden urn:xmpp:hats:commands",
      );
      const shown = others.map((field) =>
        [field.attrs.var, field.attrs.type, field.getChild("required")?.name].filter(Boolean).join(" "),
      );
      assert.equal(shown, fields, node);
    }
  });

  test("a form offers the room's hats by title; equal titles are told apart by their URIs", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:2", "Twin");
    await hats.create("urn:x:1", "Twin");
    await hats.create("urn:x:3", "alone");
    await hats.assign(bob.bareJid, "urn:x:2");
    const options = async (node: string): Promise<string[]> => {
      const form = commandOf(await olga.demand(hatsCommand(room, node))).getChild("x", NS_DATA_FORM);
      const field = form?.getChildren("field").find(({ attrs }) => attrs.var === "hats#uri");
      return (field?.getChildren("option") ?? []).map((o) => `${o.attrs.label}: ${o.getChildText("value")}`);
    };
    const all = ["alone: urn:x:3", "Twin (urn:x:1): urn:x:1", "Twin (urn:x:2): urn:x:2"];
    assert.equal(await options("assign"), all);
    assert.equal(await options("destroy"), all);
    assert.equal(await options("unassign"), ["Twin: urn:x:2"], "only what somebody wears can be removed");
  });

  test("with more than 100 hats a form asks for the URI itself", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    for (let i = 0; i < 101; i += 1) await hats.create(`urn:x:${i}`, `Hat ${i}`);
    const form = commandOf(await olga.demand(hatsCommand(room, "assign"))).getChild("x", NS_DATA_FORM);
    const field = form?.getChildren("field").find(({ attrs }) => attrs.var === "hats#uri");
    assert.is(`${field?.attrs.type} ${field?.getChildren("option").length}`, "text-single 0");
  });

  test("the form completes in its session, by every action that XEP-0050 has for that", async () => {
    const room = await newRoom();
    for (const action of [undefined, "execute", "complete", "next"]) {
      const begun = commandOf(await olga.demand(hatsCommand(room, "create")));
      const sessionid = begun.attrs.sessionid as string;
      const fields = {
        FORM_TYPE: "urn:xmpp:hats:commands",
        "hats#uri": `urn:x:${action}`,
        "hats#title": "T",
      };
      const attributes = action === undefined ? { sessionid } : { sessionid, action };
      const done = commandOf(await olga.demand(hatsCommand(room, "create", fields, attributes)));
      assert.is(`${done.attrs.status} ${done.attrs.sessionid === sessionid}`, "completed true");
      assert.is(done.getChild("note")?.attrs.type, "info");
    }
    assert.is((await hatAdmin(olga, room).list()).length, 4);
  });

  test("a filled form completes at once, by execute, complete or no action", async () => {
    const room = await newRoom();
    for (const attributes of [{}, { action: "execute" }, { action: "complete" }]) {
      const fields = { "hats#uri": TEACHER, "hats#title": "Teacher" };
      const done = commandOf(await olga.demand(hatsCommand(room, "create", fields, attributes)));
      assert.is(done.attrs.status, "completed");
      assert.ok(done.attrs.sessionid);
    }
  });

  test("a hat may be named by hat instead of hats#uri, as in ejabberd's forms", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create(TEACHER, "Teacher");
    await olga.demand(hatsCommand(room, "assign", { "hats#jid": bob.bareJid, hat: TEACHER }));
    assert.equal(await hats.listAssigned(), [`${bob.bareJid} ${TEACHER} Teacher`]);
    await olga.demand(hatsCommand(room, "unassign", { "hats#jid": bob.bareJid, hat: TEACHER }));
    await olga.demand(hatsCommand(room, "destroy", { hat: TEACHER }));
    assert.equal(await hats.list(), []);
  });

  test("the hats are listed by title whatever its case, then by URI", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const made = [
      ["urn:x:5", "Zeta"],
      ["urn:x:4", "beta"],
      ["urn:x:3", "Élan"],
      ["urn:x:2", "Alpha", "327.255249"],
      ["urn:x:1", "beta"],
    ] as const;
    for (const [uri, title, hue] of made) await hats.create(uri, title, hue);
    assert.equal(await hats.list(), [
      "Alpha urn:x:2 327.255249",
      "beta urn:x:1",
      "beta urn:x:4",
      "Zeta urn:x:5",
      "Élan urn:x:3",
    ]);
  });

  test("the lists have XEP-0317's columns", async () => {
    const room = await newRoom();
    const columns: Record<string, string[]> = {
      list: ["hats#title", "hats#uri", "hats#hue"],
      "list-assigned": ["hats#jid", "hats#uri", "hats#title", "hats#hue"],
    };
    for (const [node, vars] of Object.entries(columns)) {
      const command = commandOf(await olga.demand(hatsCommand(room, node)));
      assert.is(command.attrs.status, "completed");
      const result = command.getChild("x", NS_DATA_FORM) as Element;
      assert.is(result.attrs.type, "result");
      const reported = result.getChild("reported")?.getChildren("field") ?? [];
      assert.equal(
        reported.map(({ attrs }) => attrs.var as string),
        vars,
      );
      assert.is(result.getChildren("item").length, 0);
    }
  });

  test("list-assigned names everybody who wears a hat, absent or not, by JID", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create("urn:x:t", "Teacher", "10");
    await hats.create("urn:x:a", "Assistant");
    await hats.assign(olga.bareJid, "urn:x:t");
    await hats.assign(bob.bareJid, "urn:x:t");
    await hats.assign(bob.bareJid, "urn:x:a");
    await hats.assign(ada.bareJid, "urn:x:a");
    assert.equal(await hats.listAssigned(), [
      `${ada.bareJid} urn:x:a Assistant`,
      `${bob.bareJid} urn:x:a Assistant`,
      `${bob.bareJid} urn:x:t Teacher 10`,
      `${olga.bareJid} urn:x:t Teacher 10`,
    ]);
  });

  test("JIDs are prepared and made bare", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create(TEACHER, "Teacher");
    await hats.assign(`BOB@${server.domain.toUpperCase()}/phone`, TEACHER);
    assert.equal(await hats.listAssigned(), [`${bob.bareJid} ${TEACHER} Teacher`]);
    await hats.unassign(`Bob@${server.domain}/other`, TEACHER);
    assert.equal(await hats.listAssigned(), []);
  });

  test("an unknown hat cannot be assigned", async () => {
    const room = await newRoom();
    const fields = { "hats#jid": bob.bareJid, "hats#uri": TEACHER };
    const refusal = "cancel/item-not-found no such hat in this room";
    assert.is(await refused(olga, room, "assign", fields), refusal);
  });

  test("nobody but owners, admins and members can be assigned a hat", async () => {
    const room = await newRoom();
    await hatAdmin(olga, room).create(TEACHER, "Teacher");
    await olga.setAffiliation(room, "outcast@milliner.test", "outcast");
    const others = [
      zoe.bareJid,
      "outcast@milliner.test",
      "milliner.test",
      `${room}/bob`,
      "bob@elsewhere.test",
    ];
    for (const jid of others) {
      const refusal = await refused(olga, room, "assign", { "hats#jid": jid, "hats#uri": TEACHER });
      assert.is(refusal, "cancel/item-not-found user not affiliated with room", jid);
    }
    assert.equal(await hatAdmin(olga, room).listAssigned(), []);
  });

  test("removing or destroying what is not there succeeds and says that nothing changed", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    assert.is((await hats.destroy(TEACHER)).getChildText("note"), "Nothing changed.");
    assert.is((await hats.unassign(bob.bareJid, TEACHER)).getChildText("note"), "Nothing changed.");
    assert.is((await hats.unassign("nobody@nowhere.test", TEACHER)).getChildText("note"), "Nothing changed.");
  });

  const long = (start: string, length: number): string => start + "x".repeat(length - start.length);
  const BAD_VALUES: readonly (readonly [node: string, fields: Fields, problem: string])[] = [
    ["create", { "hats#uri": "urn:x:y" }, "hats#title: missing"],
    ["create", { "hats#title": "T" }, "hats#uri: missing"],
    ["create", { "hats#uri": "", "hats#title": "T" }, "hats#uri: missing"],
    ["create", { "hats#uri": "teacher", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": "//example.org/x", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": "urn:", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": "urn:a b", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": "urn:<x>", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": "urn:é", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": "1urn:x", "hats#title": "T" }, "hats#uri: not an absolute URI"],
    ["create", { "hats#uri": long("urn:", 1025), "hats#title": "T" }, "hats#uri: longer than 1024 bytes"],
    ["create", { "hats#uri": "urn:x:y", "hats#title": "  " }, "hats#title: empty"],
    ["create", { "hats#uri": "urn:x:y", "hats#title": "a\tb" }, "hats#title: has a control character"],
    ["create", { "hats#uri": "urn:x:y", "hats#title": "a\nb" }, "hats#title: has a control character"],
    ["create", { "hats#uri": "urn:x:y", "hats#title": "a\u0085b" }, "hats#title: has a control character"],
    ...["\u2028", "\u202e", "\u2066", "\u2069"].map(
      (mark) =>
        [
          "create",
          { "hats#uri": "urn:x:y", "hats#title": `a${mark}b` },
          "hats#title: has a direction character",
        ] as const,
    ),
    ["create", { "hats#uri": "urn:x:y", "hats#title": long("", 1025) }, "hats#title: longer than 1024 bytes"],
    ["create", { "hats#uri": ["urn:x:y", "urn:x:z"], "hats#title": "T" }, "hats#uri: more than one value"],
    ["create", { "hats#uri": "urn:x:y", hat: "urn:x:z", "hats#title": "T" }, "hat: not the same as hats#uri"],
    [
      "create",
      { FORM_TYPE: "urn:x", "hats#uri": "urn:x:y", "hats#title": "T" },
      "FORM_TYPE: not urn:xmpp:hats:commands",
    ],
    ...["-1", "360.1", "1e2", "0x10", "red", "nan", "inf", " 5", "5 ", ".5", "9".repeat(21)].map(
      (hue) =>
        [
          "create",
          { "hats#uri": "urn:x:y", "hats#title": "T", "hats#hue": hue },
          "hats#hue: not a number from 0 to 360",
        ] as const,
    ),
    ["assign", { "hats#uri": "urn:x:y" }, "hats#jid: missing"],
    ["assign", { "hats#jid": "bob@milliner.test" }, "hats#uri: missing"],
    ["assign", { "hats#jid": "a@b@c", "hats#uri": "urn:x:y" }, "hats#jid: not a JID"],
    ["assign", { "hats#jid": "b ob@milliner.test", "hats#uri": "urn:x:y" }, "hats#jid: not a JID"],
    ["unassign", { "hats#jid": "@x", "hats#uri": "urn:x:y" }, "hats#jid: not a JID"],
    ["destroy", {}, "hats#uri: missing"],
    ["destroy", { "hats#uri": "x" }, "hats#uri: not an absolute URI"],
  ];

  test("a bad value is refused by the name of its field, and nothing changes", async () => {
    const room = await newRoom();
    for (const [node, fields, problem] of BAD_VALUES)
      assert.is(await refused(olga, room, node, fields), `modify/bad-request+bad-payload ${problem}`);
    assert.equal(await hatAdmin(olga, room).list(), []);
  });

  test("every absolute URI, every title of one line and every hue from 0 to 360 is taken as it stands", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    const uris = [
      "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607",
      "http://[::1]:80/a?b=c&d='e'#f%20g",
      "x:__proto__",
    ];
    const titles = ["Ünïcödé 🎩 <b>&amp;", "__index", "nil"];
    const hues = ["0", "360", "171.430664"];
    for (const [i, uri] of uris.entries()) await hats.create(uri, titles[i] as string, hues[i]);
    assert.equal(new Set(await hats.list()), new Set(uris.map((uri, i) => `${titles[i]} ${uri} ${hues[i]}`)));
  });

  test("what XEP-0050 has an error for is refused with that error", async () => {
    const room = await newRoom();
    const fields = { "hats#uri": TEACHER, "hats#title": "Teacher" };
    const begin = async (): Promise<string> =>
      commandOf(await olga.demand(hatsCommand(room, "create"))).attrs.sessionid as string;
    const cases: readonly (readonly [attributes: Record<string, string>, condition: string])[] = [
      [{ action: "explode" }, "malformed-action"],
      [{ action: "prev" }, "bad-action"],
      [{ action: "next" }, "bad-action"],
      [{ action: "prev", sessionid: await begin() }, "bad-action"],
      [{ sessionid: "made-up" }, "bad-sessionid"],
      [{ sessionid: "made.up" }, "bad-sessionid"],
    ];
    for (const [attributes, condition] of cases)
      assert.is(await refused(olga, room, "create", fields, attributes), `modify/bad-request+${condition}`);
    const otherForm = hatsCommand(room, "create", fields);
    Reflect.set(commandOf(otherForm).getChild("x")?.attrs ?? {}, "type", "result");
    const refusal = refusalOf(await olga.request(otherForm));
    assert.is(refusal, "modify/bad-request+bad-payload The form is not a submitted one");
    assert.equal(await hatAdmin(olga, room).list(), []);
  });

  test("a session belongs to its requester, its room and its command", async () => {
    const room = await newRoom();
    const otherRoom = await newRoom();
    const sessionid = commandOf(await olga.demand(hatsCommand(room, "create"))).attrs.sessionid as string;
    const fields = { "hats#uri": TEACHER, "hats#title": "Teacher" };
    const wrong = "modify/bad-request+bad-sessionid";
    assert.is(await refused(ada, room, "create", fields, { sessionid }), wrong);
    assert.is(await refused(olga, otherRoom, "create", fields, { sessionid }), wrong);
    assert.is(await refused(olga, room, "destroy", { "hats#uri": TEACHER }, { sessionid }), wrong);
  });

  test("cancel ends a command and changes nothing", async () => {
    const room = await newRoom();
    const sessionid = commandOf(await olga.demand(hatsCommand(room, "create"))).attrs.sessionid as string;
    const fields = { "hats#uri": TEACHER, "hats#title": "Teacher" };
    const iq = hatsCommand(room, "create", fields, { sessionid, action: "cancel" });
    const canceled = commandOf(await olga.demand(iq));
    assert.is(`${canceled.attrs.status} ${canceled.attrs.sessionid === sessionid}`, "canceled true");
    assert.equal(await hatAdmin(olga, room).list(), []);
  });

  test("the requests of XEP-0317's examples are taken as they stand", async () => {
    const room = await newRoom();
    const hats = hatAdmin(olga, room);
    await hats.create(ASSISTANT, "Assistant", "327.255249");
    const named = { FORM_TYPE: "urn:xmpp:hats:commands", "hats#uri": ASSISTANT };
    const execute = { action: "execute" };
    await olga.demand(hatsCommand(room, "assign", { ...named, "hats#jid": bob.bareJid }));
    assert.equal(await hats.listAssigned(), [`${bob.bareJid} ${ASSISTANT} Assistant 327.255249`]);
    await olga.demand(hatsCommand(room, "unassign", { ...named, "hats#jid": bob.bareJid }, execute));
    assert.equal(await hats.listAssigned(), []);
    await olga.demand(hatsCommand(room, "destroy", named, execute));
    assert.equal(await hats.list(), []);
  });

  test.run();
}, MODULE_KINDS);
