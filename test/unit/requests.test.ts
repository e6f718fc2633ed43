import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { Requests, RequestTimeout, TooManyRequests } from "../../src/xmpp/requests.ts";
import { StreamDownError } from "../../src/xmpp/stream/stream.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { endScenes, stageRaw } from "../support/connected.ts";
import { within } from "../support/deadline.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ScriptedStream } from "../support/scripted-stream.ts";

const ROOM = "team@rooms.milliner.test";
const OWN = "bot@milliner.test";
const query = (): Element => xml("query", { xmlns: "urn:example:query" });

const requests = suite("requests");
requests.after.each(endScenes);

requests(
  "a request is an IQ with the type, the address and the payload, and an id that nobody can guess",
  () => {
    const { stream, asker } = stage();
    void asker.request(ROOM, "set", query());
    void asker.request(ROOM, "get", query());
    const [first, second] = stream.sent;
    assert.is(first?.attrs.to, ROOM);
    assert.is(first?.attrs.type, "set");
    assert.ok(first?.getChild("query", "urn:example:query"));
    assert.match(first?.attrs.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.is.not(first?.attrs.id, second?.attrs.id);
  },
);

requests("the result is the whole stanza", async () => {
  const { stream, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  answer(stream, { from: ROOM }, xml("found"));
  assert.ok((await result).getChild("found"));
  assert.is(asker.pending, 0);
});

requests(
  "once given up, neither what waits nor what comes later is waited for, and nothing is sent",
  async () => {
    const { stream, asker } = stage();
    const waiting = asker.request(ROOM, "get", query());
    asker.giveUp();
    await assertRejects(waiting, StreamDownError);
    await assertRejects(asker.request(ROOM, "get", query()), StreamDownError);
    assert.is(asker.pending, 0);
    assert.is(stream.sent.length, 1);
  },
);

requests("an answer from the same address in another spelling counts", async () => {
  const { stream, asker } = stage();
  const result = asker.request("TEAM@Rooms.Milliner.test", "get", query());
  answer(stream, { from: ROOM });
  await result;
});

for (const from of ["mallory@evil.test", `${ROOM}/mallory`, "rooms.milliner.test", OWN, "a@", undefined]) {
  requests(`an answer from anybody else is not heard: ${from ?? "without from"}`, async () => {
    const { stream, asker } = stage();
    const result = asker.request(ROOM, "get", query());
    answer(stream, { from }, xml("forged"));
    answer(stream, { from, type: "error" });
    assert.is(asker.pending, 1);
    answer(stream, { from: ROOM }, xml("true"));
    assert.ok((await result).getChild("true"));
  });
}

requests("@xmpp/client alone takes an answer from a stranger", async () => {
  const { raw, server } = await stageRaw();
  await within(raw.start(), "online");
  const result = raw.iqCaller.request(xml("iq", { type: "get", to: ROOM, id: "guessed" }, query()));
  const peer = await server.nextPeer();
  await peer.until(/id="guessed"/);
  peer.send("<iq type='result' id='guessed' from='mallory@evil.test'/>");
  assert.is((await within(result, "an answer")).attrs.from, "mallory@evil.test");
});

for (const from of [undefined, OWN, `${OWN}/milliner`]) {
  requests(`the server answers for the own account as ${from ?? "nobody"}`, async () => {
    const { stream, asker } = stage();
    const result = asker.request(OWN, "get", query());
    answer(stream, { from });
    await result;
  });
}

for (const from of [undefined, "milliner.test"]) {
  requests(`the server answers for itself as ${from ?? "nobody"}`, async () => {
    const { stream, asker } = stage();
    const result = asker.request("milliner.test", "get", query());
    answer(stream, { from });
    await result;
  });
}

requests("another session of the own account is a stranger too", () => {
  const { stream, asker } = stage();
  void asker.request(OWN, "get", query());
  answer(stream, { from: `${OWN}/other` });
  assert.is(asker.pending, 1);
});

requests("somebody's own question under the same id is no answer", () => {
  const { stream, asker } = stage();
  void asker.request(ROOM, "get", query());
  answer(stream, { from: ROOM, type: "get" });
  answer(stream, { from: ROOM, type: undefined });
  assert.is(asker.pending, 1);
});

requests("an error is a StanzaError with its condition", async () => {
  const { stream, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  const condition = xml("forbidden", { xmlns: "urn:ietf:params:xml:ns:xmpp-stanzas" });
  answer(stream, { from: ROOM, type: "error" }, xml("error", { type: "auth" }, condition));
  const error = await assertRejects(result, StanzaError);
  assert.is(`${error.type}/${error.condition}`, "auth/forbidden");
});

requests("an error that lacks <error/> is an error at once", async () => {
  const { stream, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  answer(stream, { from: ROOM, type: "error" });
  assert.is((await assertRejects(result, StanzaError)).condition, "undefined-condition");
});

requests("@xmpp/client alone waits on after an error that lacks <error/>", async () => {
  const { raw, server } = await stageRaw();
  const failure = new Promise<Error>((resolve) => raw.once("error", resolve));
  await within(raw.start(), "online");
  let isAnswered = false;
  const settle = (): boolean => (isAnswered = true);
  raw.iqCaller
    .request(xml("iq", { type: "get", to: ROOM, id: "bare" }, query()), 1_000_000)
    .then(settle, settle);
  const peer = await server.nextPeer();
  await peer.until(/id="bare"/);
  peer.send(`<iq type='error' id='bare' from='${ROOM}'/>`);
  assert.instance(await within(failure, "an error"), TypeError);
  assert.not(isAnswered);
});

requests("nobody answering is a timeout, the request's own where it has one", async () => {
  const { clock, asker } = stage();
  const usual = asker.request(ROOM, "get", query());
  const patient = asker.request(ROOM, "get", query(), { timeoutMs: 60_000 });
  clock.advance(30_000);
  await assertRejects(usual, RequestTimeout);
  assert.is(asker.pending, 1);
  clock.advance(30_000);
  await assertRejects(patient, RequestTimeout);
});

requests("an answer calls the timeout off", async () => {
  const { stream, clock, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  answer(stream, { from: ROOM });
  await result;
  assert.is(clock.waiting, 0);
});

requests("offline, a request is refused at once", async () => {
  const { stream, asker } = stage();
  stream.online = false;
  await assertRejects(asker.request(ROOM, "get", query()), StreamDownError);
  assert.is(asker.pending, 0);
});

requests("a session that is lost for good takes its requests along at once", async () => {
  const { stream, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  stream.tell("offline", "gone", false);
  await assertRejects(result, StreamDownError);
});

requests("a session that may go on keeps its requests, and brings their answers when it does", async () => {
  const { stream, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  stream.tell("offline", "gone", true);
  stream.tell("offline", "still gone", true);
  assert.is(asker.pending, 1);
  stream.tell("resumed");
  answer(stream, { from: ROOM });
  await result;
});

requests("a session that did not go on takes its requests along, but not those of the new one", async () => {
  const { stream, asker } = stage();
  const old = asker.request(ROOM, "get", query());
  let fresh: Promise<Element> | undefined;
  const early = new ScriptedStream();
  early.on("online", () => (fresh = askerOfEarly.request(ROOM, "get", query())));
  const askerOfEarly = new Requests(early, { timeoutMs: 30_000, clock: new ManualClock() });
  const oldOfEarly = askerOfEarly.request(ROOM, "get", query());
  for (const each of [stream, early]) {
    each.tell("offline", "gone", true);
    each.tell("online", `${OWN}/milliner`);
  }
  await assertRejects(old, StreamDownError);
  await assertRejects(oldOfEarly, StreamDownError);
  answer(early, { from: ROOM });
  assert.ok(await fresh);
});

requests("requests that wait for a session that never comes back time out", async () => {
  const { stream, clock, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  stream.tell("offline", "gone", true);
  clock.advance(30_000);
  await assertRejects(result, RequestTimeout);
});

requests("a stream that gives up takes its requests along", async () => {
  const { stream, asker } = stage();
  const result = asker.request(ROOM, "get", query());
  stream.tell("offline", "gone", true);
  stream.tell("fatal", { code: "conflict", text: "somebody else" });
  await assertRejects(result, StreamDownError);
});

requests("no more than so many wait at a time", async () => {
  const { stream, asker } = stage(2);
  void asker.request(ROOM, "get", query());
  void asker.request(ROOM, "get", query());
  await assertRejects(asker.request(ROOM, "get", query()), TooManyRequests);
  assert.is(stream.sent.length, 2);
  answer(stream, { from: ROOM });
  void asker.request(ROOM, "get", query());
  assert.is(stream.sent.length, 3);
});

requests.run();

function stage(maxPending = 1_000): { stream: ScriptedStream; clock: ManualClock; asker: Requests } {
  const stream = new ScriptedStream();
  const clock = new ManualClock();
  return { stream, clock, asker: new Requests(stream, { timeoutMs: 30_000, maxPending, clock }) };
}

/* Answers what was asked last. */
function answer(
  stream: ScriptedStream,
  attributes: { from: string | undefined; type?: string | undefined },
  payload?: Element,
): void {
  const id = stream.sent.at(-1)?.attrs.id as string;
  stream.tell("stanza", xml("iq", { type: "result", id, ...attributes }, payload));
}
