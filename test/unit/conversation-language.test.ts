/** What can be written in a conversation, and that a wrong one is noticed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConversation } from "../support/conversation-parser.ts";
import { memoryWorld } from "../support/conversation-memory-world.ts";
import { isMatch, matchStanza } from "../support/conversation-matcher.ts";
import { playConversation } from "../support/conversation-player.ts";
import { parseStanzas } from "../support/xml-text.ts";

const reading = suite("a conversation is read");

const MISTAKES: readonly (readonly [rule: string, text: string, problem: RegExp])[] = [
  [
    "without a rule",
    "\nalice: owner\n---\nalice gets nothing\n",
    /x\.txt:1: the first line must be the rule/,
  ],
  ["without a line ---", "Rule\nalice: owner\n", /x\.txt:3: a line --- must end the cast/],
  ["without steps", "Rule\nalice: owner\n---\n", /x\.txt:3: there are no steps/],
  ["with an unknown affiliation", "Rule\n\nalice: king\n---\n", /x\.txt:3: "king" is nothing that a person/],
  ["with a person in no room", "Rule\nalice in x: owner\n---\n", /x\.txt:2: there is no room x/],
  ["with an unknown step", "Rule\nalice: owner\n---\nalice dances\n", /x\.txt:4: "alice dances" is no step/],
  [
    "with somebody who is not in the cast",
    "Rule\n---\n\nbob gets nothing\n",
    /x\.txt:4: nobody is called bob/,
  ],
  [
    "with a hat that no line names",
    "Rule\nbob: member\n---\nbob sees bob wearing Crown\n",
    /x\.txt:4: no line `hat Crown: URI`/,
  ],
  [
    "with XML that is none",
    "Rule\nbob: member\n---\nbob sends:\n  <iq>\n    <a></b>\n  </iq>\n",
    /x\.txt:6: <\/b> closes nothing/,
  ],
  [
    "with XML that does not end",
    "Rule\nbob: member\n---\nbob sends:\n  <iq>\n",
    /x\.txt:6: <iq> is not closed/,
  ],
  [
    "with a placeholder that stands for nothing",
    "Rule\nbob: member\n---\nbob sends:\n  <presence\n    to='{romm}'/>\n",
    /x\.txt:6: \{romm\} stands for nothing here/,
  ],
  [
    "with a step that lacks its stanza",
    "Rule\nbob: member\n---\nbob sends:\nbob gets nothing\n",
    /x\.txt:4: an indented stanza must follow/,
  ],
];
for (const [rule, text, problem] of MISTAKES) {
  reading(`${rule} it is refused, naming file and line`, () => {
    assert.throws(
      () => parseConversation("x.txt", text),
      (error: Error) => problem.test(error.message),
    );
  });
}

reading.run();

const matching = suite("a pattern");

const MATCHES: readonly (readonly [rule: string, pattern: string, stanza: string])[] = [
  ["leaves attributes alone that it does not name", "<iq a='1'/>", "<iq b='2' a='1'/>"],
  ["takes {any} value", "<iq><a b='{any}'>{any}</a></iq>", "<iq><a b='x'>y</a></iq>"],
  ["takes a part of a text", "<iq><a>no {any} here</a></iq>", "<iq><a>no hat here</a></iq>"],
  ["does not mind whitespace between elements", "<iq>\n <a/>\n</iq>", "<iq><a/></iq>"],
  ["does not mind the order of payloads", "<iq><a/><b/></iq>", "<iq><b/><a/></iq>"],
  [
    "finds the elements that fit where several might",
    "<iq><a x='{any}'/><a x='1'/></iq>",
    "<iq><a x='1'/><a x='2'/></iq>",
  ],
  ["lets more elements through at ...", "<iq><a/>...</iq>", "<iq><b/><a/><c/></iq>"],
  ["lets more through within the order of a form", form("<a/>...<c/>"), form("<a/><b/><b/><c/>")],
  ["compares what it captured", "<iq a='{one}'><b c='{one}'/></iq>", "<iq a='7'><b c='7'/></iq>"],
];
for (const [rule, pattern, stanza] of MATCHES)
  matching(rule, () => assert.is(why(pattern, stanza), undefined));

const MISMATCHES: readonly (readonly [rule: string, pattern: string, stanza: string, why: RegExp])[] = [
  ["compares attributes", "<iq a='1'/>", "<iq a='2'/>", /a='2', not a='1'/],
  ["misses an attribute", "<iq a='{any}'/>", "<iq/>", /no a, not a='\{any\}'/],
  ["refuses an attribute that is to be absent", "<iq a='{none}'/>", "<iq a=''/>", /should have no a/],
  ["compares texts", "<iq><a>x</a></iq>", "<iq><a>y</a></iq>", /says "y", not "x"/],
  [
    "compares the type of a stanza that it does not name",
    "<presence/>",
    "<presence type='unavailable'/>",
    /type/,
  ],
  ["compares namespaces", "<iq><a xmlns='x'/></iq>", "<iq><a xmlns='y'/></iq>", /is of y, not x/],
  ["misses an element", "<iq><a/><b/></iq>", "<iq><a/></iq>", /lacks <b\/>/],
  ["refuses an element more", "<iq><a/></iq>", "<iq><a/><b/></iq>", /a child <b\/> more/],
  [
    "refuses an element where there is to be text",
    "<iq><a>x</a></iq>",
    "<iq><a>x<b/></a></iq>",
    /a child <b\/> more/,
  ],
  ["refuses any element where it names none", "<iq/>", "<iq><b/></iq>", /a child <b\/> more/],
  ["minds the order within a form", form("<a/><b/>"), form("<b/><a/>"), /<b\/> stands where <a\/>/],
  [
    "sees that two captured values differ",
    "<iq a='{one}'><b c='{one}'/></iq>",
    "<iq a='7'><b c='8'/></iq>",
    /c='8'/,
  ],
  ["takes regular expressions literally", "<iq a='.*'/>", "<iq a='xx'/>", /a='xx'/],
];
for (const [rule, pattern, stanza, problem] of MISMATCHES)
  matching(rule, () => assert.match(why(pattern, stanza) ?? "it matched", problem));

matching.run();

const playing = suite("a conversation fails");

const FAILURES: readonly (readonly [rule: string, steps: string, problem: RegExp])[] = [
  [
    "when an answer is another one",
    "alice sends:\n  <iq type='get' to='{room}/bob'>\n    <ping xmlns='urn:xmpp:ping'/>\n  </iq>\nalice is refused: cancel/forbidden",
    /x\.txt:11: alice got no error/,
  ],
  [
    "when nobody looks at an answer",
    "alice sends:\n  <iq type='get' to='{room}/bob'>\n    <ping xmlns='urn:xmpp:ping'/>\n  </iq>",
    /x\.txt:7: nothing says what alice gets/,
  ],
  [
    "when an answer is expected that nobody asked for",
    "alice is refused: cancel/forbidden",
    /x\.txt:7: alice has no request/,
  ],
  [
    "when something came where nothing should",
    "bob sends:\n  <presence to='{room}/Robert'/>\nalice gets nothing",
    /x\.txt:9: alice got\n<presence/,
  ],
  [
    "when a presence comes that shows no other hats than the one before",
    [
      "bob sends:\n  <presence to='{room}/bob'/>\nalice sees bob wearing nothing",
      "bob sends:\n  <presence to='{room}/bob'/>\nalice sees bob wearing nothing",
    ].join("\n"),
    /x\.txt:12: alice does not see that; a presence came that shows nothing new/,
  ],
];
for (const [rule, steps, problem] of FAILURES) {
  playing(`${rule}, naming file and line`, async () => {
    const text = `Rule\n\nbot: absent\nalice: owner, present\nbob: none, present\n---\n${steps}\n`;
    const world = memoryWorld({ hats: true });
    const failure = await playConversation(parseConversation("x.txt", text), world, "1").catch(String);
    assert.match(failure ?? "it came true", problem);
  });
}

playing.run();

function why(pattern: string, stanza: string): string | undefined {
  const match = matchStanza(only(pattern), only(stanza), new Map());
  return isMatch(match) ? undefined : match.why;
}

function only(text: string): ReturnType<typeof parseStanzas>[number] {
  const [stanza] = parseStanzas(text);
  if (stanza === undefined) throw new Error(`no stanza in ${text}`);
  return stanza;
}

function form(children: string): string {
  return `<iq><x xmlns='jabber:x:data'>${children}</x></iq>`;
}
