/** What people read who ask in their language: a hat from the first form to the note, mistakes, lists and refusals. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { silentLog } from "../../src/core/log.ts";
import { parseCommandResponse } from "../../src/stanza/command.ts";
import { parseForm, parseTable } from "../../src/stanza/data-form.ts";
import { buildDiscoQuery, parseDiscoItems } from "../../src/stanza/disco.ts";
import { NS_COMMANDS, NS_DISCO_INFO, NS_DISCO_ITEMS, NS_STANZAS } from "../../src/stanza/namespaces.ts";
import { type Element, elements, xml } from "../../src/stanza/xml.ts";
import { commandRoute } from "../../src/xmpp/answers/adhoc.ts";
import { discoRoutes } from "../../src/xmpp/answers/disco-responder.ts";
import { answerIqs } from "../../src/xmpp/answers/iq-responder.ts";
import { submission, type Values } from "../support/engine.ts";
import { type HatDesk, openHatDesk, TEAM } from "../support/hat-desk.ts";
import { Wire } from "../support/wire.ts";

const BOT = "hats@example.org/milliner";
const ALICE = "alice@example.org/desk";

interface Sent {
  readonly lang?: string;
  /** Where xml:lang stands; on the IQ where it is not said. */
  readonly on?: "command" | "iq";
  readonly sessionid?: string;
  readonly form?: Values;
  readonly from?: string;
}

interface Context {
  at: HatDesk;
  wire: Wire;
}

const test = suite<Context>("languages, end to end");

test.before.each(async (context) => {
  const at = await openHatDesk();
  const wire = new Wire(BOT);
  const rooms = {
    isRoomService: () => false,
    requester: () => undefined,
    status: () => ({ nick: "hats" }) as never,
    on: () => undefined,
  };
  const forms = loadForms();
  const software = { name: "Milliner", version: "1" };
  const disco = discoRoutes({ engine: at.engine, rooms, stream: wire, software });
  answerIqs(wire, [commandRoute(at.engine, rooms as never), ...disco], silentLog, (wanted) =>
    forms.phrases(wanted),
  );
  Object.assign(context, { at, wire });
});
test.after.each(({ at }) => at.close());

function sendTo(
  wire: Wire,
  node: string,
  { lang, on = "iq", sessionid, form, from = ALICE }: Sent,
): Promise<Element> {
  const attrs = { type: "set", from, to: BOT, id: "i1", "xml:lang": on === "iq" ? lang : undefined };
  const own = { xmlns: NS_COMMANDS, node, sessionid, "xml:lang": on === "command" ? lang : undefined };
  return wire.exchange(xml("iq", attrs, xml("command", own, form && submission(form))));
}

/* What there is to read in an answer, each with its language before it. */
function readIn(answer: Element): string[] {
  const error = answer.getChild("error");
  const text = error?.getChild("text", NS_STANZAS);
  if (error !== undefined) return [`${text?.attrs["xml:lang"]}: ${text?.getText()}`];
  const command = answer.getChild("command");
  const response = command && parseCommandResponse(command);
  if (response === undefined) throw new Error(String(answer));
  const { payload, notes, lang } = response;
  const table = payload && parseTable(payload);
  const form = table === undefined && payload !== undefined ? parseForm(payload) : undefined;
  return [
    ...(form === undefined ? [] : [form.title, form.instructions, ...form.fields.map(({ label }) => label)]),
    ...(table === undefined ? [] : [table.title, table.columns.map(({ label }) => label).join(" | ")]),
    ...notes.map((note) => note.text),
  ].map((line) => `${lang}: ${line}`);
}

const sessionidIn = (answer: Element): string => String(answer.getChild("command")?.attrs["sessionid"]);

