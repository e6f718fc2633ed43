import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Parser } from "@xmpp/xml";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { backoffDelay } from "../../src/core/backoff.ts";
import { parseJid } from "../../src/stanza/jid.ts";
import { type Element, toText, xml } from "../../src/stanza/xml.ts";
import { isLoopback, parseService } from "../../src/xmpp/stream/service.ts";
import { StanzaParser } from "../../src/xmpp/stream/stanza-parser.ts";
import { ManagedSession } from "../../src/xmpp/stream/stream-management.ts";

const HEADER = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='urn:streams'>";
const STREAM =
  `${HEADER}<message id='1'><body>a &lt; b &#x26f5; <![CDATA[<c>]]></body></message> \n` +
  `<!-- nothing --><iq type="get" from='r@s/n &amp; > m'><a><b/><c xmlns='urn:c'>⛵</c></a></iq><presence/></stream:stream>`;

const BOUNDS = { firstMs: 1_000, maxMs: 5_000 };

const parts = suite("connection: its parts");

parts("a wait lies between half of the full wait and the full wait, which doubles up to its limit", () => {
  const waits = (random: number): number[] =>
    [1, 2, 3, 4, 5].map((failures) => backoffDelay(failures, BOUNDS, () => random));
  assert.equal(waits(0), [500, 1_000, 2_000, 2_500, 2_500]);
  assert.equal(waits(1), [1_000, 2_000, 4_000, 5_000, 5_000]);
});

parts("bots that went down together come back apart", () => {
  const waits = Array.from({ length: 100 }, () => backoffDelay(1, BOUNDS, Math.random));
  assert.ok(new Set(waits.map(Math.round)).size > 50);
});

parts("what was sent is kept until it is acknowledged, also when the counter wraps around", () => {
  const session = new ManagedSession(xml("enabled", { id: "x", resume: "true" }));
  for (const text of ["a", "b", "c"]) session.keepSent(text);
  assert.ok(session.acknowledge(xml("a", { h: 2 })));
  assert.equal(session.goOn(), ["c"]);
  assert.ok(session.acknowledge(xml("a", { h: 2 })));
  assert.equal(session.goOn(), ["c"]);
  assert.not(session.acknowledge(xml("a", { h: 4 })), "more than was sent");
  assert.not(session.acknowledge(xml("a", { h: 1 })), "less than before");
  assert.not(session.acknowledge(xml("a", { h: "many" })));
  assert.not(session.acknowledge(xml("a")));
  assert.equal(session.goOn(), ["c"]);
});

for (const [resume, id] of [
  ["false", "x"],
  [undefined, "x"],
  ["true", undefined],
] as const) {
  parts(`a session is not taken up again unless the server offered it: resume=${resume} id=${id}`, () => {
    assert.not(new ManagedSession(xml("enabled", { resume, id })).mayResume);
  });
}

parts("whoever keeps an address or a text of a stanza does not keep the packet that it came in", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const padding = `<x xmlns='urn:x'>${"x".repeat(1_000_000)}</x>`;
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: 50 }, (_, index) => {
    const stanza = `<message from='somebody-${index}@example.org'><body>the text number ${index}</body>${padding}</message>`;
    const message = readOne(stanza);
    return [parseJid(String(message.attrs["from"]))?.bare, message.getChildText("body")];
  });
  collect();
  assert.equal(kept[49], ["somebody-49@example.org", "the text number 49"]);
  assert.ok(process.memoryUsage().heapUsed - before < 10_000_000);
});

parts("a stream reads the same wherever it is cut", () => {
  const whole = read([STREAM]);
  assert.is(whole.elements.length, 3);
  assert.equal([whole.opened, whole.ended, whole.failures], [1, 1, []]);
  for (let cut = 1; cut < STREAM.length; cut++)
    assert.equal(read([STREAM.slice(0, cut), STREAM.slice(cut)]), whole, `cut at ${cut}`);
  assert.equal(read(Array.from(STREAM)), whole);
});

parts("whatever is written into a stream, the parser never throws and fails at most once", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "<",
      ">",
      "</",
      "/>",
      "&",
      ";",
      "'",
      '"',
      "=",
      "<a>",
      "</a>",
      "&#0;",
      "<![CDATA[",
      "]]>",
      "<!--",
    ),
    fc.constantFrom("<message>", "</message>", "<message from='a@'/>", "</stream:stream>", "<?", "\ud800"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.boolean(), (pieces, isOpen) => {
      assert.ok(read(isOpen ? [HEADER, ...pieces] : pieces).failures.length <= 1);
    }),
    { numRuns: 500, seed: 317 },
  );
});

parts("what is well-formed reads as @xmpp/xml's own parser reads it, wherever it is cut", () => {
  const text = fc.stringMatching(/^[ -~é⛵😀]{0,12}$/u);
  const name = fc.constantFrom("a", "b", "x:c");
  const tag = fc.record({ name, attributes: fc.dictionary(fc.constantFrom("d", "e", "xmlns"), text) });
  const { element } = fc.letrec<{ element: Element }>((tie) => ({
    element: fc
      .tuple(tag, fc.array(fc.oneof({ maxDepth: 3 }, text, tie("element")), { maxLength: 4 }))
      .map(([{ name, attributes }, children]) => xml(name, attributes, children)),
  }));
  fc.assert(
    fc.property(fc.array(element, { maxLength: 3 }), fc.infiniteStream(fc.nat(30)), (stanzas, cuts) => {
      const written = [HEADER, ...stanzas.map(toText)].join("\n");
      const packets: string[] = [];
      for (let at = 0; at < written.length; ) {
        const length = 1 + (cuts.next().value ?? 0);
        packets.push(written.slice(at, at + length));
        at += length;
      }
      assert.equal(read(packets).elements, readByTheirs(written));
      assert.equal(read(packets).elements, stanzas.map(String));
    }),
    { numRuns: 300, seed: 50 },
  );
});

