/**
 * Whatever people read comes out of the language's file: all commands and the chat, walked in a language whose words are
 * marked. What is left outside of the marks has to be a value that this test knows.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Chat } from "../../src/commands/chat/chat.ts";
import { valueCheck } from "../../src/commands/chat/value-check.ts";
import type { Source } from "../../src/commands/engine/engine.ts";
import { STEP_BY_CODE } from "../../src/commands/room/next-step.ts";
import type { RoomStanding } from "../../src/commands/room/room-care.ts";
import { HatsError } from "../../src/core/errors.ts";
import { EXPLANATIONS, type ExplanationCode } from "../../src/core/explanations.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import {
  buildCommandRequest,
  buildCommandResponse,
  type CommandResponse,
  parseCommandRequest,
} from "../../src/stanza/command.ts";
import { parseForm } from "../../src/stanza/data-form.ts";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, elements, xml } from "../../src/stanza/xml.ts";
import { refusal, wordsOf } from "../../src/xmpp/muc/room-refusal.ts";
import { occupant, submission, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";
import { insideMarks, MARKED, markedForms, outsideMarks } from "../support/marked-language.ts";

const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const LAB = "lab@rooms.example.org";
const TEACHER = "https://example.org/hats/teacher";
const HELPER = "urn:x:helper";
const INSIDE = occupant(TEAM, "Carol", { realJid: CAROL as BareJid });
const HOST = occupant(TEAM, "Alice", {
  affiliation: "owner",
  role: "moderator",
  realJid: "alice@example.org" as BareJid,
});

/* Values: what people are called and wrote, addresses, times, and what the protocol, options and keys are called. */
const VALUES: readonly RegExp[] = [
  /\b(?:urn|https?):[^\s,;)”]+/g,
  /[\w.-]+@[\w.]+(?:\/\w+)?/g,
  /\d{4}-\d\d-\d\dT[\d:.]+Z/g,
  /\b\d+[mhd]\b|\bPT?\d+\w*\b/g,
  /\b(?:Teacher|Helper|Cook|Maths|Guest|Bobby|Carol|Alice|Nobody|bob|carol)\b/g,
  /\b(?:xep-0317|own-presence|hats|teal|merge|replace|keep|restore|drop)\b/g,
  /\b(?:auth|cancel|modify|wait)\/[\w-]+/g,
];

/* The columns of a list, and the keys of a document. */
const DOCUMENT_VALUES: readonly RegExp[] = [
  ...VALUES,
  /\b(?:user|hat|title|active|required|expires|users|hats|grants|rooms|version|wearers)\b/g,
  /\b(?:colour|hue|defaultExpires|members|nick|undefined)\b/g,
];

/* What a field takes. */
const GOOD: Values = {
  room: TEAM,
  user: BOB,
  hat: TEACHER,
  title: "Cook",
  active: "1",
  required: "0",
  expires: "7d",
  hats: [TEACHER, HELPER],
  "shown-hats": [],
  "hidden-hats": HELPER,
  "required-hats": HELPER,
  hue: "teal",
  "default-expires": "7d",
  members: "1",
  document: `${BOB},${TEACHER},,0,1,\n${CAROL},,Guest`,
  "enable-hats": "1",
  nick: "Nobody",
  announce: "1",
  "hats#jid": BOB,
  "hats#uri": TEACHER,
  "hats#title": "Maths",
  "hats#hue": "120",
};