interface Story {
  readonly lang: string;
  readonly commands: readonly string[];
  readonly first: readonly string[];
  readonly mistake: string;
  readonly given: string;
  readonly table: readonly string[];
  readonly taken: string;
  readonly refused: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    lang: "de",
    commands: ["Hut geben", "Hut nehmen", "Hüte einer Person festlegen"],
    first: ["Hut geben", "Wähle, wer einen Hut bekommt und welchen. Für einen neuen Hut genügt sein Titel."],
    mistake: "Bis: „bald“ ist nicht verständlich; schreib 7d, 2027-01-31 oder 2027-01-31 18:00",
    given: `bob@example.org hat in ${TEAM} jetzt „Köchin“.`,
    table: [`Wer was trägt in ${TEAM}`, "Wer | Hut | Titel | Sichtbar | Pflicht | Bis"],
    taken: `bob@example.org hat in ${TEAM} „Gast“ und „Köchin“ nicht mehr.`,
    refused: [
      "user: keine JID wie bob@example.org",
      "diesen Raum gibt es nicht",
      "das ist hier nicht erlaubt",
    ],
  },
  {
    lang: "fr",
    commands: ["Donner un chapeau", "Retirer un chapeau", "Définir les chapeaux d’une personne"],
    first: [
      "Donner un chapeau",
      "Choisissez à qui donner le chapeau et lequel. Pour un nouveau chapeau, indiquez son titre.",
    ],
    mistake: "Jusqu’à : « bald » n’est pas compris ; écrivez 7d, 2027-01-31 ou 2027-01-31 18:00",
    given: `bob@example.org a maintenant « Köchin » dans ${TEAM}.`,
    table: [`Qui porte quoi dans ${TEAM}`, "Qui | Chapeau | Titre | Visible | Obligatoire | Jusqu’à"],
    taken: `bob@example.org n’a plus « Gast » et « Köchin » dans ${TEAM}.`,
    refused: ["user: pas un JID tel que bob@example.org", "ce salon n’existe pas", "ce n’est pas permis ici"],
  },
  {
    lang: "es",
    commands: ["Dar un sombrero", "Quitar un sombrero", "Fijar los sombreros de una persona"],
    first: [
      "Dar un sombrero",
      "Elige a quién dar el sombrero y cuál. Para un sombrero nuevo, escribe su título.",
    ],
    mistake: "Hasta: «bald» no se entiende; escribe 7d, 2027-01-31 o 2027-01-31 18:00",
    given: `bob@example.org ahora tiene «Köchin» en ${TEAM}.`,
    table: [`Quién lleva qué en ${TEAM}`, "Quién | Sombrero | Título | Visible | Obligatorio | Hasta"],
    taken: `bob@example.org ya no tiene «Gast» y «Köchin» en ${TEAM}.`,
    refused: ["user: no es un JID, como bob@example.org", "no existe esa sala", "aquí no se permite"],
  },
  {
    lang: "en",
    commands: ["Give a hat", "Take a hat away", "Set somebody's hats"],
    first: ["Give a hat", "Choose whom to give the hat and which one. For a new hat, give its title."],
    mistake: "Until: “bald” is not understood; write 7d, 2027-01-31 or 2027-01-31 18:00",
    given: `bob@example.org now has “Köchin” in ${TEAM}.`,
    table: [`Who wears what in ${TEAM}`, "Who | Hat | Title | Shown | Required | Until"],
    taken: `bob@example.org no longer has “Gast” and “Köchin” in ${TEAM}.`,
    refused: ["user: not a JID, such as bob@example.org", "no such room", "you may not do that here"],
  },
];

/* A space that does not break is a space to whoever reads it. */
const plain = (line: string): string => line.replaceAll("\u00a0", " ");

