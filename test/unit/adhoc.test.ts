/** What goes out for what comes in: every IQ is answered once, by whoever it is for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import type { Occupant } from "../../src/core/occupant.ts";
import { capsVer } from "../../src/stanza/caps.ts";
import { parseDiscoInfo, parseDiscoItems } from "../../src/stanza/disco.ts";
import {
  NS_COMMANDS,
  NS_DISCO_INFO,
  NS_DISCO_ITEMS,
  NS_MILLINER,
  NS_PING,
  NS_VERSION,
} from "../../src/stanza/namespaces.ts";
import { ENGLISH_SPEAKER, parseStanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, elements, xml } from "../../src/stanza/xml.ts";
import { commandRoute } from "../../src/xmpp/answers/adhoc.ts";
import { botCaps, botInfo, discoRoutes } from "../../src/xmpp/answers/disco-responder.ts";
import { answerIqs } from "../../src/xmpp/answers/iq-responder.ts";
import { isInRoom } from "../../src/xmpp/answers/requester.ts";
import { submission } from "../support/engine.ts";
import { type HatDesk, openHatDesk, TEAM } from "../support/hat-desk.ts";
import { Wire } from "../support/wire.ts";

const BOT = "hats@example.org/milliner";
const SOFTWARE = { name: "Milliner", version: "1.2.3" };
const ALICE = "alice@example.org/desk";

interface Context {
  at: HatDesk;
  wire: Wire;
  errors: unknown[];
  endOccupancy: (room: string, nick: string) => void;
  /** Nicks that the room says are not theirs any more who had them. */
  gone: Set<string>;
}

const test = suite<Context>("IQs that come in");

test.before.each(async (context) => {
  const at = await openHatDesk();
  const wire = new Wire(BOT);
  const errors: unknown[] = [];
  const gone = new Set<string>();
  let endOccupancy: (room: RoomJid, nick: string) => void = () => undefined;
  const rooms = {
    isRoomService: (domain: string) => at.rooms.rooms().some((room) => room.endsWith(`@${domain}`)),
    requester(address: string) {
      const [room = "", nick = ""] = address.split("/");
      const occupant = at.rooms.occupants(room as RoomJid).find((known: Occupant) => known.nick === nick);
      return occupant && { kind: "occupant" as const, room: room as RoomJid, occupant };
    },
    hasNick: ({ occupant }: { occupant: Occupant }) => !gone.has(occupant.nick),
    status: () => ({ nick: "hats" }) as never,
    on: (_: string, listener: never) => {
      endOccupancy = listener;
    },
  };
  const routes = [
    commandRoute(at.engine, rooms),
    ...discoRoutes({ engine: at.engine, rooms, stream: wire, software: SOFTWARE }),
  ];
  const failing = {
    type: "get",
    name: "bug",
    ns: "urn:bug",
    answer: () => Promise.reject(new Error("secret")),
  } as const;
  const huge = {
    type: "get",
    name: "huge",
    ns: "urn:huge",
    answer: () => xml("huge", {}, "x".repeat(300_000)),
  } as const;
  const log = { ...silentLog, error: (fields: object) => errors.push(fields) };
  const english = (): typeof ENGLISH_SPEAKER => ENGLISH_SPEAKER;
  answerIqs(wire, [...routes, failing, huge], log, english, (address) => isInRoom(rooms, address));
  Object.assign(context, {
    at,
    wire,
    errors,
    gone,
    endOccupancy: (room: RoomJid, nick: string) => endOccupancy(room, nick),
  });
});
test.after.each(({ at }) => at.close());

const iq = (type: string, payload?: Element | Element[], from: string | undefined = ALICE) =>
  xml("iq", { type, from, to: BOT, id: "i1" }, payload);
const ask = (wire: Wire, ns: string, node?: string, from?: string) =>
  wire.exchange(iq("get", xml("query", { xmlns: ns, node }), from));
const command = (attributes: Record<string, string>, form?: Record<string, string>) =>
  xml("command", { xmlns: NS_COMMANDS, ...attributes }, form && submission(form));
const errorIn = (answer: Element) => {
  const { type, condition } = parseStanzaError(answer);
  return `${answer.attrs["type"]} ${type}/${condition}`;
};

test("a ping is answered, also the server's own", async ({ wire }) => {
  const ping = () => xml("ping", { xmlns: NS_PING });
  const answer = await wire.exchange(iq("get", ping()));
  assert.is(answer.toString(), `<iq type="result" to="${ALICE}" id="i1"/>`);
  const own = await wire.exchange(xml("iq", { type: "get", id: "s1" }, ping()));
  assert.is(own.toString(), '<iq type="result" id="s1"/>');
});

