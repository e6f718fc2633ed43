/** What becomes of the times at which hats lapse when wardrobes change. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyChange, type Change } from "../../src/core/change.ts";
import { HatsError } from "../../src/core/errors.ts";
import { assertAhead, firstDue, MAX_EXPIRES_SECONDS, NEVER, type Term } from "../../src/core/expiry.ts";
import { addUserHat, lapseHats, removeUserHat, setUserHats, stripUser } from "../../src/core/hats.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import type { Attachment, HatId } from "../../src/core/model.ts";
import { BOB, HELPER, TEACHER, TEAM, type World, world } from "../support/views.ts";

const NOW = "2026-01-02T03:04:05.000Z";
const SOON = "2026-01-02T03:05:05.000Z";
const LATER = "2026-02-01T00:00:00.000Z";

const expiry = suite("expiry");

function expires({ state }: World): Record<string, string> {
  return Object.fromEntries(state.rooms.get(TEAM)?.expires.get(BOB) ?? []);
}

function worn({ state }: World): string[] {
  return [...(state.rooms.get(TEAM)?.users.get(BOB)?.hats.keys() ?? [])];
}

function give(on: World, hat: string, said?: string, attachment: Attachment = {}): readonly Change[] {
  const term: Term = { now: new Date(NOW), ...(said === undefined ? {} : { said: new Map([[hat, said]]) }) };
  return on.apply(addUserHat(on.view, BOB, TEAM, hat, attachment, undefined, term));
}

/* A hat that is usually worn for an hour. */
function defineHelper(on: World): void {
  applyChange(on.state, {
    kind: "hat",
    room: TEAM,
    hat: HELPER as HatId,
    before: undefined,
    after: { title: "Helper", defaultExpires: 3_600 },
  });
}

function kinds(changes: readonly Change[]): string[] {
  return changes.map(({ kind }) => kind);
}

expiry("a hat lapses when it is said to", () => {
  const on = world();
  assert.equal(kinds(give(on, TEACHER, SOON)), ["hat", "user", "expires"]);
  assert.equal(expires(on), { [TEACHER]: SOON });
});

expiry("a hat of which nothing is said is worn until it is taken", () => {
  const on = world();
  assert.equal(kinds(give(on, TEACHER)), ["hat", "user"]);
  assert.equal(expires(on), {});
});

expiry("a new hat is worn as long as it usually is", () => {
  const on = world();
  defineHelper(on);
  give(on, HELPER);
  assert.equal(expires(on), { [HELPER]: "2026-01-02T04:04:05.000Z" });
});

expiry("what is said counts more than what is usual, never too", () => {
  for (const [said, expected] of [
    [SOON, { [HELPER]: SOON }],
    [NEVER, {}],
  ] as const) {
    const on = world();
    defineHelper(on);
    give(on, HELPER, said);
    assert.equal(expires(on), expected);
  }
});

expiry("where nothing is told of time, nothing new lapses", () => {
  const on = world();
  defineHelper(on);
  on.apply(addUserHat(on.view, BOB, TEAM, HELPER));
  assert.equal(expires(on), {});
});

expiry("a hat that stays keeps its time, however it is attached now", () => {
  const on = world();
  defineHelper(on);
  give(on, HELPER, SOON);
  assert.equal(kinds(give(on, HELPER, undefined, { active: true })), ["user"]);
  assert.equal(expires(on), { [HELPER]: SOON });
  const hats = new Map([
    [HELPER, { required: true }],
    [TEACHER, {}],
  ]);
  on.apply(setUserHats(on.view, BOB, TEAM, hats, undefined, { now: new Date(LATER) }));
  assert.equal(expires(on), { [HELPER]: SOON });
  on.apply(setUserHats(on.view, BOB, TEAM, new Map([[HELPER, {}]])));
  assert.equal(expires(on), { [HELPER]: SOON });
});

expiry("a hat that stays without a time does not begin to lapse", () => {
  const on = world();
  defineHelper(on);
  give(on, HELPER, NEVER);
  give(on, HELPER, undefined, { active: true });
  assert.equal(expires(on), {});
});

expiry("another time alone is a change; the same time is none", () => {
  const on = world();
  give(on, TEACHER, SOON);
  assert.equal(give(on, TEACHER, SOON), []);
  const moved = give(on, TEACHER, LATER);
  assert.equal(kinds(moved), ["expires"]);
  assert.equal(expires(on), { [TEACHER]: LATER });
  assert.equal(kinds(give(on, TEACHER, NEVER)), ["expires"]);
  assert.is(on.state.rooms.get(TEAM)?.expires.has(BOB), false);
});

