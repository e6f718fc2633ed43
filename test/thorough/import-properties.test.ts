/** Documents, whatever is in them: out and in again is the same room, and what cannot be read is refused. */
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseDocument } from "../../src/commands/documents/document.ts";
import type { ImportContext } from "../../src/commands/documents/import-context.ts";
import { buildPart } from "../../src/commands/documents/room-document.ts";
import type { Change } from "../../src/core/change.ts";
import { HatsError } from "../../src/core/errors.ts";
import { importHats, type ImportMode, type ImportRow } from "../../src/core/import.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import type { Attachment, Grant, Hat, HatId, RoomView } from "../../src/core/model.ts";
import { parseUserJid } from "../../src/stanza/jid.ts";
import { TEAM, world, type World } from "../support/views.ts";

const test = suite("documents");

const NOW = "2026-01-01T00:00:00.000Z";
const LIMITS = { ...DEFAULT_LIMITS, hatsPerRoom: 1_000_000 };

const CONTEXT: ImportContext = {
  room: TEAM,
  limits: LIMITS,
  findUser: (text) => parseUserJid(text),
  parseExpiry: (text) => text,
  isTooFarAhead: () => false,
};

const title = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.constantFrom('"', ", ; \t", "<&>", "Zoë’s", "__proto__"),
  )
  .map((text) => text.replace(/[^\P{C}]/gu, "").trim())
  .filter((text) => text !== "");
const user = fc
  .constantFrom("__proto__", "al", "bob", "carol", "z", "ä", ...Array.from({ length: 20 }, (_, n) => `u${n}`))
  .map((local) => `${local}@example.org` as BareJid);
const hatId = fc
  .constantFrom("urn:x:a", "urn:x:b", "mailto:x@y", "https://e.org/?q=%22#é")
  .map(encodeURI) as fc.Arbitrary<HatId>;
const moment = fc.constantFrom("2030-01-01T00:00:00.000Z", "2031-06-01T12:30:00.500Z");

const hat: fc.Arbitrary<Hat> = fc.record(
  { title, hue: fc.integer({ min: 0, max: 360 }), defaultExpires: fc.integer({ min: 1, max: 1e6 }) },
  { requiredKeys: [], noNullPrototype: true },
);
const attachment: fc.Arbitrary<Attachment> = fc.record(
  { active: fc.boolean(), required: fc.boolean(), title },
  { requiredKeys: [], noNullPrototype: true },
);
const grant: fc.Arbitrary<Grant> = fc
  .record({ users: fc.uniqueArray(user, { maxLength: 3 }), members: fc.boolean() })
  .map(({ users, members }) => ({ users: users.toSorted(), members }))
  .filter(({ users, members }) => members || users.length > 0);
const worn = fc.record(
  { attachment, until: fc.option(moment, { nil: undefined }) },
  { noNullPrototype: true },
);
const room = fc.record({
  hats: fc.uniqueArray(fc.tuple(hatId, hat, fc.option(grant, { nil: undefined })), {
    selector: ([id]) => id,
  }),
  users: fc.uniqueArray(fc.tuple(user, fc.uniqueArray(fc.tuple(hatId, worn), { selector: ([id]) => id })), {
    selector: ([jid]) => jid,
  }),
});
type Plan = typeof room extends fc.Arbitrary<infer T> ? T : never;

/** The room that a plan describes; hats it does not make are unknown, and left out. */
function build({ hats, users }: Plan): World {
  const at = world();
  const known = new Set(hats.map(([id]) => id));
  const changes: Change[] = hats.map(([id, after]) => ({
    kind: "hat",
    room: TEAM,
    hat: id,
    before: undefined,
    after,
  }));
  for (const [id, , after] of hats)
    if (after !== undefined) changes.push({ kind: "grant", room: TEAM, hat: id, before: undefined, after });
  for (const [jid, all] of users) {
    const own = all.filter(([id]) => known.has(id)).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (own.length === 0) continue;
    const wardrobe = new Map(own.map(([id, how]) => [id, how.attachment]));
    const until = new Map(
      own.flatMap(([id, how]) => (how.until === undefined ? [] : [[id, how.until] as const])),
    );
    changes.push({ kind: "user", room: TEAM, user: jid, before: undefined, after: { hats: wardrobe } });
    if (until.size > 0)
      changes.push({ kind: "expires", room: TEAM, user: jid, before: undefined, after: until });
  }
  at.apply(changes);
  return at;
}

