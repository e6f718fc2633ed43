/** Which strings may enter: hat ids, titles, and the order and equality of titles. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isHatId } from "../../src/core/hat-id.ts";
import type { HatId } from "../../src/core/model.ts";
import { isLine, isXmlText } from "../../src/core/text.ts";
import { compareHats, findHatByTitle, foldTitle, shownTitle } from "../../src/core/titles.ts";
import { addUserHat } from "../../src/core/hats.ts";
import { BOB, TEACHER, TEAM, world } from "../support/views.ts";

const ids = suite("a hat id");

for (const id of [
  "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607",
  "https://example.com/hats/foo?x=1&y=%20#top",
  "http://[2001:db8::1]:8080/hats",
  "tag:example.org,2026:teacher",
  "xmpp:room@example.org",
  "x:__proto__",
]) {
  ids(`${id} is taken`, () => assert.ok(isHatId(id)));
}
for (const id of [
  "",
  "hat",
  "urn:",
  "1a:b",
  "//example.org/x",
  "urn:x:%zz",
  "urn:x:[a]",
  "x:\u0000",
  "x:a\n",
  "x:é",
]) {
  ids(`${JSON.stringify(id)} is not`, () => assert.not.ok(isHatId(id)));
}

ids("1024 characters are taken, and one more is refused as too long, not as no URI", () => {
  const { view } = world();
  const longest = `x:${"a".repeat(1022)}`;
  assert.is(addUserHat(view, BOB, TEAM, longest).length, 2);
  assert.throws(() => addUserHat(view, BOB, TEAM, `${longest}a`), /^hat: longer than 1024 characters/);
});

ids.run();

const characters = suite("characters");

characters("what XML forbids is found, wherever it stands", () => {
  for (const bad of [
    "\u0000",
    "\u0008",
    "\u000b",
    "\u001f",
    "\ufffe",
    "\uffff",
    "\ud800",
    "\udc00",
    "\udc00\ud800",
  ]) {
    assert.not.ok(isXmlText(`a${bad}b`), JSON.stringify(bad));
  }
});

characters("what XML allows is let through: tab, line breaks, C1 controls, all planes", () => {
  for (const good of ["", "\t\n\r", "\u007f\u0085", "é", "🎩", "\u{10ffff}"])
    assert.ok(isXmlText(good), JSON.stringify(good));
});

characters("a line has no control and no direction character", () => {
  for (const bad of ["\t", "\n", "\u0085", "\u2028", "\u202e", "\u2066"])
    assert.not.ok(isLine(bad), JSON.stringify(bad));
  assert.ok(isLine("Lehrerin 🎩 مدرس"));
});

characters.run();

const titles = suite("titles");

titles("are the same when they are equal after NFKC and case folding", () => {
  assert.is(foldTitle("ＴＥＡＣＨＥＲ"), foldTitle("teacher"));
  assert.is(foldTitle("Cafe\u0301"), foldTitle("CAFÉ"));
  assert.is(foldTitle("Großmeister"), foldTitle("GROSSMEISTER"));
  assert.is(foldTitle("GROẞMEISTER"), foldTitle("Großmeister"));
  assert.is(foldTitle("Σοφός"), foldTitle("ΣΟΦΌΣ"));
  assert.is(foldTitle("σοφόσ"), foldTitle("σοφός"));
  assert.is.not(foldTitle("kız"), foldTitle("kiz"));
  assert.is.not(foldTitle("Teacher"), foldTitle("Teachers"));
});

titles("are the same when nobody can see a difference", () => {
  assert.is(foldTitle("Tea\u200bcher\u2060"), foldTitle("Teacher"));
  assert.is(foldTitle("\u00adTeach\u034fer"), foldTitle("Teacher"));
});

titles("cannot be of nothing that is seen", () => {
  for (const title of ["", " ", "\u200b", "\u3164", "\u200b \ufeff\u2060"]) {
    const give = () => addUserHat(world().view, BOB, TEAM, TEACHER, { title });
    assert.throws(give, /title: must not be empty|empty/, JSON.stringify(title));
  }
});

titles("find the room's hat", () => {
  const on = world();
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "Teacher" }));
  assert.is(findHatByTitle(on.view.room(TEAM)!, "TEACHER"), TEACHER);
  assert.is(findHatByTitle(on.view.room(TEAM)!, "Helper"), undefined);
});

titles("there always is one: the wearer's, else the room's, else the URI", () => {
  const on = world();
  const id = TEACHER as HatId;
  assert.is(shownTitle(on.view.room(TEAM)!, id), TEACHER);
  on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "Teacher" }));
  assert.is(shownTitle(on.view.room(TEAM)!, id), "Teacher");
  assert.is(shownTitle(on.view.room(TEAM)!, id, { title: "Head" }), "Head");
});

titles("order hats by title, then by URI", () => {
  const hat = (title: string, id: string) => ({ title, id: id as HatId });
  const sorted = [hat("b", "x:1"), hat("A", "x:3"), hat("a", "x:2"), hat("A", "x:1")].toSorted(compareHats);
  assert.equal(
    sorted.map(({ title, id }) => `${title} ${id}`),
    ["A x:1", "A x:3", "a x:2", "b x:1"],
  );
});

titles.run();