test("the version names the program and nothing of the machine", async ({ wire }) => {
  const [query] = elements(await ask(wire, NS_VERSION));
  assert.is(
    query?.toString(),
    `<query xmlns="${NS_VERSION}"><name>Milliner</name><version>1.2.3</version></query>`,
  );
});

test("what nobody answers is service-unavailable, get and set", async ({ wire }) => {
  for (const type of ["get", "set"]) {
    const answer = await wire.exchange(iq(type, xml("query", { xmlns: "urn:unknown" })));
    assert.is(errorIn(answer), "error cancel/service-unavailable");
    assert.is(answer.attrs["id"], "i1");
  }
});

test("a known payload with the wrong type is service-unavailable", async ({ wire }) => {
  assert.is(
    errorIn(await wire.exchange(iq("get", command({ node: "list-hats" })))),
    "error cancel/service-unavailable",
  );
  assert.is(
    errorIn(await wire.exchange(iq("set", xml("ping", { xmlns: NS_PING })))),
    "error cancel/service-unavailable",
  );
});

test("an IQ with no payload, or with two, is a bad request", async ({ wire }) => {
  assert.is(errorIn(await wire.exchange(iq("get"))), "error modify/bad-request");
  const two = [xml("ping", { xmlns: NS_PING }), xml("ping", { xmlns: NS_PING })];
  assert.is(errorIn(await wire.exchange(iq("get", two))), "error modify/bad-request");
});

test("results, errors, messages and presences are not answered", async ({ wire }) => {
  for (const type of ["result", "error"]) wire.receive(iq(type, xml("ping", { xmlns: NS_PING })));
  wire.receive(xml("message", { from: ALICE, type: "get" }, xml("ping", { xmlns: NS_PING })));
  wire.receive(xml("presence", { from: ALICE }));
  await wire.exchange(iq("get", xml("ping", { xmlns: NS_PING })));
  assert.is(wire.sent.length, 1);
});

test("a bug is answered without its text, and logged with it", async ({ wire, errors }) => {
  const answer = await wire.exchange(iq("get", xml("bug", { xmlns: "urn:bug" })));
  assert.is(errorIn(answer), "error cancel/internal-server-error");
  assert.not.match(answer.toString(), /secret/);
  assert.is((errors[0] as { err: Error }).err.message, "secret");
});

test("an answer too large to send becomes an error, and the stream lives", async ({ wire, errors }) => {
  const answer = await wire.exchange(iq("get", xml("huge", { xmlns: "urn:huge" })));
  assert.is(errorIn(answer), "error cancel/internal-server-error");
  assert.is(errors.length, 1);
});

test("an id that leaves no room for an answer has none, and nothing of it is logged", async ({
  wire,
  errors,
}) => {
  const ping = (id: string) =>
    xml("iq", { type: "get", from: ALICE, to: BOT, id }, xml("ping", { xmlns: NS_PING }));
  wire.receive(ping("'".repeat(60_000)));
  const answer = await wire.exchange(ping("i2"));
  assert.is(answer.attrs["id"], "i2");
  assert.equal(errors, []);
});

test("of an id that is logged only the beginning is", async ({ wire, errors }) => {
  const id = "i".repeat(60_000);
  await wire.exchange(
    xml("iq", { type: "get", from: ALICE, to: BOT, id }, xml("huge", { xmlns: "urn:huge" })),
  );
  assert.is(errors.length, 1);
  assert.ok(JSON.stringify(errors).length < 1_000);
});

test("an answer that is there while the stream is interrupted goes out once the session goes on", async ({
  wire,
}) => {
  wire.interrupt();
  wire.receive(iq("get", xml("ping", { xmlns: NS_PING })));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(wire.sent, []);
  for (let time = 0; time < 2; time += 1) {
    wire.resume();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(wire.sent.map(String), [`<iq type="result" to="${ALICE}" id="i1"/>`]);
    wire.interrupt();
  }
});

test("an answer to an occupant does not wait: the nick may be somebody else's by then", async ({ wire }) => {
  wire.interrupt();
  wire.receive(iq("get", xml("ping", { xmlns: NS_PING }), `${TEAM}/alice`));
  await new Promise((resolve) => setImmediate(resolve));
  wire.resume();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(wire.sent, []);
});