function exportAll(view: RoomView): string[][] {
  const parts: string[][] = [];
  let after: string | undefined;
  do {
    const part = buildPart(TEAM, view, after);
    parts.push([...part.lines]);
    after = part.next;
  } while (after !== undefined);
  return parts;
}

async function take(at: World, lines: readonly string[], mode: ImportMode): Promise<readonly Change[]> {
  const document = await parseDocument(lines, CONTEXT);
  const mintHatId = (): HatId => "urn:x:minted" as HatId;
  return at.apply(
    importHats(at.view, TEAM, document, { mode, limits: LIMITS, now: new Date(NOW), mintHatId }),
  );
}

const viewOf = (at: World): RoomView => at.view.room(TEAM) as RoomView;
const contents = (at: World) => at.state.rooms.get(TEAM);

/* An omitted boolean means false. */
function wearers(at: World): unknown {
  return [...(contents(at)?.users ?? [])]
    .flatMap(([jid, { hats }]) =>
      [...hats].map(([id, { active = false, required = false, title: own }]) => ({
        jid,
        id,
        active,
        required,
        own,
      })),
    )
    .toSorted((a, b) => (a.jid + a.id < b.jid + b.id ? -1 : 1));
}

const mode = fc.constantFrom<ImportMode>("merge", "replace");

test("what a room exported changes nothing when it is imported there, merged or in its place", async () => {
  await fc.assert(
    fc.asyncProperty(room, mode, async (plan, how) => {
      const at = build(plan);
      assert.equal(await take(at, exportAll(viewOf(at)).flat(), how), []);
    }),
    { numRuns: 100 },
  );
});

test("what a room exported makes an empty room the same", async () => {
  await fc.assert(
    fc.asyncProperty(room, mode, async (plan, how) => {
      const at = build(plan);
      const other = world();
      await take(other, exportAll(viewOf(at)).flat(), how);
      assert.equal(contents(other), contents(at));
    }),
    { numRuns: 100 },
  );
});

test("in place of what there is, an export makes any room's people those of the room it came from", async () => {
  await fc.assert(
    fc.asyncProperty(room, room, async (plan, otherPlan) => {
      const at = build(plan);
      const other = build(otherPlan);
      await take(other, exportAll(viewOf(at)).flat(), "replace");
      assert.equal(wearers(other), wearers(at));
      assert.equal(contents(other)?.expires ?? new Map(), contents(at)?.expires ?? new Map());
    }),
    { numRuns: 100 },
  );
});

