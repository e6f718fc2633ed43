/** The chat over the stream: whose words are for the bot, where its answers go, and that programs cannot keep it talking. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Heard } from "../../src/commands/chat/chat.ts";
import type { Source } from "../../src/commands/engine/engine.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import type { Element } from "../../src/stanza/xml.ts";
import { answerChats } from "../../src/xmpp/answers/chat-responder.ts";
import { chatOver } from "../support/chatter.ts";
import { occupant } from "../support/engine.ts";
import { type HatDesk, openHatDesk, TEAM } from "../support/hat-desk.ts";
import { ScriptedStream } from "../support/scripted-stream.ts";
import { parseStanzas } from "../support/xml-text.ts";

const test = suite("the chat over the stream");

const ROOM = "team@rooms.milliner.test" as RoomJid;
const BOT = "bot@milliner.test";

/* A room in which the bot is `hats`, and alice and bob are. */
class OneRoom {
  state: "joining" | "ready" | "suspended" = "ready";
  readonly ended: ((room: RoomJid, nick: string) => void)[] = [];
  isRoomService = (domain: string): boolean => domain === "rooms.milliner.test";
  requester(address: string): Extract<Source["requester"], { kind: "occupant" }> | undefined {
    const nick = address.slice(ROOM.length + 1);
    const { requester } = occupant(ROOM, nick, { occupantId: `id of ${nick}` });
    return ["hats", "alice", "bob"].includes(nick) && requester.kind === "occupant" ? requester : undefined;
  }
  readonly gone = new Set<string>();
  hasNick = async (requester: { occupant: { nick: string } }) => !this.gone.has(requester.occupant.nick);
  status = () => ({ state: this.state, nick: "hats" });
  on = (_name: string, listener: (room: RoomJid, nick: string) => void) => this.ended.push(listener);
}

function open(answerOf: (heard: Heard) => string | undefined = ({ text }) => `you said: ${text}`) {
  const stream = new ScriptedStream();
  const rooms = new OneRoom();
  const heard: (Heard & { readonly address: string })[] = [];
  const ended: string[] = [];
  const bugs: unknown[] = [];
  const answering = answerChats({
    stream,
    rooms: rooms as never,
    chat: {
      async hear(source, said) {
        heard.push({ ...said, address: source.address });
        const text = answerOf(said);
        return text === undefined ? undefined : { text, lang: "en" };
      },
      endOccupancy: (address) => ended.push(address),
    },
    log: { info: () => undefined, warn: () => undefined, error: (fields) => bugs.push(fields) },
  });
  return {
    stream,
    rooms,
    heard,
    ended,
    bugs,
    get: async (text: string): Promise<Element[]> => {
      const before = stream.sent.length;
      for (const stanza of parseStanzas(text)) stream.tell("stanza", stanza);
      await answering.untilAnswered();
      assert.equal(stream.failures, []);
      return stream.sent.slice(before);
    },
  };
}

const message = (attributes: string, body = "who") => `<message ${attributes}><body>${body}</body></message>`;

test("whoever writes to the bot is answered at the address they wrote from, by the type they wrote with", async () => {
  const { get, heard } = open();
  const [answer, ...others] = await get(message(`type='chat' from='alice@milliner.test/phone' to='${BOT}'`));
  assert.is(others.length, 0);
  assert.match(
    String(answer),
    /^<message to="alice@milliner.test\/phone" id="[^"]{36}" type="chat" xml:lang="en">/,
  );
  assert.is(answer?.getChildText("body"), "you said: who");
  const [single] = await get(message("from='alice@milliner.test/phone'"));
  assert.is(single?.attrs["type"], undefined);
  assert.equal(
    heard.map(({ address }) => address),
    ["alice@milliner.test/phone", "alice@milliner.test/phone"],
  );
});

test("a private message through the room is answered through the room", async () => {
  const { get, heard } = open();
  const [answer] = await get(message(`type='chat' from='${ROOM}/alice'`));
  assert.is(answer?.attrs["to"], `${ROOM}/alice`);
  assert.ok(answer?.getChild("x", "http://jabber.org/protocol/muc#user"));
  assert.is(heard[0]?.address, `${ROOM}/alice`);
});