parts("space within tags, marks within values and text beside sections are read as XML has them", () => {
  const text = "<a  b = 'c>\"'\n\td=\"'\" ><b />1 > 0<![CDATA[ & <]]>&gt;</a >";
  assert.equal(read([HEADER, text]).elements, [
    `<a b="c&gt;&quot;" d="&apos;"><b/>1 &gt; 0 &amp; &lt;&gt;</a>`,
  ]);
});

for (const text of ["<a b/>", "<a =''/>", "<a b=c/>", "<a/ >", "<>", "<!DOCTYPE a>", "<a b='1'<c/>"])
  parts(`what is not well-formed is a failure: ${text}`, () => {
    assert.is(read([HEADER, text]).failures.length, 1);
  });

parts("after a failure nothing more is read", () => {
  const { elements, failures } = read([HEADER, "<message/>", "<message>&foo;</message>", "<message/>"]);
  assert.is(elements.length, 1);
  assert.is(failures.length, 1);
});

parts("an element of the allowed depth is whole, one deeper is left out with all in it", () => {
  const limits = { maxDepth: 3, maxLength: 1_000 };
  const deep = "<message><a><b>kept<c>left out<d/></c></b></a></message>";
  assert.equal(read([HEADER, deep], limits).elements, ["<message><a><b>kept</b></a></message>"]);
});

parts(
  "a long text in small packets is read once, not anew with each packet as @xmpp/client's parser does",
  () => {
    const limits = { maxDepth: 100, maxLength: Number.POSITIVE_INFINITY };
    const sink = { opened: nothing, element: () => true, ended: nothing, failed: nothing };
    costOf(new StanzaParser(limits, sink)); // The first time it is still being compiled.
    const ours = costOf(new StanzaParser(limits, sink));
    const theirs = costOf(new Parser());
    assert.ok(theirs > 4 * ours, `${ours} and ${theirs} microseconds`);
  },
);

parts("a length is counted for each stanza anew", () => {
  const limits = { maxDepth: 100, maxLength: 200 };
  const stanza = `<message>${"x".repeat(100)}</message>`;
  const many = Array.from({ length: 50 }, () => stanza);
  assert.is(read([HEADER, ...many], limits).elements.length, 50);
  assert.is(read([HEADER, "<message>", "x".repeat(150), "x".repeat(150)], limits).failures.length, 1);
});

parts("a service has a scheme, a host and a port, the usual one where none is given", () => {
  assert.equal(parseService("xmpp://example.org"), { host: "example.org", port: 5222, directTls: false });
  assert.equal(parseService("xmpps://example.org"), { host: "example.org", port: 5223, directTls: true });
  assert.equal(parseService("xmpp://[::1]:5333"), { host: "::1", port: 5333, directTls: false });
  for (const none of [
    "",
    "example.org",
    "ws://example.org",
    "xmpp:example.org",
    "xmpp://:5222",
    "xmpp://a:99999",
  ])
    assert.is(parseService(none), undefined, none);
});

parts("a host beyond ASCII is asked for as DNS has it", () => {
  for (const name of ["münchen.example", "MÜNCHEN.example", "xn--mnchen-3ya.example"])
    assert.is(parseService(`xmpp://${name}:5222`)?.host, "xn--mnchen-3ya.example", name);
  assert.is(parseService("xmpp://m%C3nchen.example"), undefined, "these bytes are no text");
});

parts("this machine is known by its address, not by a name", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) assert.ok(isLoopback(address));
  for (const address of ["localhost", "10.127.0.1", "::", "::ffff:10.0.0.1", "1270.0.0.1"])
    assert.not(isLoopback(address));
});

parts.run();

function nothing(): void {}

/* The microseconds of work to read a text of 800,000 characters in packets of 250. */
function costOf(parser: { write(text: string): void }): number {
  const packet = "x".repeat(250);
  parser.write(`${HEADER}<message><body>`);
  const before = process.cpuUsage();
  for (let sent = 0; sent < 3_200; sent++) parser.write(packet);
  parser.write("</body></message>");
  return process.cpuUsage(before).user;
}

function readByTheirs(text: string): string[] {
  const elements: string[] = [];
  const parser = new Parser();
  parser.on("element", (element: Element) => elements.push(element.toString()));
  parser.write(text);
  return elements;
}

function readOne(stanza: string): Element {
  let found: Element | undefined;
  const parser = new StanzaParser(
    { maxDepth: 100, maxLength: 2_000_000 },
    { opened() {}, ended() {}, failed() {}, element: (element) => (found = element) !== undefined },
  );
  parser.write(HEADER + stanza);
  if (found === undefined) throw new Error("no stanza was read");
  return found;
}

interface Reading {
  opened: number;
  ended: number;
  elements: string[];
  failures: string[];
}

function read(texts: readonly string[], limits = { maxDepth: 100, maxLength: 10_000 }): Reading {
  const reading: Reading = { opened: 0, ended: 0, elements: [], failures: [] };
  const parser = new StanzaParser(limits, {
    opened: () => (reading.opened += 1),
    ended: () => (reading.ended += 1),
    element: (element: Element) => reading.elements.push(element.toString()) > 0,
    failed: (error) => reading.failures.push(error.message),
  });
  for (const text of texts) parser.write(text);
  return reading;
}
