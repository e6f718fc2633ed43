/** What holds for every history, tried on random ones. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyChange, type Change } from "../../src/core/change.ts";
import { isHatId } from "../../src/core/hat-id.ts";
import { addUserHat, compareWardrobes, removeUserHat, setUserHats, wardrobeOf } from "../../src/core/hats.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { type Attachment, emptyState, isSameWardrobe, type State } from "../../src/core/model.ts";
import { isLine } from "../../src/core/text.ts";
import { TEAM, type World, world } from "../support/views.ts";

const hatId = fc.constantFrom<string>("x:a", "x:b", "x:c", "x:__proto__", "x:constructor");
const user = fc.constantFrom("ann@x", "bob@x", "__proto__@x").map((jid) => jid as BareJid);
const attachment: fc.Arbitrary<Attachment> = fc.record(
  {
    active: fc.boolean(),
    required: fc.boolean(),
    title: fc.constantFrom("Teacher", "__proto__", "Ünï", "🎩"),
  },
  { requiredKeys: [] },
);
const hats = fc.array(fc.tuple(hatId, attachment), { maxLength: 5 }).map((pairs) => new Map(pairs));

type Step = (on: World) => readonly Change[];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(user, hatId, attachment).map(
    ([who, id, how]): Step =>
      ({ view }) =>
        addUserHat(view, who, TEAM, id, how),
  ),
  fc.tuple(user, hatId).map(
    ([who, id]): Step =>
      ({ view }) =>
        removeUserHat(view, who, TEAM, id),
  ),
  fc.tuple(user, hats).map(
    ([who, all]): Step =>
      ({ view }) =>
        setUserHats(view, who, TEAM, all),
  ),
);
const history = fc.array(step, { maxLength: 40 });

function play(steps: readonly Step[]): { on: World; changes: Change[] } {
  const on = world();
  const changes: Change[] = [];
  for (const act of steps) changes.push(...on.apply(act(on)));
  return { on, changes };
}

function print(state: State): unknown {
  return [...state.rooms].map(([jid, room]) => ({
    jid,
    hats: [...room.hats].toSorted(byKey),
    users: [...room.users]
      .map(([who, { hats: worn }]) => [who, [...worn].toSorted(byKey)] as const)
      .toSorted(byKey),
  }));
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}

const properties = suite("for every history");

properties("set does what the right adds and removes would do", () => {
  fc.assert(
    fc.property(history, user, hats, (steps, who, wanted) => {
      const bySet = play(steps).on;
      bySet.apply(setUserHats(bySet.view, who, TEAM, wanted));
      const byHand = play(steps).on;
      const before = wardrobeOf(byHand.view.room(TEAM)!, who);
      for (const id of before.keys()) {
        if (!wanted.has(id)) byHand.apply(removeUserHat(byHand.view, who, TEAM, id));
      }
      for (const [id, how] of wanted) byHand.apply(addUserHat(byHand.view, who, TEAM, id, how));
      assert.equal(print(bySet.state), print(byHand.state));
    }),
  );
});

properties(
  "the state always validates: every id a URI, every title showable, nobody kept without hats",
  () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const room of play(steps).on.state.rooms.values()) {
          for (const { hats: worn } of room.users.values()) {
            assert.ok(worn.size > 0);
            for (const [id, { title }] of worn) {
              assert.ok(isHatId(id));
              assert.ok(title === undefined || isLine(title));
              assert.ok(room.hats.has(id));
            }
          }
        }
      }),
    );
  },
);

properties("the changes replayed give the same state, also when some are replayed twice", () => {
  fc.assert(
    fc.property(history, fc.nat(), (steps, seed) => {
      const { on, changes } = play(steps);
      const again = emptyState();
      const from = changes.length === 0 ? 0 : seed % changes.length;
      for (const change of changes) applyChange(again, change);
      for (const change of changes.slice(from)) applyChange(again, change);
      assert.equal(print(again), print(on.state));
    }),
  );
});

properties("every change says truly what was before it, and is a change", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const on = world();
      for (const act of steps) {
        for (const change of act(on)) {
          if (change.kind !== "user") continue;
          const now = on.view.room(TEAM)?.user(change.user);
          assert.is(now, change.before);
          const empty = new Map();
          assert.not.ok(isSameWardrobe(change.before?.hats ?? empty, change.after?.hats ?? empty));
          const { added, changed, removed } = compareWardrobes(
            change.before?.hats ?? empty,
            change.after?.hats ?? empty,
          );
          assert.ok(added.length + changed.length + removed.length > 0);
        }
        on.apply(act(on));
      }
    }),
  );
});

properties("doing the same once more changes nothing", () => {
  fc.assert(
    fc.property(history, step, (steps, last) => {
      const { on } = play(steps);
      on.apply(last(on));
      assert.equal(last(on), []);
    }),
  );
});

properties.run();