for (const { lang, commands, first, mistake, given, table, taken, refused } of STORIES) {
  const say = (lines: readonly string[]): string[] => lines.map((line) => `${lang}: ${line}`);

  test(`${lang}: the commands are listed by their names, and the list says its language`, async ({
    wire,
  }) => {
    const attrs = { type: "get", from: ALICE, to: BOT, id: "d1" };
    for (const iq of [
      xml("iq", { ...attrs, "xml:lang": lang }, buildDiscoQuery(NS_DISCO_ITEMS, NS_COMMANDS)),
      xml("iq", { ...attrs, "xml:lang": "tlh" }, buildDiscoQuery(NS_DISCO_ITEMS, NS_COMMANDS, lang)),
    ]) {
      const answer = await wire.exchange(iq);
      assert.is(answer.attrs["xml:lang"], lang);
      const [items] = elements(answer);
      assert.equal(
        parseDiscoItems(items as Element)
          .slice(0, 3)
          .map(({ name }) => name),
        commands,
      );
    }
  });

  test(`${lang}: a hat is given step by step, a mistake mended, seen in a table, and taken`, async ({
    wire,
  }) => {
    const opened = await sendTo(wire, "add-user-hat", { lang });
    assert.equal(readIn(opened).map(plain).slice(0, 2), say(first));
    const sessionid = sessionidIn(opened);
    const form = { user: "bob@example.org", title: "Köchin", active: "1", required: "0", reason: "" };
    const again = await sendTo(wire, "add-user-hat", { sessionid, form: { ...form, expires: "bald" } });
    assert.ok(readIn(again).map(plain)[1]?.includes(mistake), readIn(again)[1]);
    const done = await sendTo(wire, "add-user-hat", { sessionid, form: { ...form, expires: "" } });
    assert.equal(readIn(done).map(plain), say([given]));

    const more = { room: TEAM, user: "bob@example.org", title: "Gast" };
    await sendTo(wire, "add-user-hat", { lang, form: more });
    const listed = await sendTo(wire, "list-room-hats", { lang, form: { room: TEAM } });
    assert.equal(readIn(listed).map(plain).slice(0, 2), say(table));
    const none = { room: TEAM, user: "bob@example.org", hats: "" };
    assert.equal(readIn(await sendTo(wire, "set-user-hats", { lang, form: none })).map(plain), say([taken]));
  });

  test(`${lang}: refusals are in the language, and say which it is`, async ({ wire }) => {
    const wrong = { lang, form: { room: TEAM, user: "@", title: "Gast" } };
    const elsewhere = {
      lang,
      form: { room: "other@rooms.example.org", user: "bob@example.org", title: "Gast" },
    };
    const notTheirs = {
      lang,
      form: { room: TEAM, user: "bob@example.org", title: "Gast" },
      from: "dave@example.org/x",
    };
    const answers = [
      await sendTo(wire, "add-user-hat", wrong),
      await sendTo(wire, "add-user-hat", elsewhere),
      await sendTo(wire, "add-user-hat", notTheirs),
    ];
    assert.equal(answers.flatMap(readIn), say(refused));
  });
}

for (const [wanted, spoken] of [
  ["de-AT", "de"],
  ["DE-ch", "de"],
  ["fr-CA-x-own", "fr"],
  ["es-419", "es"],
  ["en-GB", "en"],
  ["*", "en"],
  ["tlh", "en"],
  ["", "en"],
  ["x-klingon", "en"],
  ["not a language!", "en"],
] as const) {
  test(`“${wanted}” is answered in ${spoken}, never refused`, async ({ wire }) => {
    for (const on of ["iq", "command"] as const) {
      const answer = await sendTo(wire, "list-hats", { lang: wanted, on, form: { room: TEAM } });
      assert.is(answer.getChild("command")?.attrs["xml:lang"], spoken);
      const refused = await sendTo(wire, "no-such-node", { lang: wanted, on });
      assert.is(refused.getChild("error")?.getChild("text")?.attrs["xml:lang"], spoken);
    }
  });
}

test("a session keeps the language that it began in, in its refusals too", async ({ wire }) => {
  const sessionid = sessionidIn(await sendTo(wire, "add-user-hat", { lang: "de" }));
  for (const lang of ["fr", undefined]) {
    const again = await sendTo(wire, "add-user-hat", { ...(lang && { lang }), sessionid });
    assert.is(readIn(again)[0], "de: Hut geben");
    const refused = await sendTo(wire, "list-hats", { ...(lang && { lang }), sessionid });
    assert.equal(readIn(refused), ["de: unbekannte Sitzung"]);
  }
});

test("what is not there is refused in the language that disco was asked in", async ({ wire }) => {
  const query = xml("query", { xmlns: NS_DISCO_INFO, node: "nothing" });
  const attrs = { type: "get", from: ALICE, to: BOT, id: "d2", "xml:lang": "es-MX" };
  assert.equal(readIn(await wire.exchange(xml("iq", attrs, query))), ["es: no existe ese comando"]);
});

test.run();
