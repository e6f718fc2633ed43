/** Hats in presence and in the rooms' own commands, as they stand on the wire. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildTable } from "../../src/stanza/data-form.ts";
import {
  buildHatSubmission,
  findHatVars,
  parseAssignedTable,
  parseHatTable,
} from "../../src/stanza/hat-commands.ts";
import { buildHats, buildOwnHats, parseHats, parseHue, parseOwnHats } from "../../src/stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";

const presence = suite("hats in presence");

const SHOWN = [
  { uri: "http://schemas.example.com/hats#host", title: "Host", hue: 327.255249 },
  { uri: "urn:x:b", title: "A & B <c> 'd' \"é\"" },
];

for (const ns of [NS_HATS, NS_HATS_LEGACY] as const) {
  presence(`hats in ${ns} are read as they were built`, () => {
    assert.equal(parseHats(xml("presence", {}, buildHats(SHOWN, ns)), ns), SHOWN);
  });
}

presence("hats are read in the namespace asked for and in no other", () => {
  const shown = xml("presence", {}, buildHats(SHOWN, NS_HATS_LEGACY));
  assert.equal(parseHats(shown), []);
  assert.equal(parseHats(xml("presence")), []);
});

presence("what a stranger writes is read without harm: no URI, no title, hues that are none", () => {
  const hat = (attrs: Record<string, string>): Element => xml("hat", attrs);
  const odd = xml(
    "hats",
    { xmlns: NS_HATS },
    hat({ title: "no uri" }),
    hat({ uri: "", title: "empty" }),
    hat({ uri: "urn:x:a", hue: "" }),
    hat({ uri: "urn:x:b", title: "B", hue: "361" }),
    hat({ uri: "urn:x:c", title: "C", hue: "1e2" }),
  );
  assert.equal(parseHats(xml("presence", {}, odd)), [
    { uri: "urn:x:a", title: "urn:x:a" },
    { uri: "urn:x:b", title: "B" },
    { uri: "urn:x:c", title: "C" },
  ]);
});

presence("a hue is a number of degrees up to 360", () => {
  assert.equal(["0", "360", "171.430664", "-1", "", "360.5", "blue", undefined].map(parseHue), [
    0,
    360,
    171.430664,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

presence("the desk's own payload is built as documented and read as it was built", () => {
  const own = {
    wearers: [
      { nick: "al & ice", occupantId: "dd72", hats: SHOWN },
      { nick: "bob", hats: [] },
    ],
    truncated: true,
  };
  const built = buildOwnHats(own);
  assert.match(
    String(built),
    /^<hats xmlns="urn:milliner:hats:0" truncated="true"><wearer nick="al &amp; ice" id="dd72"><hat xmlns="urn:xmpp:hats:0" uri=/,
  );
  assert.equal(parseOwnHats(xml("presence", {}, built)), own);
  assert.is(parseOwnHats(xml("presence", {}, buildHats(SHOWN))), undefined);
});

presence.run();

const commands = suite("hats in the rooms' commands");

const FORMS = [
  {
    server: "XEP-0317",
    vars: ["hats#jid", "hats#uri"],
    filled: { "hats#jid": "b@x", "hats#uri": "urn:x:a" },
  },
  { server: "ejabberd 26.07", vars: ["hats#jid", "hat"], filled: { "hats#jid": "b@x", hat: "urn:x:a" } },
  {
    server: "ejabberd 23.01",
    vars: ["jid", "hat_title", "hat_uri"],
    filled: { jid: "b@x", hat_uri: "urn:x:a", hat_title: "A" },
  },
];

for (const { server, vars, filled } of FORMS) {
  commands(`the form of ${server} is filled under its own vars, and no others`, () => {
    const fields = vars.map((name) => ({ var: name, type: "text-single" as const }));
    const x = buildHatSubmission({ fields }, { jid: "b@x", uri: "urn:x:a", title: "A" });
    const found = x.getChildren("field").map((f) => [f.attrs["var"], f.getChildText("value")]);
    assert.equal(Object.fromEntries(found), filled);
    assert.is(x.attrs["type"], "submit");
  });
}

commands("a form's FORM_TYPE goes back", () => {
  const x = buildHatSubmission({ formType: "urn:xmpp:hats:commands", fields: [] }, {});
  assert.match(String(x), /var="FORM_TYPE"><value>urn:xmpp:hats:commands</);
});

commands("the registered var goes before what some server calls it", () => {
  assert.is(findHatVars([{ var: "hat" }, { var: "hats#uri" }]).get("uri"), "hats#uri");
});

const table = (vars: readonly string[], ...rows: string[][]): Element =>
  buildTable({ columns: vars.map((name) => ({ var: name, label: name })), rows });

commands("a list of assigned hats is read by its columns, addresses made bare", () => {
  const x = table(
    ["hats#jid", "hats#uri", "hats#title", "hats#hue"],
    ["bob@example.org", "urn:x:a", "A", "12.5"],
    ["CAROL@example.org/phone", "urn:x:a", "", ""],
    ["@", "urn:x:a", "A", ""],
    ["dave@example.org", "not a uri", "A", ""],
  );
  assert.equal(parseAssignedTable(x), {
    hats: [
      { jid: "bob@example.org", uri: "urn:x:a", title: "A", hue: 12.5 },
      { jid: "carol@example.org", uri: "urn:x:a", title: "urn:x:a", hue: undefined },
    ],
    strange: 2,
    isCertain: true,
  });
});

commands("a list with a row that lacks its address or its hat is no list", () => {
  const columns = ["hats#jid", "hats#uri", "hats#title"];
  const whole = ["bob@example.org", "urn:x:a", "A"];
  assert.is(parseAssignedTable(table(columns, whole, ["", "urn:x:a", "A"])), undefined);
  assert.is(parseAssignedTable(table(columns, whole, ["bob@example.org", "", "A"])), undefined);
});

commands("where no row tells whether the columns are swapped, the list is not certain", () => {
  const columns = ["jid", "hat_title", "hat_uri"];
  const isCertain = (...rows: string[][]): boolean | undefined =>
    parseAssignedTable(table(columns, ...rows))?.isCertain;
  assert.is(isCertain(["bob@example.org", "urn:x:a", "urn:x:b"]), false);
  assert.is(isCertain(["bob@example.org", "urn:x:a", "urn:x:b"], ["bob@example.org", "A", "urn:x:c"]), true);
  assert.is(isCertain(["bob@example.org", "A", "urn:x:c"], ["bob@example.org", "urn:x:d", "D"]), false);
  assert.is(isCertain(["bob@example.org", "urn:x:a", "urn:x:a"]), true);
  assert.is(isCertain(), true);
});

commands("the columns that ejabberd 23.01 swaps are put right, in every row", () => {
  const x = table(
    ["jid", "hat_title", "hat_uri"],
    ["bob@example.org", "urn:x:a", "Teacher of all"],
    ["carol@example.org", "urn:x:b", "role:helper"],
    ["dave@example.org", "urn:x:c", ""],
  );
  assert.equal(
    parseAssignedTable(x)?.hats.map(({ uri, title }) => [uri, title]),
    [
      ["urn:x:a", "Teacher of all"],
      ["urn:x:b", "role:helper"],
      ["urn:x:c", "urn:x:c"],
    ],
  );
});

commands("columns that are not swapped stay", () => {
  const x = table(["jid", "hat_title", "hat_uri"], ["bob@example.org", "Teacher", "urn:x:a"]);
  assert.equal(parseAssignedTable(x)?.hats, [
    { jid: "bob@example.org", uri: "urn:x:a", title: "Teacher", hue: undefined },
  ]);
});

commands("a list of hats is read; something that is no such list is not taken for an empty one", () => {
  assert.equal(parseHatTable(table(["hats#uri", "hats#title", "hats#hue"], ["urn:x:a", "A", ""])), [
    { uri: "urn:x:a", title: "A", hue: undefined },
  ]);
  assert.equal(parseHatTable(table(["hats#uri", "hats#title"])), []);
  assert.is(parseHatTable(table(["something"])), undefined);
  assert.is(parseHatTable(xml("x", { xmlns: "jabber:x:data" })), undefined);
});

commands.run();
