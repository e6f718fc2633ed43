/** The transitions of the catalogue, of delegation and of one's own hats. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineHat, retireHat } from "../../src/core/catalogue.ts";
import { MAX_EXPIRES_SECONDS } from "../../src/core/expiry.ts";
import { HatsError } from "../../src/core/errors.ts";
import { delegateHat, endDelegations, isGrantedTo } from "../../src/core/grants.ts";
import { addUserHat } from "../../src/core/hats.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import { type Affiliation, emptyState, type HatId, type State, type View } from "../../src/core/model.ts";
import { showHats } from "../../src/core/self-service.ts";
import { viewState } from "../../src/core/view.ts";
import { BOB, HELPER, TEACHER, TEAM, world } from "../support/views.ts";

const test = suite("catalogue, delegation, self-service");

const ALICE = "alice@example.org" as BareJid;
const CAROL = "carol@example.org" as BareJid;
const NOWHERE = "nowhere@rooms.example.org" as RoomJid;
const teacher = TEACHER as HatId;
const helper = HELPER as HatId;

function refusal(act: () => unknown): string {
  try {
    act();
    return "granted";
  } catch (error) {
    assert.instance(error, HatsError);
    return (error as HatsError).message;
  }
}

/** The same state seen by a room in which some people are something else than members. */
function viewAs(state: State, others: Readonly<Record<string, Affiliation>>): View {
  return viewState(
    state,
    (room) => room === TEAM,
    (_, user) => others[user] ?? "member",
  );
}

test("a hat is made with its title, and with a hue where one is given", () => {
  const { view } = world();
  assert.equal(defineHat(view, TEAM, teacher, { title: " Teacher " }, DEFAULT_LIMITS), [
    { kind: "hat", room: TEAM, hat: TEACHER, before: undefined, after: { title: "Teacher" } },
  ]);
  assert.equal(defineHat(view, TEAM, teacher, { title: "Teacher", hue: 30 }, DEFAULT_LIMITS)[0]?.after, {
    title: "Teacher",
    hue: 30,
  });
});

test("what is not said of a hat stays, null takes it away, and what is so already is no change", () => {
  const on = world();
  on.apply(defineHat(on.view, TEAM, teacher, { title: "Teacher", hue: 30 }, DEFAULT_LIMITS));
  const hat = on.state.rooms.get(TEAM)!.hats;
  hat.set(teacher, { ...hat.get(teacher), defaultExpires: 60 });
  assert.equal(defineHat(on.view, TEAM, teacher, { title: "Teacher" }, DEFAULT_LIMITS), []);
  assert.equal(defineHat(on.view, TEAM, teacher, { title: "Teacher", hue: 30 }, DEFAULT_LIMITS), []);
  assert.equal(defineHat(on.view, TEAM, teacher, { title: "Lehrer" }, DEFAULT_LIMITS)[0]?.after, {
    title: "Lehrer",
    hue: 30,
    defaultExpires: 60,
  });
  assert.equal(defineHat(on.view, TEAM, teacher, { title: "Teacher", hue: null }, DEFAULT_LIMITS)[0]?.after, {
    title: "Teacher",
    defaultExpires: 60,
  });
});

test("a hat is refused with a bad title or hue, in a room that is not kept, and above the limit", () => {
  const on = world();
  const define = (wish: { title: string; hue?: number }, room = TEAM) =>
    refusal(() => defineHat(on.view, room, teacher, wish, DEFAULT_LIMITS));
  assert.is(define({ title: " " }), "title: empty");
  assert.is(define({ title: "a\nb" }), "title: holds a line break or a character that cannot be shown");
  for (const hue of [0, 360]) assert.is(define({ title: "T", hue }), "granted");
  for (const hue of [-1, 360.5, NaN, Infinity]) {
    assert.is(define({ title: "T", hue }), "hue: not from 0 to 360");
  }
  assert.is(define({ title: "T" }, NOWHERE), "no such room");
  on.apply(defineHat(on.view, TEAM, helper, { title: "Helper" }, DEFAULT_LIMITS));
  const limits = { ...DEFAULT_LIMITS, hatsPerRoom: 1 };
  assert.is(
    refusal(() => defineHat(on.view, TEAM, teacher, { title: "T" }, limits)),
    "hat: the room may not have more than 1 hats",
  );
  assert.is(defineHat(on.view, TEAM, helper, { title: "T" }, limits).length, 1, "a known hat may change");
});

