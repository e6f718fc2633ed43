/** The three transitions, held against what mod_muc_hats_api was seen to do: what we match, and where we differ. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError } from "../../src/core/errors.ts";
import { addUserHat, removeUserHat, setUserHats, stripUser } from "../../src/core/hats.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import type { Attachment, HatId, Wardrobe } from "../../src/core/model.ts";
import { overlay } from "../../src/core/overlay.ts";
import { showHats } from "../../src/core/self-service.ts";
import { BOB, HELPER, TEACHER, TEAM, type World, world } from "../support/views.ts";

function wardrobe({ state }: World, user: BareJid = BOB): Record<string, Attachment> {
  return Object.fromEntries(state.rooms.get(TEAM)?.users.get(user)?.hats ?? []);
}

function refusal(act: () => unknown): HatsError {
  try {
    act();
  } catch (error) {
    if (error instanceof HatsError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const matches = suite("as mod_muc_hats_api does it");

const CALLS: readonly [string, (on: World, user: BareJid, room: RoomJid) => unknown][] = [
  ["add", ({ view }, user, room) => addUserHat(view, user, room, TEACHER)],
  ["remove", ({ view }, user, room) => removeUserHat(view, user, room, TEACHER)],
  ["set", ({ view }, user, room) => setUserHats(view, user, room, new Map())],
];

for (const [name, call] of CALLS) {
  matches(`${name} in an unknown room is item-not-found "no such room"`, () => {
    const error = refusal(() => call(world(), BOB, "other@rooms.example.org" as RoomJid));
    assert.is(error.condition, "item-not-found");
    assert.is(error.text, "no such room");
  });

  matches(`${name} for an unaffiliated user is item-not-found "user not affiliated with room"`, () => {
    const error = refusal(() => call(world("none"), BOB, TEAM));
    assert.is(error.condition, "item-not-found");
    assert.is(error.text, "user not affiliated with room");
  });

  matches(`${name} judges the room before the person`, () => {
    const error = refusal(() => call(world("none"), BOB, "other@rooms.example.org" as RoomJid));
    assert.is(error.text, "no such room");
  });

  for (const affiliation of ["owner", "admin", "member"] as const) {
    matches(`${name} succeeds for a person who is ${affiliation}`, () => {
      assert.not.throws(() => call(world(affiliation), BOB, TEAM));
    });
  }
}

matches("users are kept by their bare JID", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER));
  assert.equal([...(on.state.rooms.get(TEAM)?.users.keys() ?? [])], ["bob@example.org"]);
});

matches("add keeps exactly active, required and title of an attachment", () => {
  const on = world();
  const given = { active: true, required: true, title: "Awesome", colour: "red" };
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, given));
  assert.equal(wardrobe(on), { [TEACHER]: { active: true, required: true, title: "Awesome" } });
});

matches("add replaces how the hat was attached before, and leaves the other hats", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, HELPER, { active: true }));
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true, title: "Old" }));
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { required: true }));
  assert.equal(wardrobe(on), { [HELPER]: { active: true }, [TEACHER]: { required: true } });
});

matches("set replaces all hats, required ones included", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { required: true }));
  on.apply(setUserHats(on.view, BOB, TEAM, new Map([[HELPER, { active: true }]])));
  assert.equal(wardrobe(on), { [HELPER]: { active: true } });
});

matches("set with no hats clears them", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { required: true }));
  on.apply(setUserHats(on.view, BOB, TEAM, new Map()));
  assert.equal(wardrobe(on), {});
});

matches("removing a hat that is not worn succeeds", () => {
  const on = world();
  assert.equal(removeUserHat(on.view, BOB, TEAM, TEACHER), []);
});

matches.run();

const differs = suite("differing from mod_muc_hats_api on purpose");

differs("an omitted attachment is {}", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER));
  assert.equal(wardrobe(on), { [TEACHER]: {} });
});

differs("an outcast is not affiliated", () => {
  assert.is(refusal(() => addUserHat(world("outcast").view, BOB, TEAM, TEACHER)).code, "not-affiliated");
});

differs("adding the same again changes nothing", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true, required: false }));
  assert.equal(addUserHat(on.view, BOB, TEAM, TEACHER, { active: true }), []);
});

differs("setting the hats that are there changes nothing, in whatever order they are named", () => {
  const on = world();
  const hats: [string, Attachment][] = [
    [TEACHER, { active: true }],
    [HELPER, {}],
  ];
  on.apply(setUserHats(on.view, BOB, TEAM, new Map(hats)));
  assert.equal(setUserHats(on.view, BOB, TEAM, new Map(hats.toReversed())), []);
});

const WRONG: readonly [string, string, string, unknown][] = [
  ["an empty hat id", "hat", "", {}],
  ["a hat id that is no URI", "hat", "teacher", {}],
  ["a relative reference", "hat", "/hats/teacher", {}],
  ["a scheme with nothing behind it", "hat", "urn:", {}],
  ["a hat id with a space", "hat", "urn:x:a b", {}],
  ["a hat id outside ASCII", "hat", "https://example.org/hüte", {}],
  ["an overlong hat id", "hat", `urn:x:${"a".repeat(2000)}`, {}],
  ["active that is no boolean", "active", TEACHER, { active: "yes" }],
  ["required that is no boolean", "required", TEACHER, { required: 1 }],
  ["a title that is a number", "title", TEACHER, { title: 7 }],
  ["an empty title", "title", TEACHER, { title: " " }],
  ["a title with NUL", "title", TEACHER, { title: "a\u0000b" }],
  ["a title with a backspace", "title", TEACHER, { title: "a\u0008b" }],
  ["a title with U+FFFE", "title", TEACHER, { title: "a\ufffeb" }],
  ["a title with half a character", "title", TEACHER, { title: "a\ud83d" }],
  ["a title of two lines", "title", TEACHER, { title: "a\nb" }],
  ["a title that turns the text around it", "title", TEACHER, { title: "a\u202eb" }],
  ["an overlong title", "title", TEACHER, { title: "a".repeat(300) }],
];

for (const [what, field, hat, attachment] of WRONG) {
  differs(`${what} is refused naming ${field}, before anything changes`, () => {
    const on = world();
    on.apply(addUserHat(on.view, BOB, TEAM, HELPER, { active: true }));
    const before = wardrobe(on);
    const error = refusal(() => addUserHat(on.view, BOB, TEAM, hat, attachment as Attachment));
    assert.is(error.application, "bad-payload");
    assert.match(error.text, new RegExp(`^${field}: `));
    assert.equal(wardrobe(on), before);
  });
}

differs("one wrong hat among several refuses the whole set", () => {
  const on = world();
  const hats = new Map([
    [HELPER, {}],
    ["wrong", {}],
  ]);
  assert.match(refusal(() => setUserHats(on.view, BOB, TEAM, hats)).text, /^hats: /);
  assert.equal(wardrobe(on), {});
});

differs("nothing is shared with the caller", () => {
  const on = world();
  const attachment = { active: true, title: "Teacher" };
  const hats = new Map([[TEACHER, attachment]]);
  on.apply(setUserHats(on.view, BOB, TEAM, hats));
  attachment.title = "Changed behind our back";
  hats.clear();
  assert.equal(wardrobe(on), { [TEACHER]: { active: true, title: "Teacher" } });
});

differs("a transition alone changes nothing: compute, persist, publish, in that order", () => {
  const on = world();
  assert.is(addUserHat(on.view, BOB, TEAM, TEACHER).length, 2);
  assert.equal(wardrobe(on), {});
});

differs("changes name hats only: no transition speaks of roles or affiliations", () => {
  const on = world();
  const changes = addUserHat(on.view, BOB, TEAM, TEACHER, { active: true });
  assert.equal([...new Set(changes.map((change) => change.kind))].toSorted(), ["hat", "user"]);
});

differs("names that JavaScript objects are born with are ordinary names", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const on = world();
    const user = `${name}@example.org` as BareJid;
    on.apply(addUserHat(on.view, user, TEAM, `x:${name}`, { title: name }));
    assert.is(
      on.state.rooms
        .get(TEAM)
        ?.users.get(user)
        ?.hats.get(`x:${name}` as HatId)?.title,
      name,
    );
  }
});

differs("nobody gets more hats than the limit, and who has more already may still lose some", () => {
  const limits = { ...DEFAULT_LIMITS, hatsPerUser: 2 };
  const on = world();
  const three = new Map(["x:a", "x:b", "x:c"].map((id) => [id, {}]));
  assert.match(refusal(() => setUserHats(on.view, BOB, TEAM, three, limits)).text, /^hats: .*2 hats/);
  on.apply(setUserHats(on.view, BOB, TEAM, three));
  assert.is(addUserHat(on.view, BOB, TEAM, "x:a", { active: true }, limits).length, 1, "or change them");
  assert.match(refusal(() => addUserHat(on.view, BOB, TEAM, "x:d", {}, limits)).text, /^hat: .*2 hats/);
  assert.is(removeUserHat(on.view, BOB, TEAM, "x:a").length, 1);
});

differs("the room knows no more hats than the limit", () => {
  const limits = { ...DEFAULT_LIMITS, hatsPerRoom: 1 };
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, {}, limits));
  assert.match(refusal(() => addUserHat(on.view, BOB, TEAM, HELPER, {}, limits)).text, /^hat: .*1 hats/);
});

differs.run();

const catalogue = suite("the room's catalogue");

catalogue("an unknown hat enters with its title", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "Teacher" }));
  assert.equal(on.state.rooms.get(TEAM)?.hats.get(TEACHER as HatId), { title: "Teacher" });
});

catalogue("a title that stays is not judged by limits that are narrower by now", () => {
  const on = world();
  const title = "a".repeat(300);
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title }, { ...DEFAULT_LIMITS, titleLength: 300 }));
  on.apply(showHats(on.view, BOB, TEAM, new Set([TEACHER])));
  on.apply(setUserHats(on.view, BOB, TEAM, new Map([[TEACHER, { title, required: true }]])));
  assert.equal(wardrobe(on), { [TEACHER]: { title, required: true } });
  assert.is(refusal(() => addUserHat(on.view, BOB, TEAM, TEACHER, { title: `${title}a` })).field, "title");
});

catalogue("a title with a known hat is the wearer's and renames nothing", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "Teacher" }));
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "Head teacher" }));
  assert.equal(on.state.rooms.get(TEAM)?.hats.get(TEACHER as HatId), { title: "Teacher" });
});

catalogue.run();

const lost = suite("a lost affiliation");

lost("takes every hat, without asking whether the person is affiliated", () => {
  const member = world();
  member.apply(addUserHat(member.view, BOB, TEAM, TEACHER, { required: true }));
  const after = overlay(world("none").view, []);
  assert.is(after.room(TEAM)?.affiliation(BOB), "none");
  member.apply(stripUser(member.view, BOB, TEAM));
  assert.equal(wardrobe(member), {});
});

lost.run();

const pending = suite("changes in flight");

pending("an overlay sees changes that are not applied yet, and the state below does not", () => {
  const on = world();
  const changes = addUserHat(on.view, BOB, TEAM, TEACHER, { active: true });
  const ahead = overlay(on.view, changes);
  assert.equal(addUserHat(ahead, BOB, TEAM, TEACHER, { active: true }), []);
  assert.is(ahead.room(TEAM)?.hatCount(), 1);
  const removed = removeUserHat(ahead, BOB, TEAM, TEACHER);
  const further = overlay(on.view, [...changes, ...removed]);
  assert.is(further.room(TEAM)?.user(BOB), undefined);
  assert.equal([...(further.room(TEAM)?.hatIds() ?? [])], [TEACHER]);
  const worn: Wardrobe | undefined = on.view.room(TEAM)?.user(BOB)?.hats;
  assert.is(worn, undefined);
});

pending.run();