const IGNORED: Readonly<Record<string, string>> = {
  "without a sender": message("type='chat'"),
  "from the server": message("type='chat' from='milliner.test'"),
  "from the room itself": message(`type='chat' from='${ROOM}'`),
  "from the service of the rooms": message("type='chat' from='x@rooms.milliner.test/y'"),
  "from a nick that nobody has": message(`type='chat' from='${ROOM}/carol'`),
  "from its own session": message(`type='chat' from='${BOT}/milliner'`),
  "from its own account": message(`type='chat' from='${BOT}'`),
  "from its own account, spelt otherwise": message("type='chat' from='BOT@Milliner.Test'"),
  "from its own nick in private": message(`type='chat' from='${ROOM}/hats'`),
  "from its own nick": message(`type='groupchat' from='${ROOM}/hats'`, "hats: who"),
  "to everybody, without its nick": message(`type='groupchat' from='${ROOM}/alice'`),
  "to everybody, about it": message(`type='groupchat' from='${ROOM}/alice'`, "hats are nice"),
  "to everybody, with its nick later": message(`type='groupchat' from='${ROOM}/alice'`, "bob: ask hats: who"),
  "to another nick that begins like its own": message(
    `type='groupchat' from='${ROOM}/alice'`,
    "hatstand: who",
  ),
  "to another nick with a mark": message(`type='groupchat' from='${ROOM}/alice'`, "@hatstand who"),
  "to everybody, of a type that only rooms send": message(
    "type='groupchat' from='eve@far.example/x'",
    "hats: who",
  ),
  "a refusal": message(`type='error' from='alice@milliner.test/phone'`),
  "a headline": message(`type='headline' from='alice@milliner.test/phone'`),
  "an encrypted one to everybody": `<message type='groupchat' from='${ROOM}/alice'><encrypted xmlns='urn:xmpp:omemo:2'><payload/></encrypted><body>hats: x</body></message>`,
  "no message at all": `<presence from='alice@milliner.test/phone'/>`,
};

for (const [what, stanza] of Object.entries(IGNORED)) {
  test(`a message ${what} is not answered`, async () => {
    const { get, heard } = open();
    assert.equal(await get(stanza), []);
    assert.equal(heard, []);
  });
}

test("nothing from a room is answered before the bot serves it", async () => {
  const { get, rooms } = open();
  for (const state of ["joining", "suspended"] as const) {
    rooms.state = state;
    assert.equal(await get(message(`type='chat' from='${ROOM}/alice'`)), []);
    assert.equal(await get(message(`type='groupchat' from='${ROOM}/alice'`, "hats: who")), []);
  }
  rooms.state = "ready";
  assert.is((await get(message(`type='chat' from='${ROOM}/alice'`))).length, 1);
});

test("what is said to its nick in the room is answered to that occupant alone", async () => {
  const { get } = open();
  for (const [said, understood] of [
    ["hats: give bob Teacher", "give bob Teacher"],
    ["HATS, who", "who"],
    ["hats : who", "who"],
    ["@hats who", "who"],
    ["@hats: who", "who"],
    ["hats:", "?"],
    ["@hats", "?"],
  ] as const) {
    const [answer, ...others] = await get(message(`type='groupchat' from='${ROOM}/alice'`, said));
    assert.equal([answer?.attrs["to"], answer?.attrs["type"]], [`${ROOM}/alice`, "chat"], said);
    assert.is(answer?.getChildText("body"), `you said: ${understood}`);
    assert.is(others.length, 0);
  }
});

/* ejabberd does not tell who comes and goes in a room of more than a thousand. */
test("who has the nick of somebody else untold is nobody, by the occupant-id that the room writes", async () => {
  const { get } = open();
  const said = (...ids: readonly string[]): string =>
    `<message type='chat' from='${ROOM}/alice'><body>who</body>${ids
      .map((id) => `<occupant-id xmlns='urn:xmpp:occupant-id:0' id='${id}'/>`)
      .join("")}</message>`;
  assert.is((await get(said("id of alice"))).length, 1);
  assert.is((await get(said("id of mallory"))).length, 0);
  assert.is((await get(said("id of alice", "id of mallory"))).length, 0);
});