test("how long a hat is usually given for is whole seconds, from one to a hundred years", () => {
  const { view } = world();
  const define = (defaultExpires: number) =>
    refusal(() => defineHat(view, TEAM, teacher, { title: "T", defaultExpires }, DEFAULT_LIMITS));
  for (const seconds of [1, MAX_EXPIRES_SECONDS]) assert.is(define(seconds), "granted");
  for (const seconds of [0, -60, 1.5, MAX_EXPIRES_SECONDS + 1, NaN, Infinity]) {
    assert.match(define(seconds), /^default-expires: /, `${seconds}`);
  }
});

test("retiring takes the hat, its lapsing and its delegation, and nothing else", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true, required: true }));
  on.apply(addUserHat(on.view, BOB, TEAM, HELPER, { active: true }));
  on.apply(addUserHat(on.view, CAROL, TEAM, TEACHER));
  on.apply(addUserHat(on.view, ALICE, TEAM, HELPER));
  const room = on.state.rooms.get(TEAM)!;
  const lapses = "2030-01-01T00:00:00.000Z";
  room.expires.set(
    BOB,
    new Map([
      [teacher, lapses],
      [helper, lapses],
    ]),
  );
  room.expires.set(CAROL, new Map([[teacher, lapses]]));
  room.expires.set(ALICE, new Map([[helper, lapses]]));
  on.apply(delegateHat(on.view, TEAM, teacher, { users: [BOB], members: false }));
  on.apply(delegateHat(on.view, TEAM, helper, { users: [BOB], members: true }));
  on.apply(retireHat(viewAs(on.state, { [CAROL]: "none" }), TEAM, teacher));
  assert.equal([...room.hats.keys()], [HELPER]);
  assert.equal([...room.users].map(([user, { hats }]) => `${user} ${[...hats.keys()].join()}`).toSorted(), [
    `${ALICE} ${HELPER}`,
    `${BOB} ${HELPER}`,
  ]);
  assert.equal(
    [...room.expires].map(([user, expiries]) => `${user} ${[...expiries.keys()].join()}`).toSorted(),
    [`${ALICE} ${HELPER}`, `${BOB} ${HELPER}`],
  );
  assert.equal([...room.grants.keys()], [HELPER]);
});

test("a hat that the room does not know can be neither retired nor delegated", () => {
  const { view } = world();
  const nobody = { users: [], members: false };
  assert.is(
    refusal(() => retireHat(view, TEAM, teacher)),
    "hat: no hat of this room",
  );
  assert.is(
    refusal(() => delegateHat(view, TEAM, teacher, nobody)),
    "hat: no hat of this room",
  );
  assert.is(
    refusal(() => retireHat(view, NOWHERE, teacher)),
    "no such room",
  );
  assert.is(
    refusal(() => delegateHat(view, NOWHERE, teacher, nobody)),
    "no such room",
  );
});

test("a delegation is replaced whole, kept sorted, and ended by naming nobody", () => {
  const on = world();
  on.apply(defineHat(on.view, TEAM, teacher, { title: "Teacher" }, DEFAULT_LIMITS));
  const grant = () => on.view.room(TEAM)?.grant(teacher);
  on.apply(delegateHat(on.view, TEAM, teacher, { users: [CAROL, BOB, CAROL], members: false }));
  assert.equal(grant(), { users: [BOB, CAROL], members: false });
  assert.equal(delegateHat(on.view, TEAM, teacher, { users: [BOB, CAROL], members: false }), []);
  on.apply(delegateHat(on.view, TEAM, teacher, { users: [ALICE], members: true }));
  assert.equal(grant(), { users: [ALICE], members: true });
  on.apply(delegateHat(on.view, TEAM, teacher, { users: [], members: false }));
  assert.is(grant(), undefined);
  assert.equal(delegateHat(on.view, TEAM, teacher, { users: [], members: false }), []);
});