/* What scripts ask for, good and bad; the room is added. */
const AT_ONCE: Readonly<Record<string, readonly Values[]>> = {
  "add-user-hat": [
    { user: BOB, title: "Teacher" },
    { user: BOB, title: "Teacher" },
    { user: [BOB, CAROL], hat: TEACHER, title: "Maths", active: "0", required: "1", expires: "1h" },
    { user: BOB, hat: "", title: "" },
    { user: BOB, hat: "Teacher" },
    { user: BOB, hat: [TEACHER, HELPER] },
    { user: "@", title: "Cook" },
    { user: "mallory@example.org", title: "Cook" },
    { user: ["mallory@example.org", "eve@example.org"], title: "Cook" },
    { user: BOB, title: "Cook", active: "Nobody" },
    { user: BOB, title: "a\nb" },
    { user: BOB, title: "a".repeat(300) },
    { user: BOB, title: "Cook", expires: "Nobody" },
    { user: BOB, title: "Cook", expires: "2001-01-01T00:00:00Z" },
    { user: BOB, title: "Cook", expires: "2999-01-01T00:00:00Z" },
    { title: "Cook" },
  ],
  "set-user-hats": [
    { user: BOB },
    { user: BOB, hats: [] },
    { user: BOB, hats: [] },
    { user: BOB, hats: TEACHER, "hidden-hats": HELPER },
    { user: BOB, hats: TEACHER, titles: "Cook" },
    { user: BOB, hats: TEACHER, titles: `${HELPER} Cook` },
    { user: BOB, hats: [TEACHER, HELPER], "hidden-hats": HELPER, "required-hats": TEACHER },
    { user: CAROL, hats: HELPER, "required-hats": HELPER },
  ],
  "remove-user-hat": [
    { user: BOB, hat: HELPER },
    { user: BOB, hat: HELPER },
    { user: BOB, hat: "urn:x:unknown" },
  ],
  "list-user-hats": [{ user: BOB }, { user: "dave@example.org" }],
  "list-room-hats": [{}, { after: "Nobody" }],
  "list-hats": [{}],
  "my-hats": [{}, { "shown-hats": [] }, { "shown-hats": TEACHER }, { "shown-hats": "urn:x:unknown" }],
  "define-hat": [
    { title: "Cook", hue: "grey" },
    { title: "Cook", hue: "400" },
    { title: "Cook", hue: "Nobody" },
    { title: "Cook", "default-expires": "Nobody" },
    { title: "Cook", "default-expires": "P200Y" },
    { title: "Cook" },
    { title: "Cook" },
    { title: "" },
  ],
  "delegate-hat": [
    { hat: TEACHER, user: [BOB] },
    { hat: TEACHER, user: [BOB] },
    { hat: TEACHER, members: "1" },
    { hat: TEACHER, members: "1" },
    { hat: TEACHER },
    { hat: TEACHER },
    { hat: "urn:x:unknown" },
  ],
  "retire-hat": [{ hat: "urn:x:unknown" }],
  "export-hats": [{}, { after: "Nobody" }],
  "import-hats": [{ document: `${BOB},${TEACHER}`, mode: "other" }, { document: `${BOB},${TEACHER}` }],
  "hat-history": [{}, { user: BOB }, { after: "Nobody" }, { hat: "Nobody" }],
  undo: [{ id: "Nobody" }, { id: "999" }, { id: "1" }, { id: "2" }, {}],
  "manage-room": [
    { nick: "\u0085" },
    { announce: "Nobody" },
    { archive: "drop" },
    { room: "new@rooms.example.org" },
    { room: "new@rooms.example.org", nick: "Nobody" },
    { room: "new@rooms.example.org", nick: "Nobody" },
  ],
  "leave-room": [{ room: "new@rooms.example.org" }, {}],
  "desk-status": [{}, { "enable-hats": "1" }],
  [HAT_NODES.create]: [{ "hats#title": "Cook" }, {}, { "hats#title": "Cook", "hats#hue": "Nobody" }],
  [HAT_NODES.assign]: [{ "hats#jid": BOB, "hats#uri": TEACHER }, { "hats#jid": BOB }, {}],
  [HAT_NODES.unassign]: [{ "hats#jid": BOB, "hats#uri": TEACHER }, {}],
  [HAT_NODES.list]: [{}],
  [HAT_NODES.listAssigned]: [{}],
  [HAT_NODES.destroy]: [{}],
};