test("nor is it sent again where it went out and the server did not get it", async ({ wire }) => {
  const send = wire.send.bind(wire);
  const may: (boolean | undefined)[] = [];
  wire.send = (stanza: Element, mayWait?: () => boolean) => {
    may.push(mayWait?.());
    return send(stanza);
  };
  for (const from of [`${TEAM}/alice`, ALICE]) {
    await wire.exchange(iq("get", xml("ping", { xmlns: NS_PING }), from));
  }
  assert.equal(may, [false, true]);
});

test("an answer to what was asked in a session that ended is dropped", async ({ wire }) => {
  wire.interrupt();
  wire.receive(iq("get", xml("ping", { xmlns: NS_PING })));
  await new Promise((resolve) => setImmediate(resolve));
  wire.comeOnline();
  wire.interrupt();
  wire.resume();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(wire.sent, []);
});

test("disco#info: a bot, with all it can; at the node of its caps too", async ({ wire }) => {
  const [query] = elements(await ask(wire, NS_DISCO_INFO));
  const info = parseDiscoInfo(query!);
  assert.equal(info.identities, [{ category: "client", type: "bot", name: "Milliner" }]);
  for (const feature of [NS_COMMANDS, NS_DISCO_INFO, NS_DISCO_ITEMS, NS_PING, NS_VERSION, "jabber:x:data"]) {
    assert.ok(info.features.includes(feature), feature);
  }
  const { node, ver, hash } = botCaps(SOFTWARE).attrs as Record<string, string>;
  assert.equal([node, hash, ver], [NS_MILLINER, "sha-1", capsVer(info)]);
  const [verified] = elements(await ask(wire, NS_DISCO_INFO, `${node}#${ver}`));
  assert.equal(parseDiscoInfo(verified!), botInfo(SOFTWARE));
  assert.is(verified?.attrs["node"], `${node}#${ver}`);
});

test("disco#info at a command is automation/command-node, with its name", async ({ wire }) => {
  const [query] = elements(await ask(wire, NS_DISCO_INFO, "add-user-hat"));
  assert.equal(parseDiscoInfo(query!).identities, [
    { category: "automation", type: "command-node", name: "Give a hat" },
  ]);
  const [list] = elements(await ask(wire, NS_DISCO_INFO, NS_COMMANDS));
  assert.equal(parseDiscoInfo(list!).identities, [{ category: "automation", type: "command-list" }]);
});

test("disco#info at a command that somebody may not run is item-not-found, as for none at all", async ({
  wire,
}) => {
  for (const [node, from] of [
    ["add-user-hat", "bob@example.org/x"],
    ["add-user-hat", "eve@example.org/x"],
    ["nothing", ALICE],
  ] as const) {
    assert.is(errorIn(await ask(wire, NS_DISCO_INFO, node, from)), "error cancel/item-not-found");
  }
});

test("disco#items lists what this person may run, at the bot's full JID", async ({ wire }) => {
  const listed = async (from: string) => {
    const [query] = elements(await ask(wire, NS_DISCO_ITEMS, NS_COMMANDS, from));
    return parseDiscoItems(query!).map(({ jid, node }) => `${jid} ${node}`);
  };
  const ofAlice = await listed(ALICE);
  const ofBob = await listed("bob@example.org/x");
  assert.ok(ofAlice.includes(`${BOT} add-user-hat`));
  assert.ok(ofBob.includes(`${BOT} list-hats`));
  assert.not.ok(ofBob.includes(`${BOT} add-user-hat`));
  assert.not.ok(ofAlice.includes(`${BOT} manage-room`));
  assert.equal(await listed("eve@example.org/x"), []);
});

test("disco#items through a room lists under the bot's place there, for occupants", async ({ at, wire }) => {
  at.rooms.enter(TEAM, { nick: "Bo", affiliation: "member" });
  const [query] = elements(await ask(wire, NS_DISCO_ITEMS, NS_COMMANDS, `${TEAM}/Bo`));
  assert.equal([...new Set(parseDiscoItems(query!).map(({ jid }) => jid))], [`${TEAM}/hats`]);
  const [unknown] = elements(await ask(wire, NS_DISCO_ITEMS, NS_COMMANDS, `${TEAM}/nobody`));
  assert.equal(parseDiscoItems(unknown!), []);
});