test("a hat is delegated to affiliated people only", () => {
  const on = world();
  on.apply(defineHat(on.view, TEAM, teacher, { title: "Teacher" }, DEFAULT_LIMITS));
  for (const affiliation of ["none", "outcast"] as const) {
    const view = viewAs(on.state, { [BOB]: affiliation });
    assert.is(
      refusal(() => delegateHat(view, TEAM, teacher, { users: [BOB, CAROL], members: false })),
      "user not affiliated with room",
    );
  }
});

test("whoever loses the affiliation loses every delegation to them, and nobody else theirs", () => {
  const on = world();
  for (const [hat, users, members] of [
    [teacher, [BOB], false],
    [helper, [BOB, CAROL], true],
  ] as const) {
    on.apply(defineHat(on.view, TEAM, hat, { title: hat }, DEFAULT_LIMITS));
    on.apply(delegateHat(on.view, TEAM, hat, { users, members }));
  }
  on.apply(endDelegations(on.view, TEAM, BOB));
  assert.is(on.view.room(TEAM)?.grant(teacher), undefined);
  assert.equal(on.view.room(TEAM)?.grant(helper), { users: [CAROL], members: true });
  assert.equal(endDelegations(on.view, TEAM, BOB), []);
  assert.is(
    refusal(() => endDelegations(on.view, NOWHERE, BOB)),
    "no such room",
  );
});

test("a grant to all members reaches whom nobody knows, one to people only those", () => {
  assert.ok(isGrantedTo({ users: [], members: true }, undefined));
  assert.ok(isGrantedTo({ users: [BOB], members: false }, BOB));
  assert.not.ok(isGrantedTo({ users: [BOB], members: false }, CAROL));
  assert.not.ok(isGrantedTo({ users: [BOB], members: false }, undefined));
  assert.not.ok(isGrantedTo(undefined, BOB));
});

test("whoever chooses among their hats keeps all of them, in every other way as they were", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true, title: "Maths" }));
  on.apply(addUserHat(on.view, BOB, TEAM, HELPER, { required: true }));
  on.apply(showHats(on.view, BOB, TEAM, new Set([HELPER])));
  assert.equal(Object.fromEntries(on.view.room(TEAM)!.user(BOB)!.hats), {
    [TEACHER]: { active: false, title: "Maths" },
    [HELPER]: { active: true, required: true },
  });
  assert.equal(showHats(on.view, BOB, TEAM, new Set([HELPER])), []);
});

test("a required hat that is shown cannot be taken off, one that is not shown may stay so", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true, required: true, title: "Teacher" }));
  on.apply(addUserHat(on.view, BOB, TEAM, HELPER, { required: true }));
  assert.is(
    refusal(() => showHats(on.view, BOB, TEAM, new Set())),
    "shown-hats: you may not take off “Teacher”, it is required",
  );
  assert.equal(showHats(on.view, BOB, TEAM, new Set([TEACHER])), []);
});

test("nobody shows a hat that they do not have, or without being affiliated", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true }));
  assert.is(
    refusal(() => showHats(on.view, BOB, TEAM, new Set([TEACHER, HELPER]))),
    "shown-hats: names a hat that you do not have",
  );
  assert.is(
    refusal(() => showHats(viewAs(on.state, { [BOB]: "none" }), BOB, TEAM, new Set())),
    "user not affiliated with room",
  );
  assert.is(
    refusal(() => showHats(on.view, BOB, NOWHERE, new Set())),
    "no such room",
  );
});

test("nothing is altered in place: what a view gave stays as it was", () => {
  const on = world();
  const empty = emptyState();
  const view = viewState(
    empty,
    () => true,
    () => "member",
  );
  defineHat(view, TEAM, teacher, { title: "Teacher" }, DEFAULT_LIMITS);
  assert.is(empty.rooms.size, 0);
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true }));
  const before = on.view.room(TEAM)!.user(BOB)!;
  on.apply(retireHat(on.view, TEAM, teacher));
  assert.is(before.hats.size, 1);
});

test.run();