/* Documents with something wrong, in each way that there is. */
const DOCUMENTS: readonly string[] = [
  `${BOB},${TEACHER},Teacher,1,0,7d`,
  "Nobody",
  BOB,
  `${BOB},Nobody`,
  `${BOB},${TEACHER},,Nobody,0,Nobody`,
  `${BOB},${TEACHER},,1,0,2001-01-01T00:00:00Z`,
  `${BOB},${TEACHER},"Nobody`,
  `${BOB},${TEACHER},"Nobody" Nobody`,
  `${BOB},${TEACHER},Nobody"Nobody`,
  `${BOB},${TEACHER},1,1,1,1,1`,
  `${BOB},${TEACHER},,1\n${BOB},${TEACHER},,0`,
  `user,hat,nick\n${BOB},${TEACHER}`,
  `user,hat,hat\n${BOB},${TEACHER}`,
  `user,hat,\n${BOB},${TEACHER}`,
  Array.from({ length: 30 }, () => BOB).join("\n"),
  `eve@example.org,${TEACHER}`,
  '{"users":',
  "{}[]",
  '{"version":2,"rooms":{}}',
  '{"rooms":3}',
  '{"rooms":{"other@rooms.example.org":{}}}',
  '{"wearers":{}}',
  `{"users":{"${BOB}":{}}}`,
  `{"users":{"${BOB}":{"hats":{"${TEACHER}":{"active":"yes"}}}}}`,
  `{"users":{"${BOB}":{"hats":{"${TEACHER}":{"title":3}}}}}`,
  `{"users":{"${BOB}":{"hats":3}}}`,
  `{"users":{"${BOB}":{"hats":{"Nobody":{}}}}}`,
  `{"hats":{"${TEACHER}":{"hue":400}}}`,
  `{"hats":{"${TEACHER}":{"hue":"teal"}}}`,
  `{"hats":{"${TEACHER}":{"defaultExpires":1.5}}}`,
  `{"hats":{"${TEACHER}":{"colour":"teal"}}}`,
  `{"hats":{"Nobody":{}}}`,
  `{"expires":{"${BOB}":{"${TEACHER}":"2999-01-01T00:00:00.000Z"}}}`,
  `{"expires":{"${BOB}":{"${TEACHER}":"Nobody"}}}`,
  `{"grants":{"${TEACHER}":{"users":[],"members":true}}}`,
  `{"grants":{"${TEACHER}":{"users":["Nobody"],"members":true}}}`,
  `{"grants":{"${TEACHER}":{"users":{}}}}`,
];

/* What somebody says in the chat; nothing stands for an encrypted message. */
const LINES: readonly string[] = [
  "⟦help⟧",
  "hello",
  "",
  "⟦give⟧ bob Teacher",
  "⟦give⟧ bob Guest",
  "⟦no⟧",
  "⟦cancel⟧",
  "⟦give⟧",
  "⟦nobody⟧ Nobody",
  "1",
  "9",
  "⟦back⟧",
  "⟦back⟧",
  "⟦back⟧",
  "⟦cancel⟧",
  "⟦cancel⟧",
  "⟦take⟧ bob, carol",
  "Nobody",
  "⟦cancel⟧",
  "⟦set⟧ carol",
  "⟦none⟧",
  "-",
  "-",
  "⟦set⟧ carol",
  "Helper",
  "⟦none⟧",
  "Nobody",
  "⟦cancel⟧",
  "⟦who⟧",
  "⟦who⟧ bob",
  "⟦hats⟧",
  "⟦my⟧",
  "⟦none⟧",
  "⟦cancel⟧",
  "⟦define⟧ Cook",
  "-",
  "-",
  "-",
  "⟦cancel⟧",
  "⟦retire⟧ Cook",
  "Nobody",
  "⟦no⟧",
  "⟦delegate⟧ Teacher",
  "bob",
  "Nobody",
  "⟦yes⟧",
  "⟦history⟧",
  "⟦undo⟧",
  "Nobody",
  "1",
  "⟦cancel⟧",
  "⟦undo⟧ 1",
  "⟦status⟧",
  "⟦cancel⟧",
  `⟦room⟧ ${TEAM}`,
  "⟦room⟧",
  "⟦hats⟧",
  "⟦cancel⟧",
];

/* A room whose hats are switched off. */
const OFF: Partial<RoomStanding> = { dialect: "own-presence" };

/* What leaves others nothing to do. */
const ENDINGS: readonly string[] = ["retire-hat", HAT_NODES.destroy, "leave-room"];

/* Why a room is refused, suspended or not told. */
const WHY = (Object.keys(EXPLANATIONS) as ExplanationCode[]).filter((code) =>
  /^(?:refused|suspended)-|^(?:no-answer|no-stream|odd-command|sees-no-jids)$/.test(code),
);

