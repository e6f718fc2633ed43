/** Messages in the chat: which are words said now, and how an answer looks. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildChatAnswer, parseChatMessage } from "../../src/stanza/chat-message.ts";
import { parseStanzas } from "../support/xml-text.ts";

const test = suite("messages in the chat");

const read = (text: string) => {
  const [stanza] = parseStanzas(text);
  return stanza && parseChatMessage(stanza);
};
const said = (payload: string, type = "type='chat'") =>
  read(`<message ${type}><body>who</body>${payload}</message>`);

test("words are read with their type and language", () => {
  assert.equal(said("", "type='chat' xml:lang='de'"), {
    type: "chat",
    text: "who",
    lang: "de",
    isEncrypted: false,
  });
  assert.is(said("", "")?.type, "normal");
  assert.is(said("", "type='groupchat'")?.type, "groupchat");
});

const NOT_WORDS_SAID_NOW: Readonly<Record<string, string>> = {
  "what was kept back": "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>",
  "what was kept back, in the old way": "<x xmlns='jabber:x:delay' stamp='20260101T00:00:00'/>",
  "a copy of what somebody sent": "<sent xmlns='urn:xmpp:carbons:2'/>",
  "a copy of what somebody got": "<received xmlns='urn:xmpp:carbons:2'/>",
  "what is handed on": "<forwarded xmlns='urn:xmpp:forward:0'/>",
  "what comes from an archive": "<result xmlns='urn:xmpp:mam:2'/>",
  "what comes from an older archive": "<result xmlns='urn:xmpp:mam:1'/>",
  "a correction": "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>",
  "what is taken back": "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>",
  "what is taken back, in the old way": "<retract xmlns='urn:xmpp:message-retract:0'/>",
  "what is put to another message": "<apply-to xmlns='urn:xmpp:fasten:0' id='1'/>",
  "a reaction": "<reactions xmlns='urn:xmpp:reactions:0' id='1'/>",
  "an invitation": "<x xmlns='jabber:x:conference' jid='a@b.example'/>",
  "an invitation by the room":
    "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b.example'/></x>",
  "an event": "<event xmlns='http://jabber.org/protocol/pubsub#event'/>",
  "the answer of a desk": "<answer xmlns='urn:milliner:hats:0'/>",
};

for (const [what, payload] of Object.entries(NOT_WORDS_SAID_NOW)) {
  test(`${what} is no words said now`, () => {
    assert.is(said(payload), undefined);
    assert.is(said(payload, "type='groupchat'"), undefined);
  });
}

for (const type of ["error", "headline", "result"]) {
  test(`a message of type ${type} is no words said now`, () => {
    assert.is(said("", `type='${type}'`), undefined);
  });
}

test("a private message in a room, and a request for a receipt, are words", () => {
  assert.ok(said("<x xmlns='http://jabber.org/protocol/muc#user'/>"));
  assert.ok(
    said("<request xmlns='urn:xmpp:receipts'/><active xmlns='http://jabber.org/protocol/chatstates'/>"),
  );
});

test("without words there is nothing to answer", () => {
  for (const payload of [
    "",
    "<body/>",
    "<body> \n </body>",
    "<subject>Hats</subject>",
    "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    "<received xmlns='urn:xmpp:receipts' id='1'/>",
    "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>",
    "<body xmlns='http://www.w3.org/1999/xhtml'>who</body>",
    "<body>&gt; who\n&gt; hats</body>",
  ]) {
    assert.is(read(`<message type='chat'>${payload}</message>`), undefined, payload);
  }
});

test("the lines that a reply quotes are left out", () => {
  const reply =
    "<body>&gt; Who? One or several people\n&gt; 1. alice\nbob</body><reply xmlns='urn:xmpp:reply:0'/>";
  assert.is(read(`<message type='chat'>${reply}</message>`)?.text, "bob");
});

test("of several bodies, the one without a language is read", () => {
  const bodies = "<body xml:lang='de'>wer</body><body>who</body>";
  assert.is(read(`<message type='chat'>${bodies}</message>`)?.text, "who");
  const german = read("<message type='chat' xml:lang='en'><body xml:lang='de'>wer</body></message>");
  assert.equal([german?.text, german?.lang], ["wer", "de"]);
});

const ENCRYPTED: Readonly<Record<string, string>> = {
  OMEMO: "<encrypted xmlns='eu.siacs.conversations.axolotl'><header/><payload>A</payload></encrypted>",
  "a later OMEMO": "<encrypted xmlns='urn:xmpp:omemo:2'><header/><payload>A</payload></encrypted>",
  OpenPGP: "<openpgp xmlns='urn:xmpp:openpgp:0'>A</openpgp>",
  "the older OpenPGP": "<x xmlns='jabber:x:encrypted'>A</x>",
  "what only says that it is encrypted":
    "<body>sent encrypted</body><encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:new'/>",
};

for (const [what, payload] of Object.entries(ENCRYPTED)) {
  test(`${what} is encrypted, and its words are not read`, () => {
    const message = read(`<message type='chat'>${payload}<store xmlns='urn:xmpp:hints'/></message>`);
    assert.equal([message?.isEncrypted, message?.text], [true, ""]);
    assert.is(read(`<message type='chat'>${payload}<body>x</body></message>`)?.isEncrypted, true);
  });
}

test("OTR, which stands in the body, is encrypted; who only speaks of it is not", () => {
  for (const body of [
    "?OTRv23?\nAlice wants to talk privately.",
    "?OTR?v2?",
    "?OTR:AAMDJ+MVmSfj.",
    "?OTR|1|2,00001,",
  ])
    assert.equal(read(`<message type='chat'><body>${body}</body></message>`), {
      type: "chat",
      lang: "",
      text: "",
      isEncrypted: true,
    });
  for (const body of ["?", "? OTR", "?OTR", "what is ?OTR:"])
    assert.is(read(`<message type='chat'><body>${body}</body></message>`)?.text, body);
});

test("keys that are exchanged are no words", () => {
  const keys = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/></encrypted>";
  assert.is(read(`<message type='chat'>${keys}</message>`), undefined);
});

test("an answer says that it is one, so that no desk answers it", () => {
  const answer = {
    to: "a@b.example/c",
    id: "1",
    type: "chat",
    text: "<&>",
    lang: "en",
    isInRoom: false,
  } as const;
  assert.is(
    buildChatAnswer(answer).toString(),
    '<message to="a@b.example/c" id="1" type="chat" xml:lang="en"><body>&lt;&amp;&gt;</body><answer xmlns="urn:milliner:hats:0"/></message>',
  );
  assert.is(parseChatMessage(buildChatAnswer(answer)), undefined);
  assert.match(buildChatAnswer({ ...answer, isInRoom: true }).toString(), /muc#user/);
  assert.not.match(buildChatAnswer({ ...answer, type: "normal" }).toString(), /type=/);
});

test.run();