test("a nick that the room says is somebody else's by now is nobody's, unless the occupant-id proves whose it is", async () => {
  const { get, rooms } = open();
  rooms.gone.add("alice");
  const said = (more: string): string =>
    `<message type='chat' from='${ROOM}/alice'><body>who</body>${more}</message>`;
  assert.is((await get(said(""))).length, 0);
  assert.is((await get(said("<occupant-id xmlns='urn:xmpp:occupant-id:0' id='id of alice'/>"))).length, 1);
});

test("the end of an occupancy ends its dialogue", () => {
  const { rooms, ended } = open();
  for (const listener of rooms.ended) listener(ROOM, "alice");
  assert.equal(ended, [`${ROOM}/alice`]);
});

test("an answer waits for a session that goes on, and is lost with one that does not, which is no bug", async () => {
  const { get, stream, bugs } = open();
  for (const [event, from, count] of [
    ["resumed", "alice@milliner.test/phone", 1],
    ["online", "alice@milliner.test/phone", 0],
    /* The nick may be somebody else's by then. */
    ["resumed", `${ROOM}/alice`, 0],
  ] as const) {
    stream.tell("offline", "test", true);
    assert.equal(await get(message(`type='chat' from='${from}'`)), []);
    stream.sent.splice(0);
    if (event === "online") stream.tell("online", BOT);
    else stream.tell("resumed");
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(stream.sent.length, count, event);
  }
  assert.equal(bugs, []);
});

/* Two programs that answer each other; `first` begins. Gives how many messages there were until silence, 500 at most. */
async function converse(
  first: string,
  alice: (text: string) => Promise<string>,
  bob: (text: string) => Promise<string>,
): Promise<number> {
  let text = first;
  for (let count = 1; count <= 500; count += 1) {
    text = await (count % 2 === 1 ? bob : alice)(text);
    if (text === "") return count;
  }
  return 500;
}

const asBot = (desk: HatDesk) => {
  desk.rooms.change(TEAM, "bot@example.org" as never, "owner");
  const { say } = chatOver(desk, 100);
  return (text: string) =>
    say(
      { requester: { kind: "account", jid: "bot@example.org" as never }, address: "bot@example.org/x" },
      text,
    );
};

test("two desks do not answer each other's answers", async () => {
  const { get } = open();
  const [answer] = await get(message("type='chat' from='alice@milliner.test/phone'"));
  const { get: getOther, heard } = open();
  if (answer !== undefined) answer.attrs["from"] = "other@milliner.test/milliner";
  assert.equal(await getOther(String(answer)), []);
  assert.equal(heard, []);
});

test("two desks whose answers lost their mark on the way fall silent nevertheless", async () => {
  const [one, other] = [await openHatDesk(), await openHatDesk()];
  for (const first of ["hello", "help", "who", "give", "undo", "yes", "cancel"]) {
    const count = await converse(first, asBot(one), asBot(other));
    assert.ok(count < 20, `${first}: ${count}`);
  }
  await Promise.all([one.close(), other.close()]);
});

test("programs of other kinds do not keep it talking", async () => {
  const desk = await openHatDesk();
  let said = 0;
  const others: Readonly<Record<string, (text: string) => string>> = {
    "one that repeats everything": (text) => text,
    "one that quotes everything": (text) => `You said: ${text}`,
    "one that always says the same": () => "Sorry, I am a bot.",
    "one that always says help": () => "help",
    "one that says something else each time": () => `What is ${(said += 1)}?`,
    "one that apologises, then tries": () => ((said += 1) % 2 === 0 ? "help" : `Sorry ${said}`),
    "one that asks who": () => "who",
  };
  for (const [what, other] of Object.entries(others)) {
    const count = await converse("help", async (text) => other(text), asBot(desk));
    assert.ok(count < 50, `${what}: ${count}`);
  }
  await desk.close();
});

test.run();