test("a room of any size comes in parts that each hold less than a stanza, and make it again one by one", async () => {
  const at = world();
  const people = Array.from({ length: 1_500 }, (_, index) => `u${index}@example.org` as BareJid);
  const hats = Array.from({ length: 40 }, (_, index) => `urn:x:${"h".repeat(900)}${index}` as HatId);
  at.apply(
    hats.map((id) => ({
      kind: "hat",
      room: TEAM,
      hat: id,
      before: undefined,
      after: { title: '"'.repeat(250) },
    })),
  );
  const all = new Map(hats.map((id) => [id, { active: true, title: "<".repeat(250) }]));
  at.apply(
    people.map((jid, index) => {
      const own = index === 7 ? all : new Map([[hats[index % 40] as HatId, { active: index % 2 === 0 }]]);
      return { kind: "user", room: TEAM, user: jid, before: undefined, after: { hats: own } };
    }),
  );
  const parts = exportAll(viewOf(at));
  assert.ok(parts.length > 5);
  const other = world();
  for (const part of parts) {
    const escaped = part.join("</value><value>").replace(/["&'<>]/g, "&quot;");
    assert.ok(Buffer.byteLength(escaped) < 125 * 1024, `${Buffer.byteLength(escaped)} bytes`);
    await take(other, part, "merge");
  }
  assert.equal(contents(other), contents(at));
});

test("a hat that goes between two parts neither brings the person's others again nor hides them", () => {
  const at = world();
  const long = (name: string) => `urn:x:${name}${"h".repeat(900)}` as HatId;
  const hats = Array.from({ length: 200 }, (_, index) => long(String(index).padStart(3, "0")));
  const wear = (worn: readonly HatId[]) =>
    at.apply([
      {
        kind: "user",
        room: TEAM,
        user: "u@example.org" as BareJid,
        before: undefined,
        after: { hats: new Map(worn.map((id) => [id, {}])) },
      },
    ]);
  wear(hats);
  const { next = "" } = buildPart(TEAM, viewOf(at), undefined);
  const last = hats.findIndex((id) => next.endsWith(id));
  wear(hats.toSpliced(last, 1));
  const { lines } = buildPart(TEAM, viewOf(at), next);
  const { rooms } = JSON.parse(lines.join("")) as { rooms: Record<string, { hats: object }> };
  assert.is(Object.keys(rooms[TEAM]?.hats ?? {})[0], hats[last + 1]);
});

test("a list that a spreadsheet writes is read as it was", async () => {
  const row = fc.record({
    user,
    hat: hatId,
    active: fc.boolean(),
    required: fc.boolean(),
    title,
    until: moment,
  });
  const rows = fc.uniqueArray(row, { selector: (one) => `${one.user} ${one.hat}` });
  const shape = fc.record({
    columns: fc.shuffledSubarray(["title", "active", "required", "expires"]),
    delimiter: fc.constantFrom(",", ";", "\t"),
    record_delimiter: fc.constantFrom<"unix" | "windows">("unix", "windows"),
    bom: fc.boolean(),
    quoted: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(rows, shape, async (people, { columns, ...options }) => {
      fc.pre(people.length > 0);
      const cells = people.map((one) => ({
        ...one,
        expires: one.until,
        active: one.active ? "1" : "0",
        required: one.required ? "TRUE" : "FALSE",
      }));
      const text = stringify(cells, { ...options, header: true, columns: ["user", ...columns, "hat"] });
      const has = (name: string) => columns.includes(name);
      const expected = people.map(
        (one): ImportRow => ({
          user: one.user,
          hat: one.hat,
          attachment: {
            active: has("active") ? one.active : true,
            required: has("required") && one.required,
            ...(has("title") ? { title: one.title } : {}),
          },
          expires: has("expires") ? one.until : undefined,
        }),
      );
      assert.equal((await parseDocument([text], CONTEXT)).rows, expected);
    }),
    { numRuns: 100 },
  );
});

test("whatever else there is, is refused as a document and nothing else", async () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      ":",
      ",",
      "\n",
      "\\",
      '"users":{',
      '"rooms":',
      "user,hat",
      "bob@example.org",
      "urn:x:a",
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
      try {
        await parseDocument([pieces.join("")], CONTEXT);
      } catch (error) {
        assert.instance(error, HatsError);
        assert.is((error as HatsError).field, "document");
      }
    }),
    { numRuns: 500 },
  );
});

test("no document of the longest there may be keeps others waiting for long", async () => {
  const longest = DEFAULT_LIMITS.documentLength / 8;
  const hostile = [
    `{"${'\\"'.repeat(longest / 2 - 2)}`,
    `{${'"a\\'.repeat(longest / 3 - 1)}`,
    `{"users":${"[".repeat(longest - 20)}`,
    "{}".repeat(longest / 2),
    "{".repeat(longest),
    "\n".repeat(longest),
    "a\n\n".repeat(longest / 3),
    `a${'"'.repeat(longest - 1)}`,
    `user${",".repeat(longest - 4)}`,
    '"\n'.repeat(longest / 2),
  ];
  for (const document of hostile) {
    const begun = process.cpuUsage();
    try {
      await parseDocument([document], CONTEXT);
    } catch (error) {
      assert.instance(error, HatsError, `${String(error)} of ${document.slice(0, 20)}`);
    }
    const { user: spent } = process.cpuUsage(begun);
    assert.ok(spent < 2_000_000, `${spent / 1000} ms for ${document.slice(0, 20)}`);
  }
});

test("a room of so many small entries that more people fit a part than are put in order is written whole", () => {
  const at = world();
  const people = Array.from({ length: 2_500 }, (_, n) => `u${n}@b` as BareJid);
  const after = { hats: new Map([["x:v" as HatId, {}]]) };
  at.apply(people.map((jid) => ({ kind: "user", room: TEAM, user: jid, before: undefined, after })));
  const written = exportAll(viewOf(at)).flatMap((lines) => {
    const { rooms } = JSON.parse(lines.join("")) as { rooms: Record<string, { users: object }> };
    return Object.keys(rooms[TEAM]?.users ?? {});
  });
  assert.equal(written, people.toSorted());
});

test.run();
