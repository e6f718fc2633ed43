import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildCaps, capsVer } from "../../src/stanza/caps.ts";
import { buildForm } from "../../src/stanza/data-form.ts";
import {
  buildDiscoInfo,
  buildDiscoItems,
  type DiscoInfo,
  parseDiscoInfo,
  parseDiscoItems,
} from "../../src/stanza/disco.ts";

const test = suite("disco and caps");

const FEATURES = [
  "http://jabber.org/protocol/muc",
  "http://jabber.org/protocol/caps",
  "http://jabber.org/protocol/disco#items",
  "http://jabber.org/protocol/disco#info",
];

const SIMPLE: DiscoInfo = {
  identities: [{ category: "client", type: "pc", name: "Exodus 0.9.1" }],
  features: FEATURES,
  forms: [],
};

const COMPLEX: DiscoInfo = {
  identities: [
    { category: "client", type: "pc", name: "Psi 0.11", lang: "en" },
    { category: "client", type: "pc", name: "Ψ 0.11", lang: "el" },
  ],
  features: FEATURES,
  forms: [
    {
      type: "result",
      formType: "urn:xmpp:dataforms:softwareinfo",
      fields: [
        { var: "software_version", type: "text-single", values: ["0.11"] },
        { var: "software", type: "text-single", values: ["Psi"] },
        { var: "os_version", type: "text-single", values: ["10.5.1"] },
        { var: "os", type: "text-single", values: ["Mac"] },
        { var: "ip_version", type: "text-multi", values: ["ipv6", "ipv4"] },
      ],
    },
  ],
};

test("the verification string of XEP-0115's simple example comes out", () => {
  assert.is(capsVer(SIMPLE), "QgayPKawpkPSDYmwT/WM94uAlu0=");
});

test("the verification string of XEP-0115's complex example comes out", () => {
  assert.is(capsVer(COMPLEX), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
});

test("caps name the hash, the software and the verification string", () => {
  assert.is(
    buildCaps("https://example.org/bot", "abc=").toString(),
    '<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://example.org/bot" ver="abc="/>',
  );
});

test("an information answer reads back as it was built", () => {
  const query = buildDiscoInfo(COMPLEX, "node", COMPLEX.forms.map(buildForm));
  assert.equal(parseDiscoInfo(query), COMPLEX);
  assert.is(query.attrs["node"], "node");
});

test("an item answer reads back as it was built", () => {
  const items = [
    { jid: "a@example.org", node: "add-user-hat", name: "Give a hat" },
    { jid: "b@example.org" },
  ];
  assert.equal(parseDiscoItems(buildDiscoItems(items, "node")), items);
});

test.run();
