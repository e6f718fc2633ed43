/** What the note of a command says of hats that the room cannot show as the desk has them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HatId } from "../../src/core/model.ts";
import { noteIn } from "../support/engine.ts";
import { type HatDesk, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("hats that the room cannot show");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
  await context.at.desk.addUserHat(BOB, TEAM, HOST, { title: "Host", active: true });
});
test.after.each(({ at }) => at.close());

test("what was just given and has no place in the room is named, and nothing else", async ({ at }) => {
  at.care.showings.set(BOB, { unshown: [TEACHER, HOST] as HatId[] });
  const give = { room: TEAM, user: BOB, hat: TEACHER, title: "Teacher" };
  assert.equal(noteIn(await at.once(OWNER, "add-user-hat", give))?.split("\n"), [
    `${BOB} now has “Teacher” in ${TEAM}.`,
    `The room ${TEAM} has no place for “Teacher” of ${BOB}: kept, but not shown there.`,
  ]);
  const again = noteIn(await at.once(OWNER, "add-user-hat", give));
  assert.not.match(again ?? "", "no place");
});

test("a title of one's own in a room with one title for all is said to be shown as the common one", async ({
  at,
}) => {
  at.care.showings.set(BOB, { underCommonTitle: [HOST] as HatId[] });
  const give = { room: TEAM, user: BOB, hat: HOST, title: "Bob's own" };
  assert.equal(noteIn(await at.once(OWNER, "add-user-hat", give))?.split("\n"), [
    `Changed: ${BOB} now has “Bob's own” in ${TEAM}.`,
    `The room ${TEAM} has one title for a hat: ${BOB} is shown there with “Host”.`,
  ]);
});

test.run();
