/** What the desk notes together with a decision. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Base, HatId } from "../../src/core/model.ts";
import type { Attend, Desk } from "../../src/desk/desk.ts";
import { openDesk } from "../../src/desk/open-desk.ts";

const ROOM = "team@rooms.example.org" as RoomJid;
const BOB = "bob@example.org" as BareJid;
const HAT = "urn:x:teacher" as HatId;

const test = suite<{ data: string }>("what is noted together with a decision");

test.before.each(async (context) => {
  context.data = await mkdtemp(join(tmpdir(), "milliner-attend-"));
});
test.after.each(({ data }) => rm(data, { recursive: true, force: true }));

/* Notes every hat that a person is given. */
const attend: Attend = (room, changes, baseOf) =>
  changes.flatMap((change) => {
    if (change.kind !== "user") return [];
    const hats = [...(change.after?.hats.keys() ?? [])].map((id): [HatId, string] => [id, ""]);
    return [
      { kind: "base", room, user: change.user, after: new Map([...(baseOf(change.user) ?? []), ...hats]) },
    ];
  });

function open(data: string, more: { readonly attend?: Attend } = {}): Promise<Desk> {
  const affiliations = { isKept: () => true, affiliation: async () => "member" as const };
  return openDesk({ data, affiliations, ...more });
}

test("it is in the same record, and durable with it", async ({ data }) => {
  const journal = (): Promise<string> => readFile(join(data, "hats.journal"), "utf8");
  const desk = await open(data, { attend });
  await desk.addUserHat(BOB, ROOM, HAT);
  const records = (await journal()).split("\n").filter((line) => line.includes('"changes"'));
  assert.is(records.length, 1);
  assert.match(String(records), '"base"');
  await desk.close();
  const again = await open(data);
  assert.equal(again.durableRoom(ROOM).base.get(BOB), new Map([[HAT, ""]]));
  await again.close();
});

test("what was noted with a decision that is not durable yet is known to the next one", async ({ data }) => {
  const seen: (Base | undefined)[] = [];
  const desk = await open(data, {
    attend(room, changes, baseOf) {
      seen.push(baseOf(BOB));
      return attend(room, changes, baseOf);
    },
  });
  await Promise.all([desk.addUserHat(BOB, ROOM, HAT), desk.addUserHat(BOB, ROOM, "urn:x:other")]);
  assert.equal(seen, [undefined, new Map([[HAT, ""]])]);
  await desk.close();
});

test("listeners hear of the change, and who decided gets back what was decided", async ({ data }) => {
  const desk = await open(data, { attend });
  const heard: string[][] = [];
  desk.on("change", ({ changes }) => heard.push(changes.map(({ kind }) => kind)));
  const receipt = await desk.stripUser(ROOM, BOB, { kind: "room" });
  assert.equal(receipt.changes, []);
  await desk.addUserHat(BOB, ROOM, HAT);
  assert.equal(heard, [["hat", "user", "base"]]);
  await desk.recordBase(ROOM, BOB, undefined);
  assert.is(heard.length, 1, "a note alone is nobody's business");
  await desk.close();
});

test.run();