interface Reader {
  readonly at: HatDesk;
  readonly chat: Chat;
}

const test = suite<Reader>("what people read");
const { forms, pieces } = markedForms();
const read = new Set<string>();

/* A room with hats, somebody who may give one, people in it, and a past. */
async function open(): Promise<Reader> {
  const at = await openHatDesk({ forms });
  let now = 0;
  const check = valueCheck(at.desk);
  const chat = new Chat({ engine: at.engine, forms, check, log: silentLog, now: () => (now += 15_000) });
  at.rooms.add(LAB, { "alice@example.org": "owner" });
  at.rooms.enter(TEAM, { nick: "Bobby", realJid: BOB });
  at.rooms.enter(TEAM, { nick: "Carol", realJid: CAROL });
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" });
  await at.desk.archiveRoom(TEAM as RoomJid, "recreated");
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" });
  await at.desk.addUserHat(CAROL, TEAM, HELPER, { active: false, required: true, title: "Helper" });
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: HELPER, user: "dave@example.org" });
  return { at, chat };
}

test.before.each(async (reader) => {
  Object.assign(reader, await open());
});
test.after.each(({ at }) => at.close());

/* Reads a text, and says what is in it that is neither marked nor a value. */
function take(where: string, text: string): void {
  const values = where.startsWith("import-hats") ? DOCUMENT_VALUES : VALUES;
  for (const piece of insideMarks(text)) read.add(piece);
  const left = values.reduce((rest, value) => rest.replaceAll(value, " "), outsideMarks(text));
  assert.not.match(left, /\p{L}{2}/u, `${where}: ${text}`);
}

/* What a person sees of an answer; a document and what stands in a form already is theirs. */
function takeAnswer(where: string, answer: Element): void {
  for (const child of elements(answer)) {
    if (["title", "instructions", "desc", "note"].includes(child.name)) take(where, child.getText());
    if (child.name === "item")
      for (const cell of elements(child)) take(where, cell.getChildText("value") ?? "");
    else takeAnswer(where, child);
    take(where, String(child.attrs["label"] ?? ""));
  }
}

interface Request {
  readonly node: string;
  readonly sessionid?: string;
  readonly action?: "complete" | "next" | "prev";
  readonly form?: Values;
}

/* Sends a command in the marked language, and reads what comes; undefined where it is refused. */
async function ask(
  reader: Reader,
  source: Source,
  { form, ...request }: Request,
): Promise<CommandResponse | undefined> {
  const where = `${request.node} ${JSON.stringify(form ?? {})}`;
  const command = buildCommandRequest({ ...request, lang: MARKED }, form && submission(form));
  const iq = xml("iq", { type: "set", from: source.address, id: "1" }, command);
  try {
    const response = await reader.at.engine.handle(source, parseCommandRequest(iq, command));
    takeAnswer(where, buildCommandResponse(response));
    return response;
  } catch (error) {
    if (!(error instanceof HatsError) || error.code === "internal") throw error;
    take(where, forms.phrases(MARKED).explain(error.explanation));
    return undefined;
  }
}

/* Fills in whatever is asked, with a mistake in each form first, until nothing more is asked. */
async function walk(reader: Reader, source: Source, node: string): Promise<void> {
  let response = await ask(reader, source, { node });
  for (let steps = 0; response?.status === "executing" && steps < 8; steps += 1) {
    const { sessionid, payload } = response;
    const fields = payload === undefined ? [] : parseForm(payload).fields;
    const wrong = Object.fromEntries(fields.map((field) => [field.var, "\u0085"]));
    const right = Object.fromEntries(
      fields.map((field) => [field.var, GOOD[field.var] ?? field.values ?? []]),
    );
    await ask(reader, source, { node, sessionid, action: "next", form: wrong });
    response = await ask(reader, source, { node, sessionid, action: "next", form: right });
  }
}

for (const [who, source] of [
  ["the desk's admin", OPERATOR],
  ["the room's owner", OWNER],
  ["a member", MEMBER],
  ["somebody in the room", INSIDE],
  ["a host in the room", HOST],
] as const) {
  test(`${who} reads nothing else, step by step and with a mistake in each form`, async (reader) => {
    const nodes = [...forms.nodes, ...Object.values(HAT_NODES)].filter((node) => !ENDINGS.includes(node));
    for (const node of [...nodes, ...ENDINGS]) await walk(reader, source, node);
  });
}

