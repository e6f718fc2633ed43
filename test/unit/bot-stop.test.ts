/** A bot that is told to stop answers what is under way, also what waits for a room that does not answer. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Bot, startBot, STOP_PATIENCE_MS } from "../../src/bot.ts";
import { NS_MUC, NS_MUC_ADMIN } from "../../src/stanza/namespaces.ts";
import { buildCommandRequest } from "../../src/stanza/command.ts";
import { buildSubmission } from "../../src/stanza/data-form.ts";
import { parseStanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import type { TestClient } from "../../src/testing/index.ts";
import { configOfHats } from "../support/bot-config.ts";
import { within } from "../support/deadline.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openMemoryServer } from "../support/memory-server.ts";
import type { MemoryStream } from "../support/memory-server-stream.ts";

interface Context {
  clock: ManualClock;
  bot: Bot;
  stream: MemoryStream;
  room: string;
  alice: TestClient;
  data: string;
}
const stopping = suite<Context>("a bot that stops");

stopping.before.each(async (context) => {
  const server = openMemoryServer();
  const room = server.room("team");
  const alice = server.connect({ user: "alice", resource: "x" });
  await alice.createRoom(room, "Alice", {});
  await alice.setAffiliation(room, `hats@${server.domain}`, "owner");
  const data = await mkdtemp(join(tmpdir(), "milliner-stopping-"));
  const config = configOfHats(server, { data, rooms: [room], presence: "off" });
  const clock = new ManualClock();
  const stream = server.openStream("hats", "milliner");
  const bot = await startBot({ config, clock, stream });
  Object.assign(context, { clock, bot, stream, room, alice, data });
});
stopping.after.each(({ data }) => rm(data, { recursive: true }));

/* From now on these stanzas of the bot get lost; resolves when the first was. */
function lose({ stream }: Context, isLost: (stanza: Element) => boolean): Promise<void> {
  const send = stream.send.bind(stream);
  const lost = new Promise<void>((resolve) => {
    stream.send = async (stanza) => (isLost(stanza) ? resolve() : send(stanza));
  });
  return within(lost, "a stanza that gets lost");
}

/* Alice gives somebody a hat whose affiliation only the room can tell. */
function give({ alice, bot, room }: Context): Promise<Element> {
  const values = new Map([
    ["room", [room]],
    ["user", ["eve@elsewhere.test"]],
    ["title", ["Guest"]],
  ]);
  const command = buildCommandRequest({ node: "add-user-hat" }, buildSubmission(values));
  return alice.request(xml("iq", { type: "set", to: bot.address }, command));
}

/* Alice asks for what waits for nobody. */
function listHats({ alice, bot, room }: Context): Promise<Element> {
  const command = buildCommandRequest({ node: "list-hats" }, buildSubmission(new Map([["room", [room]]])));
  return alice.request(xml("iq", { type: "set", to: bot.address }, command));
}

async function assertNothingChanged(answer: Promise<Element>): Promise<void> {
  const { type, condition, text } = parseStanzaError(await within(answer, "the answer"));
  assert.equal([type, condition], ["wait", "resource-constraint"]);
  assert.match(text ?? "", "nothing changed");
}

async function stop({ bot, clock }: Context): Promise<void> {
  const isWaiting = clock.untilAsked(STOP_PATIENCE_MS);
  const stopped = bot.stop();
  await isWaiting;
  clock.advance(STOP_PATIENCE_MS);
  await within(stopped, "the end of the bot");
}

stopping("says that nothing changed to whoever waits for lists that do not come", async (context) => {
  context.clock.advance(10_000);
  const isAsked = lose(context, (stanza) => stanza.getChild("query", NS_MUC_ADMIN) !== undefined);
  const answer = give(context);
  await isAsked;
  await stop(context);
  await assertNothingChanged(answer);
});

stopping("refuses what comes while it stops, and answers what came before", async (context) => {
  context.clock.advance(10_000);
  const isAsked = lose(context, (stanza) => stanza.getChild("query", NS_MUC_ADMIN) !== undefined);
  const before = give(context);
  await isAsked;
  const isWaiting = context.clock.untilAsked(STOP_PATIENCE_MS);
  const stopped = context.bot.stop();
  await isWaiting;
  const { type, text } = parseStanzaError(await within(listHats(context), "the refusal"));
  assert.equal([type, text], ["wait", "the desk is about to stop, nothing changed, try again shortly"]);
  context.clock.advance(STOP_PATIENCE_MS);
  await assertNothingChanged(before);
  await within(stopped, "the end of the bot");
});

stopping("says that nothing changed to whoever waits for a room that it cannot enter", async (context) => {
  const isEntering = lose(context, (stanza) => stanza.getChild("x", NS_MUC) !== undefined);
  context.stream.goOffline();
  await new Promise((resolve) => setImmediate(resolve));
  context.stream.comeOnline();
  await isEntering;
  const isWaiting = context.clock.untilAsked(10_000);
  const answers = [give(context), give(context)];
  await isWaiting;
  await stop(context);
  for (const answer of answers) await assertNothingChanged(answer);
});

stopping.run();
