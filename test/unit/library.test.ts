/** The package as a program that embeds the desk imports it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AffiliationSource, type ChangeEvent, HatsError, openDesk } from "../../src/index.ts";

const ROOM = "team@rooms.example.org";
const BOB = "bob@example.org";
const TEACHER = "https://example.org/hats/teacher";

const library = suite<{ data: string }>("the library");

library.before.each((scene) => {
  scene.data = mkdtempSync(join(tmpdir(), "milliner-library-"));
});

library.after.each(({ data }) => rmSync(data, { recursive: true }));

const affiliations: AffiliationSource = {
  isKept: (room) => room === ROOM,
  affiliation: (_, user) => Promise.resolve(user === BOB ? "member" : "none"),
};

library("gives, sets and takes hats, and tells each change once", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  const events: ChangeEvent[] = [];
  desk.on("change", (event) => events.push(event));
  assert.equal(await desk.addUserHat("Bob@example.org/phone", ROOM, TEACHER, { active: true }), {
    changed: true,
  });
  assert.equal(await desk.addUserHat(BOB, ROOM, TEACHER, { active: true }), { changed: false });
  assert.equal(desk.userHats(BOB, ROOM), { [TEACHER]: { active: true } });
  assert.equal(await desk.setUserHats(BOB, ROOM, { "x:other": {} }), { changed: true });
  assert.equal(await desk.removeUserHat(BOB, ROOM, "x:other"), { changed: true });
  assert.equal(desk.userHats(BOB, ROOM), {});
  assert.equal(
    events.map(({ seq }) => seq),
    [1, 2, 3],
  );
  await desk.close();
});

library("keeps everything over a restart", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  await desk.addUserHat(BOB, ROOM, TEACHER, { required: true, title: "Teacher" });
  await desk.close();
  const again = await openDesk({ data, affiliations });
  assert.equal(again.userHats(BOB, ROOM), { [TEACHER]: { required: true, title: "Teacher" } });
  assert.equal(again.roomHats(ROOM).hats, { [TEACHER]: { title: "Teacher" } });
  await again.close();
});

library("refuses with code, type, condition and text", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  const refusals: [Promise<unknown>, string, string][] = [
    [desk.addUserHat(BOB, "other@rooms.example.org", TEACHER), "no-such-room", "no such room"],
    [desk.addUserHat("eve@example.org", ROOM, TEACHER), "not-affiliated", "user not affiliated with room"],
  ];
  for (const [call, code, text] of refusals) {
    const error = await call.catch((reason: unknown) => reason);
    assert.instance(error, HatsError);
    if (!(error instanceof HatsError)) continue;
    assert.is(error.code, code);
    assert.is(error.type, "cancel");
    assert.is(error.condition, "item-not-found");
    assert.is(error.text, text);
  }
  await desk.close();
});

library.run();