test("scripts read nothing else, whatever they do wrong", async (reader) => {
  for (const [node, wishes] of Object.entries(AT_ONCE))
    for (const wish of wishes) {
      await ask(reader, OWNER, { node, form: { room: TEAM, ...wish } });
      await ask(reader, OPERATOR, { node, form: { room: TEAM, ...wish } });
      await ask(reader, MEMBER, { node, form: { room: TEAM, ...wish } });
      await ask(reader, INSIDE, { node, form: wish });
    }
  for (const form of [{ room: "other@rooms.example.org" }, { room: "@" }, {}, { FORM_TYPE: "urn:x:other" }])
    for (const source of [OWNER, OPERATOR, STRANGER, INSIDE])
      await ask(reader, source, { node: "list-hats", form });
  await ask(reader, OWNER, { node: "list-hats", sessionid: "made-up" });
  await ask(reader, OWNER, { node: "list-hats", action: "prev" });
  await ask(reader, OWNER, { node: "no-such-command" });
});

test("mistakes in documents are told in nothing else", async (reader) => {
  for (const document of DOCUMENTS)
    for (const mode of ["merge", "replace"])
      await ask(reader, OWNER, { node: "import-hats", form: { room: TEAM, document, mode, "dry-run": "1" } });
});

test("how a room stands is told in nothing else, whatever is the matter", async (reader) => {
  const { care } = reader.at;
  const standings: Partial<RoomStanding>[] = [
    ...Object.keys(STEP_BY_CODE).map((code) => ({ state: "refused" as const, code })),
    ...WHY.map((code) => ({ reason: { code, values: { node: TEAM, what: { code: "no-table" } } } as const })),
    ...(["owner", "admin", "member", "none", "outcast"] as const).map((rights) => ({ rights })),
    { dialect: "own-presence", pending: 2, drift: 1 },
    OFF,
    { unshown: [`${BOB}: ${TEACHER}`] },
    { lastError: refusal("destroyed", ...wordsOf("Nobody"), { code: "not-let-in" }).why },
    { lastError: new StanzaError("cancel", "not-allowed", undefined, "Nobody").explanation },
  ];
  care.switches.set(TEAM, false);
  for (const standing of standings) {
    care.standings.set(TEAM, standing);
    await ask(reader, OWNER, { node: "desk-status", form: { room: TEAM } });
  }
  care.standings.set(TEAM, OFF);
  care.switches.set(TEAM, false);
  await walk(reader, HOST, "desk-status");
});

test("the chat says nothing else", async (reader) => {
  for (const source of [OWNER, MEMBER, INSIDE])
    for (const text of LINES) {
      const said = await reader.chat.hear(source, { text, lang: MARKED, isEncrypted: text === "" });
      take(`chat: ${text}`, said?.text ?? "");
    }
  const stranger = await reader.chat.hear(STRANGER, { text: "hello", lang: MARKED, isEncrypted: false });
  take("chat with a stranger", stranger?.text ?? "");
});

test("what happened is told in nothing else, whoever did it", async (reader) => {
  const { desk } = reader.at;
  await desk.stripUser(TEAM as RoomJid, BOB as BareJid, { kind: "room" }, "affiliation ended");
  for (const why of ["created", "destroyed", "recreated", "forgotten"]) {
    await desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" });
    await desk.archiveRoom(TEAM as RoomJid, why);
  }
  for (const node of ["hat-history", "undo", "manage-room"]) await walk(reader, OPERATOR, node);
  await ask(reader, OPERATOR, { node: "hat-history", form: { room: TEAM } });
  await ask(reader, OPERATOR, { node: "manage-room", form: { room: TEAM, archive: "restore" } });
});

test("most of the language was read here", () => {
  const unread = [...pieces].filter((piece) => !read.has(piece));
  assert.ok(
    unread.length < pieces.size / 3,
    `${unread.length} of ${pieces.size} not read: ${unread.join(" | ")}`,
  );
});

test.run();
