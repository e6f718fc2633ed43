/** A person of the lab as the sender of commands: how its requests end. */
import { EventEmitter } from "node:events";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listCommands, RequestTimeout, StreamDownError, UnsendableError } from "../../src/adhoc.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { senderOf, type StanzaExchange } from "../../src/testing/index.ts";
import { exchangeOver, receiveFrom } from "../../src/testing/stanza-exchange.ts";
import { assertRejects } from "../support/assert-rejects.ts";

const BOT = "hats@example.org/milliner";

/** A client whose stanzas go nowhere. */
class FakeClient extends EventEmitter {
  readonly sent: Element[] = [];
  isConnected = true;

  async send(stanza: Element): Promise<void> {
    if (!this.isConnected) throw new TypeError("no socket");
    this.sent.push(stanza);
  }
}

interface Scene {
  xmpp: FakeClient;
  person: StanzaExchange;
}

const test = suite<Scene>("a person as a sender");

test.before.each((scene) => {
  scene.xmpp = new FakeClient();
  scene.person = exchangeOver(scene.xmpp, "alice@example.org/test", receiveFrom(scene.xmpp, "alice"));
});

test("waits for an answer as long as was said", async ({ person }) => {
  const error = await assertRejects(listCommands(senderOf(person, { timeoutMs: 1 }), BOT), RequestTimeout);
  assert.is(error.message, `No answer from ${BOT} within 1 ms`);
  assert.match(
    String(error.cause),
    /^NothingCame: nothing that alice waited for came in 1 ms; what came instead:/,
  );
});

test("says that the connection ended before the answer came", async ({ xmpp, person }) => {
  const asked = listCommands(senderOf(person), BOT);
  xmpp.emit("disconnect");
  const error = await assertRejects(asked, StreamDownError);
  assert.is(error.message, "The stream is down: the connection of alice ended");
});

test("says that there is no connection to send on", async ({ xmpp, person }) => {
  xmpp.isConnected = false;
  await assertRejects(listCommands(senderOf(person), BOT), StreamDownError);
});

test("whoever sends after the end of the connection is told of that end", async ({ xmpp, person }) => {
  xmpp.emit("disconnect");
  xmpp.isConnected = false;
  for (const sent of [person.send(xml("presence")), person.request(xml("iq", { type: "get" }))]) {
    assert.is((await assertRejects(sent, Error)).message, "the connection of alice ended");
  }
});

test("sends nothing that would end the stream", async ({ xmpp, person }) => {
  await assertRejects(senderOf(person).request(BOT, "get", xml("query", {}, "a\u0000b")), UnsendableError);
  assert.equal(xmpp.sent, []);
});

test.run();