test("disco#items elsewhere is empty, and at an unknown node item-not-found", async ({ wire }) => {
  const [query] = elements(await ask(wire, NS_DISCO_ITEMS));
  assert.equal(parseDiscoItems(query!), []);
  assert.is(errorIn(await ask(wire, NS_DISCO_ITEMS, "urn:unknown")), "error cancel/item-not-found");
});

test("a command is answered to whoever sent it, under its id", async ({ wire }) => {
  const answer = await wire.exchange(iq("set", command({ node: "list-hats" }, { room: TEAM })));
  const { type, to, id } = answer.attrs as Record<string, string>;
  assert.equal([type, to, id], ["result", ALICE, "i1"]);
  assert.is(elements(answer)[0]?.attrs["status"], "completed");
});

test("a command from nobody, from a server or from a stranger in a room is forbidden", async ({
  at,
  wire,
}) => {
  at.rooms.enter(TEAM, { nick: "Bo", affiliation: "owner" });
  const froms = [
    undefined,
    "",
    "example.org",
    "@",
    "a@b@c",
    TEAM,
    `${TEAM}/nobody`,
    `${TEAM}/bo`,
    "other@rooms.example.org/Bo",
  ];
  for (const from of froms) {
    const stanza = xml(
      "iq",
      { type: "set", to: BOT, id: "i1", from },
      command({ node: "list-hats" }, { room: TEAM }),
    );
    assert.is(errorIn(await wire.exchange(stanza)), "error cancel/forbidden", String(from));
  }
});

test("somebody whose nick is an admin's name has no rights by it", async ({ at, wire }) => {
  at.rooms.enter(TEAM, { nick: "alice@example.org", affiliation: "none", role: "moderator" });
  at.rooms.enter(TEAM, { nick: "ops", affiliation: "none", realJid: "ops@example.org" });
  for (const nick of ["alice@example.org", "ops"]) {
    const stanza = iq("set", command({ node: "list-hats" }), `${TEAM}/${nick}`);
    assert.is(errorIn(await wire.exchange(stanza)), "error cancel/forbidden");
  }
});

test("an affiliation that was given through a room's address counts for nobody", async ({ at, wire }) => {
  at.rooms.add(TEAM, { ["other@rooms.example.org" as BareJid]: "owner" });
  const stanza = iq("set", command({ node: "list-hats" }, { room: TEAM }), "other@rooms.example.org/x");
  assert.is(errorIn(await wire.exchange(stanza)), "error cancel/forbidden");
});

test("when an occupancy ends, so does what it began", async ({ at, wire, endOccupancy }) => {
  at.rooms.enter(TEAM, { nick: "Al", affiliation: "owner" });
  const begun = await wire.exchange(iq("set", command({ node: "add-user-hat" }), `${TEAM}/Al`));
  const sessionid = String(elements(begun)[0]?.attrs["sessionid"]);
  endOccupancy(TEAM, "Al");
  const submitted = command({ node: "add-user-hat", sessionid }, { user: "bob@example.org", title: "T" });
  const answer = await wire.exchange(iq("set", submitted, `${TEAM}/Al`));
  assert.is(parseStanzaError(answer).application, "session-expired");
  assert.equal(at.hats("bob@example.org"), {});
});

test("a command from a nick that the room says is somebody else's by now is forbidden", async ({
  at,
  wire,
  gone,
}) => {
  at.rooms.enter(TEAM, { nick: "Al", affiliation: "owner" });
  const list = () => wire.exchange(iq("set", command({ node: "list-hats" }), `${TEAM}/Al`));
  assert.is((await list()).attrs["type"], "result");
  gone.add("Al");
  assert.is(errorIn(await list()), "error cancel/forbidden");
});

test("a form that cannot be read is bad-payload", async ({ wire }) => {
  const twice = command({ node: "list-hats" }, { room: TEAM });
  twice.append(submission({ room: TEAM }));
  const answer = await wire.exchange(iq("set", twice));
  assert.is(parseStanzaError(answer).application, "bad-payload");
});

test("one person's spellings of their address are one person", async ({ at, wire }) => {
  const begun = await wire.exchange(iq("set", command({ node: "add-user-hat" }), ALICE));
  const sessionid = String(elements(begun)[0]?.attrs["sessionid"]);
  const submitted = command({ node: "add-user-hat", sessionid }, { user: "bob@example.org", title: "T" });
  const answer = await wire.exchange(iq("set", submitted, "ＡLICE@Example.ORG./desk"));
  assert.is(elements(answer)[0]?.attrs["status"], "completed");
  assert.is(Object.keys(at.hats("bob@example.org")).length, 1);
});

test.run();