expiry("each hat of a set is told its own time", () => {
  const on = world();
  defineHelper(on);
  const hats = new Map([
    [HELPER, {}],
    [TEACHER, {}],
  ]);
  const said = new Map([[TEACHER, LATER]]);
  on.apply(setUserHats(on.view, BOB, TEAM, hats, undefined, { now: new Date(NOW), said }));
  assert.equal(expires(on), { [HELPER]: "2026-01-02T04:04:05.000Z", [TEACHER]: LATER });
});

const ENDS: readonly [string, (on: World) => readonly Change[]][] = [
  ["remove", ({ view }) => removeUserHat(view, BOB, TEAM, TEACHER)],
  ["set", ({ view }) => setUserHats(view, BOB, TEAM, new Map([[HELPER, {}]]))],
  ["a lost affiliation", ({ view }) => stripUser(view, BOB, TEAM)],
  ["its time", ({ view }) => lapseHats(view, BOB, TEAM, SOON)],
];

for (const [name, end] of ENDS) {
  expiry(`a hat that ends by ${name} takes its time with it`, () => {
    const on = world();
    give(on, TEACHER, SOON);
    assert.ok(kinds(on.apply(end(on))).includes("expires"));
    assert.equal(expires(on), {});
    assert.not.ok(worn(on).includes(TEACHER));
  });
}

expiry("a hat lapses at its moment, not before, and the others stay", () => {
  const on = world();
  give(on, TEACHER, SOON);
  give(on, HELPER, LATER);
  assert.equal(lapseHats(on.view, BOB, TEAM, "2026-01-02T03:05:04.999Z"), []);
  assert.equal(kinds(on.apply(lapseHats(on.view, BOB, TEAM, SOON))), ["user", "expires"]);
  assert.equal(worn(on), [HELPER]);
  assert.equal(expires(on), { [HELPER]: LATER });
});

expiry("a hat lapses whether or not its wearer is affiliated", () => {
  const on = world("none");
  applyChange(on.state, {
    kind: "user",
    room: TEAM,
    user: BOB,
    before: undefined,
    after: { hats: new Map([[TEACHER as HatId, {}]]) },
  });
  const after = new Map([[TEACHER as HatId, SOON]]);
  applyChange(on.state, { kind: "expires", room: TEAM, user: BOB, before: undefined, after });
  on.apply(lapseHats(on.view, BOB, TEAM, SOON));
  assert.equal(worn(on), []);
});

expiry("in a room that is not kept nothing lapses", () => {
  const { view } = world();
  assert.throws(
    () => lapseHats(view, BOB, "other@rooms.example.org" as RoomJid, SOON),
    (error: unknown) => error instanceof HatsError && error.code === "no-such-room",
  );
});

expiry("a time that nobody has is none: it goes as soon as the wardrobe changes", () => {
  const on = world();
  const after = new Map([[TEACHER as HatId, SOON]]);
  applyChange(on.state, { kind: "expires", room: TEAM, user: BOB, before: undefined, after });
  assert.equal(kinds(on.apply(lapseHats(on.view, BOB, TEAM, SOON))), ["expires"]);
  assert.equal(expires(on), {});
});

expiry("only a time ahead, and no more than a hundred years, is taken", () => {
  const texts = [0, -1, Number.NaN, MAX_EXPIRES_SECONDS * 1000 + 1].map((ms) => {
    try {
      assertAhead(1_000 + ms, 1_000);
    } catch (error) {
      return error instanceof HatsError ? error.text : String(error);
    }
    return "taken";
  });
  const past = "expires: not in the future, as 90m, 7d or P1DT2H would be";
  assert.equal(texts, [
    past,
    past,
    past,
    "expires: more than 100 years ahead; never means until it is taken",
  ]);
  assertAhead(1_001, 1_000);
  assertAhead(1_000 + MAX_EXPIRES_SECONDS * 1000, 1_000);
});

expiry("the first to lapse is the earliest", () => {
  assert.is(
    firstDue(
      new Map([
        [TEACHER as HatId, LATER],
        [HELPER as HatId, SOON],
      ]),
    ),
    SOON,
  );
  assert.is(firstDue(new Map()), undefined);
});

expiry.run();
