/** What somebody does with the room's own commands: what the desk adopts, what it leaves, and what proves nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { HatsError } from "../../src/core/errors.ts";
import type { HatId } from "../../src/core/model.ts";
import { buildMark, markKey, RESTORED } from "../../src/presence/picture/hat-mark.ts";
import { buildHats } from "../../src/stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../../src/stanza/namespaces.ts";
import { xml } from "../../src/stanza/xml.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import {
  BOB,
  CAROL,
  type DressedRoom,
  dressedRoom,
  HELPER,
  joinedRoom,
  ROOM,
  TEACHER,
} from "../support/dressed-room.ts";
import { CATALOGUE_CASES, MERGE_CASES, nameCase, titleIn } from "../support/merge-cases.ts";

const PERIOD_MS = 600_000;

const cases = suite("every case of the merge, as it comes out");

/* What the room is told, what the desk has, and what is noted, in the end. */
const OUTCOMES = {
  nothing: { told: 0, isDesks: "as before", isNoted: "as before" },
  given: { told: 0, isDesks: "as the room", isNoted: "as the room" },
  taken: { told: 0, isDesks: "as the room", isNoted: "as the room" },
  retitled: { told: 0, isDesks: "as the room", isNoted: "as the room" },
  put: { told: 1, isDesks: "as before", isNoted: "as the desk" },
  take: { told: 1, isDesks: "as before", isNoted: "as the desk" },
  note: { told: 0, isDesks: "as before", isNoted: "as the room" },
  forget: { told: 0, isDesks: "as before", isNoted: "as the room" },
} as const;

for (const merge of MERGE_CASES) {
  for (const scope of merge.scopes) {
    cases(`${nameCase(merge)}: ${merge.verdict}, where a title is the ${scope}'s`, async () => {
      const { kept, room, clock, told } = dressedRoom(scope === "hat" ? "hats#uri" : "prosody-hats");
      const [desk, noted, shown] = [titleIn(merge.desk), titleIn(merge.noted), titleIn(merge.room)];
      if (scope === "hat") room.catalogue.set(TEACHER, { title: "A", hue: "" });
      if (scope === "hat") kept.define(TEACHER, { title: "A" });
      if (desk !== undefined) kept.dress(BOB, { [TEACHER]: scope === "hat" ? { active: true } : desk });
      if (noted !== undefined) await kept.recordBase(ROOM, BOB, new Map([[TEACHER as HatId, noted]]));
      if (shown !== undefined) room.assign(BOB, TEACHER, shown);
      kept.history.length = 0;
      room.join();
      const outcome = OUTCOMES[merge.verdict];
      assert.is((await told()).length, outcome.told);
      await clock.advance(10_000);
      const after = {
        desk: kept.worn(BOB)[TEACHER] && titleOf(kept, scope),
        room: room.shown()[BOB]?.[TEACHER],
      };
      const isAdopted = outcome.isDesks === "as the room";
      assert.is(after.desk, isAdopted ? shown : desk);
      assert.is(after.room, after.desk, "in the end both are the same");
      const note = kept.base(BOB)[TEACHER];
      assert.is(note, after.room);
      assert.equal(
        kept.history.map(({ author }) => author.kind),
        isAdopted ? ["room"] : [],
      );
    });
  }
}

function titleOf(kept: DressedRoom["kept"], scope: "hat" | "wearer"): string | undefined {
  const common = kept.durableRoom(ROOM).hats.get(TEACHER as HatId)?.title;
  return scope === "hat" ? common : (kept.worn(BOB)[TEACHER]?.title ?? common);
}

for (const merge of CATALOGUE_CASES) {
  cases(`in the room's list of hats, ${nameCase(merge)}: ${merge.verdict}`, async () => {
    const { kept, room, clock, told } = dressedRoom("hats#uri");
    const [desk, noted, shown] = [titleIn(merge.desk), titleIn(merge.noted), titleIn(merge.room)];
    const isMade = merge.noted.endsWith("made");
    const id = TEACHER as HatId;
    if (desk !== undefined) kept.define(TEACHER, { title: desk });
    if (noted !== undefined)
      await kept.recordBase(ROOM, markKey(id), buildMark(id, { isMade, title: noted, hue: undefined }));
    if (shown !== undefined) room.catalogue.set(TEACHER, { title: shown, hue: "" });
    kept.history.length = 0;
    room.join();
    const commands = {
      nothing: [],
      adopt: [],
      create: [`create ${TEACHER} ${desk}`],
      destroy: [`destroy ${TEACHER}`],
    };
    assert.equal(await told(), commands[merge.verdict]);
    assert.is(kept.durableRoom(ROOM).hats.get(id)?.title, merge.verdict === "adopt" ? shown : desk);
    assert.is(kept.adopted, merge.verdict === "adopt" ? 1 : 0);
    await clock.advance(PERIOD_MS);
    assert.equal(await told(), [], "once and for all");
  });
}

cases.run();

const test = suite("what others do in the room");

test("a hat given in the room is the desk's, shown, with the room's title and hue", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  room.catalogue.set("urn:x:native", { title: "Native", hue: "20" });
  room.change("assign", BOB, "urn:x:native");
  await clock.advance(PERIOD_MS);
  assert.equal(await told(), []);
  assert.equal(kept.worn(BOB), { "urn:x:native": { active: true } });
  assert.equal(kept.durableRoom(ROOM).hats.get("urn:x:native" as HatId), { title: "Native", hue: 20 });
  assert.equal(
    kept.history.map(({ author }) => author),
    [{ kind: "room" }],
  );
  kept.dress(BOB, {});
  assert.equal(await told(), [`unassign ${BOB} urn:x:native`], "and the desk's to take");
});

test("a hat given in the room is worn as long as it usually is; one that stays keeps its time", async () => {
  const { kept, room, clock } = await joinedRoom("hat");
  room.catalogue.set(TEACHER, { title: "Teacher", hue: "" });
  kept.define(TEACHER, { title: "Teacher", defaultExpires: 86_400 });
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  await clock.advance(PERIOD_MS);
  room.change("assign", BOB, TEACHER);
  await clock.advance(PERIOD_MS);
  const { expires } = kept.durableRoom(ROOM);
  assert.equal([...(expires.get(BOB) ?? [])], [[TEACHER, "2026-06-02T12:00:00.000Z"]]);
  assert.is(expires.get(CAROL), undefined);
});

test("a hat taken in the room is taken in the desk, required or not, and nothing is sent", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: { active: true, required: true, title: "Teacher" } });
  await told();
  room.change("unassign", BOB, TEACHER);
  await clock.advance(PERIOD_MS);
  assert.equal(await told(), []);
  assert.equal(kept.worn(BOB), {});
  assert.is(kept.adopted, 1);
  await clock.advance(10 * PERIOD_MS);
  assert.is(kept.adopted, 1, "once");
});

test("a hat that the wearer hides and somebody gives in the room is shown again, otherwise as it was", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: { title: "Bob's own", required: true } });
  room.change("assign", BOB, TEACHER, "Bob's own");
  await clock.advance(PERIOD_MS);
  assert.equal(await told(), []);
  assert.equal(kept.worn(BOB), { [TEACHER]: { active: true, required: true, title: "Bob's own" } });
});

for (const kind of ["hat", "prosody-hats"] as const) {
  test(`where the store is a backup, a room of kind ${kind} is told what it has, and nothing is adopted, once`, async () => {
    const { kept, room, clock, told } = await joinedRoom(kind);
    kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
    await clock.advance(10_000);
    await told();
    room.leave();
    kept.history.length = 0;
    await kept.recordBase(ROOM, RESTORED, new Map([[TEACHER as HatId, ""]]));
    room.change("unassign", BOB, HELPER);
    room.change("assign", CAROL, TEACHER, "Teacher");
    room.join();
    const shown = { [BOB]: { [TEACHER]: "Teacher", [HELPER]: "Helper" } };
    await told();
    assert.equal(room.shown(), shown);
    assert.equal(
      kept.history.filter(({ changes }) => changes.some(({ kind: what }) => what !== "base")),
      [],
    );
    await clock.advance(10_000);
    assert.equal(kept.base(BOB), shown[BOB]);
    assert.is(kept.durableRoom(ROOM).base.has(RESTORED), false);
    room.change("assign", CAROL, HELPER, "Helper");
    await clock.advance(PERIOD_MS);
    assert.equal(Object.keys(kept.worn(CAROL)), [HELPER], "from then on as ever");
  });
}

test("where the store is a backup, a hat is called in the room as it was", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.define(TEACHER, { title: "Teacher", hue: 20 });
  kept.dress(BOB, { [TEACHER]: { active: true } });
  await clock.advance(10_000);
  await told();
  room.leave();
  await kept.recordBase(ROOM, RESTORED, new Map([[TEACHER as HatId, ""]]));
  room.catalogue.set(TEACHER, { title: "Tutor", hue: "20" });
  room.join();
  assert.equal(await told(), [`create ${TEACHER} Teacher`]);
  assert.is(kept.durableRoom(ROOM).hats.get(TEACHER as HatId)?.title, "Teacher");
});

test("where desk and room were both changed, the desk's changes stay and the rest is adopted", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  await clock.advance(10_000);
  await told();
  room.leave();
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper", "urn:x:new": "New" });
  room.change("unassign", BOB, HELPER);
  room.change("assign", BOB, "urn:x:native", "Native");
  room.join();
  const commands = await told();
  assert.equal(commands, ["create urn:x:new New", `assign ${BOB} urn:x:new`]);
  const hats = { [TEACHER]: "Teacher", "urn:x:native": "Native", "urn:x:new": "New" };
  assert.equal(room.shown()[BOB], hats);
  assert.equal(Object.keys(kept.worn(BOB)).toSorted(), Object.keys(hats).toSorted());
});

test("a hat destroyed in the room is taken off its wearers, and made known again for the next one", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.catalogue.delete(TEACHER);
  room.change("unassign", BOB, TEACHER);
  room.emit("configuration");
  await clock.advance(2_000);
  assert.equal(kept.worn(BOB), {});
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  assert.equal(await told(), [`create ${TEACHER} Teacher`, `assign ${CAROL} ${TEACHER}`]);
});

for (const [kind, what, isShown, sent] of [
  ["hat", "is still shown with it has it taken once more, so that the room shows what it has", true, 1],
  ["hat", "is not shown with it any more has nothing sent", false, 0],
  ["prosody-hats", "is in a room that knows no hats of its own has nothing sent", true, 0],
] as const) {
  test(`who has lost the only hat in the room and ${what}`, async () => {
    const { kept, room, clock, told } = await joinedRoom(kind);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    room.enter("bob", BOB);
    await clock.advance(20_000);
    room.catalogue.delete(TEACHER);
    room.change("unassign", BOB, TEACHER);
    if (!isShown) room.enter("bob", BOB);
    room.emit("configuration");
    await clock.advance(2_000);
    assert.equal(kept.worn(BOB), {});
    assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`].slice(0, sent));
    await clock.advance(2 * PERIOD_MS);
    assert.equal(await told(), [], "once");
    assert.equal(kept.base(BOB), {});
    assert.equal(kept.worn(BOB), {});
  });
}

test("whose hat is destroyed in the room, and given again by the desk at once, gets it", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.enter("bob", BOB);
  await clock.advance(20_000);
  room.catalogue.delete(TEACHER);
  room.change("unassign", BOB, TEACHER);
  kept.on("change", ({ author }) => {
    if (author.kind === "room") kept.dress(BOB, { [TEACHER]: "Teacher" });
  });
  room.emit("configuration");
  await clock.advance(2_000);
  assert.equal(await told(), [`create ${TEACHER} Teacher`, `assign ${BOB} ${TEACHER}`]);
  assert.equal(room.shown()[BOB], { [TEACHER]: "Teacher" });
});

test("a title given in the room is the desk's from then on", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.catalogue.set(TEACHER, { title: "Professor", hue: "20" });
  room.assign(BOB, TEACHER, "Professor");
  await clock.advance(PERIOD_MS);
  assert.equal(await told(), []);
  assert.is(kept.durableRoom(ROOM).hats.get(TEACHER as HatId)?.title, "Professor");
});

test("what is announced and unanswered when the bot crashes is put again, not adopted", async () => {
  const before = await joinedRoom("hat");
  before.room.mishap = (command) => (command.startsWith("assign") ? "lost-before" : undefined);
  before.kept.dress(BOB, { [TEACHER]: "Teacher" });
  await before.told();
  before.presence.close();
  const after = dressedRoom("hat", "auto", before.kept);
  after.room.catalogue.set(TEACHER, { title: "Teacher", hue: "" });
  after.room.join();
  assert.equal(await after.told(), [`assign ${BOB} ${TEACHER}`]);
  assert.is(before.kept.adopted, 0);
});

test("a server that crashes and loses its last seconds is not somebody who used the room's commands", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(10_000);
  await told();
  kept.dress(BOB, {});
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  await told();
  room.leave();
  room.change("assign", BOB, TEACHER);
  room.change("unassign", CAROL, TEACHER);
  room.join();
  assert.equal((await told()).toSorted(), [`assign ${CAROL} ${TEACHER}`, `unassign ${BOB} ${TEACHER}`]);
  assert.is(kept.adopted, 0);
});

test("each wearer has the whole moment, however soon before somebody else was told of", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(CAROL, { [TEACHER]: "Teacher" });
  await clock.advance(9_000);
  kept.dress(BOB, { [TEACHER]: { active: true } });
  await clock.advance(9_000);
  await told();
  assert.equal(kept.base(CAROL), { [TEACHER]: "Teacher" });
  room.leave();
  room.change("unassign", BOB, TEACHER);
  room.join();
  assert.equal(await told(), [`assign ${BOB} ${TEACHER}`]);
  assert.is(kept.adopted, 0);
  await clock.advance(20_000);
  assert.equal(kept.base(BOB), { [TEACHER]: "Teacher" });
});

test("what is read and told of others meanwhile does not put off the end of the moment", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  for (let turn = 0; turn < 5; turn += 1) {
    await clock.advance(5_000);
    kept.dress(CAROL, { [TEACHER]: { active: turn % 2 === 0 } });
    room.emit("own-affiliation", "owner");
  }
  assert.equal(kept.base(BOB), { [TEACHER]: "Teacher" });
  assert.equal(kept.base(CAROL), { [TEACHER]: "" });
});

test("a bot that is stopped in good order notes at once what the room has", async () => {
  const { kept, told, presence } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  assert.equal(kept.base(BOB), { [TEACHER]: "" });
  await presence.settle();
  assert.equal(kept.base(BOB), { [TEACHER]: "Teacher" });
});

test("a hat taken in the room within the moment after it was put is adopted too", async () => {
  const { kept, room, told, clock } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  assert.equal(kept.base(BOB), { [TEACHER]: "" });
  room.change("unassign", BOB, TEACHER);
  room.emit("own-affiliation", "owner");
  assert.equal(await told(), []);
  assert.equal(kept.worn(BOB), {});
  await clock.advance(PERIOD_MS);
  assert.equal(kept.base(BOB), {});
});

test("a hat taken by the desk and given again before its base is settled is put, not taken for taken", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  kept.dress(BOB, {});
  await told();
  room.emit("own-affiliation", "owner");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  room.emit("own-affiliation", "owner");
  assert.equal(await told(), [`assign ${BOB} ${TEACHER}`]);
  assert.equal(Object.keys(kept.worn(BOB)), [TEACHER]);
});

for (const [what, jid, uri] of [
  ["somebody who is not affiliated", "dave@example.org", "urn:x:native"],
  ["a domain", "example.org", "urn:x:native"],
  ["the room itself", ROOM, "urn:x:native"],
  ["something that is no address", "@", "urn:x:native"],
  ["a hat that is no URI", BOB, "not a uri"],
] as const) {
  test(`what the desk cannot have stays in the room and is counted as drift: ${what}`, async () => {
    const { kept, room, told, standing, clock } = dressedRoom("hats#uri");
    kept.affiliations.set("dave@example.org" as BareJid, "none");
    room.change("assign", jid, uri, "Native");
    room.join();
    assert.equal(await told(), []);
    await clock.advance(PERIOD_MS);
    assert.is(kept.history.length, 0);
    assert.is(standing().drift, 1);
    assert.is(standing().pending, 0);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    kept.dress(BOB, {});
    await told();
    assert.equal(room.shown()[jid], { [uri]: "Native" });
  });
}

test("a hat above the desk's limit stays, the others are adopted", async () => {
  const { kept, room, clock, standing, told } = await joinedRoom("hats#uri");
  const most = Object.fromEntries(
    Array.from({ length: 99 }, (_, index) => [`urn:x:${index}`, { active: true }]),
  );
  kept.dress(BOB, most);
  await told();
  room.change("assign", BOB, "urn:native:1", "One");
  room.change("assign", BOB, "urn:native:2", "Two");
  await clock.advance(PERIOD_MS);
  assert.equal(await told(), []);
  assert.is(Object.keys(kept.worn(BOB)).length, 100);
  assert.is(standing().drift, 1);
});

test("somebody who becomes affiliated has the hat that the room shows at the next reading", async () => {
  const { kept, room, clock, standing } = dressedRoom("hat");
  const dave = "dave@example.org" as BareJid;
  kept.affiliations.set(dave, "none");
  room.change("assign", dave, "urn:x:native", "Native");
  room.join();
  await clock.advance(10_000);
  kept.affiliations.set(dave, "member");
  await clock.advance(PERIOD_MS);
  assert.equal(kept.worn(dave), { "urn:x:native": { active: true } });
  assert.is(standing().drift, 0);
});

test("a store that cannot be written now adopts later, and the room is left alone meanwhile", async () => {
  const { kept, room, clock, told, standing } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(10_000);
  await told();
  kept.failure = new HatsError("store-unwritable");
  room.change("unassign", BOB, TEACHER);
  await clock.advance(PERIOD_MS);
  assert.equal(await told(), []);
  assert.is(standing().drift, 1);
  kept.failure = undefined;
  await clock.advance(60_000);
  assert.equal(kept.worn(BOB), {});
  assert.equal(standing(), { dialect: "xep-0317", pending: 0, drift: 0, unshown: [], lastError: undefined });
});

test.run();

const sight = suite("what presence shows");

for (const [kind, ns] of [
  ["hat", NS_HATS],
  ["xep-0317-0.2", NS_HATS],
  ["prosody-hats", NS_HATS_LEGACY],
] as const) {
  sight(`a room with ${kind} is read again where somebody is shown with other hats in ${ns}`, async () => {
    const { kept, room, clock } = await joinedRoom(kind);
    room.enter("bob", BOB);
    await clock.advance(5_000);
    room.asked = [];
    room.change("assign", BOB, "urn:x:native", "Native");
    room.enter("bob", BOB);
    await clock.advance(10_000);
    assert.is(room.asked[0], "list-assigned");
    assert.equal(Object.keys(kept.worn(BOB)), ["urn:x:native"]);
    room.change("unassign", BOB, "urn:x:native");
    room.enter("bob", BOB);
    await clock.advance(5_000);
    assert.equal(kept.worn(BOB), {});
  });

  sight(`in a room with ${kind}, forged presence in the other namespace has nothing read`, async () => {
    const { kept, room, clock } = await joinedRoom(kind);
    const other = ns === NS_HATS ? NS_HATS_LEGACY : NS_HATS;
    room.asked = [];
    room.enter("bob", BOB, {}, buildHats([{ uri: "urn:x:forged", title: "Forged" }], other));
    await clock.advance(60_000);
    assert.equal(room.asked, []);
    assert.is(kept.history.length, 0);
  });
}

sight("forged presence changes nothing, and has the room read once", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  room.asked = [];
  const forged = buildHats([{ uri: "urn:x:forged", title: "Forged" }]);
  for (let turn = 0; turn < 1_000; turn += 1) room.enter("bob", BOB, {}, forged);
  await clock.advance(PERIOD_MS / 2);
  room.enter("bob", BOB, {}, forged);
  await clock.advance(60_000);
  assert.equal(room.asked, ["list-assigned"]);
  assert.equal(await told(), []);
  assert.is(kept.history.length, 0);
});

sight("presence with more hats than anybody has is not looked at, nor kept", async () => {
  const { room, clock } = await joinedRoom("hat");
  room.asked = [];
  const forged = (count: number, title: string) =>
    buildHats(Array.from({ length: count }, (_, index) => ({ uri: `urn:x:${index}`, title })));
  for (const hats of [forged(201, "Forged"), forged(1, "x".repeat(40_000))]) {
    room.enter("bob", BOB, {}, hats);
    await clock.advance(60_000);
  }
  assert.equal(room.asked, []);
});

sight(
  "presences that are forged ever differently have the room read no more than every five seconds",
  async () => {
    const { room, clock } = await joinedRoom("hat");
    room.asked = [];
    for (let turn = 0; turn < 600; turn += 1) {
      room.enter("bob", BOB, {}, buildHats([{ uri: `urn:x:${turn}`, title: "Forged" }]));
      await clock.advance(100);
    }
    assert.ok(room.asked.length <= 13, `read ${room.asked.length} times in a minute`);
  },
);

sight(
  "our own changes, and presences that come before or after their answers, have nothing read",
  async () => {
    const { kept, room, clock, told } = await joinedRoom("hat");
    room.enter("bob", BOB);
    await clock.advance(10_000);
    room.asked = [];
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    room.enter("bob", BOB);
    kept.define(TEACHER, { title: "Professor" });
    room.enter("bob", BOB, {}, buildHats([{ uri: TEACHER, title: "Professor" }]));
    await told();
    kept.dress(BOB, {});
    room.enter("bob", BOB, {}, buildHats([{ uri: TEACHER, title: "Professor" }]));
    await told();
    room.enter("bob", BOB);
    await clock.advance(60_000);
    assert.equal(
      room.asked.filter((verb) => verb !== "form"),
      [],
    );
  },
);

for (const kind of ["hat", "xep-0317-0.2", "prosody-hats"] as const) {
  sight(
    `a room that does not show what its list has is reminded once, by one command (${kind})`,
    async () => {
      const { kept, room, clock, told } = await joinedRoom(kind);
      kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
      kept.dress(CAROL, { [TEACHER]: { active: true, title: "Teacher" } });
      await clock.advance(10_000);
      room.kind = "no-commands";
      room.emit("own-affiliation", "member");
      await told();
      room.enter("bob", BOB, {}, xml("hats", { xmlns: "urn:x:none" }));
      room.kind = kind;
      room.enter("carol", CAROL);
      room.emit("own-affiliation", "owner");
      await clock.advance(30_000);
      assert.equal(await told(), [`assign ${BOB} ${HELPER}${kind === "hat" ? "" : " Helper"}`]);
      for (let turn = 0; turn < 10; turn += 1)
        room.enter("bob", BOB, { role: "visitor" }, xml("hats", { xmlns: "urn:x:none" }));
      await clock.advance(PERIOD_MS);
      assert.equal(await told(), []);
      room.enter("bob", BOB);
      await clock.advance(PERIOD_MS);
      assert.equal(await told(), []);
    },
  );
}

sight.run();

const lists = suite("lists that prove nothing");

lists("a room that is left alone is asked one thing in ten minutes", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  await clock.advance(10_000);
  room.asked = [];
  await clock.advance(10 * PERIOD_MS);
  assert.equal(
    room.asked,
    Array.from({ length: 10 }, () => "list-assigned"),
  );
  assert.equal(await told(), []);
});

for (const [what, mishap] of [
  ["is refused", new StanzaError("auth", "forbidden")],
  ["does not come", "lost-before"],
] as const) {
  lists(`a list that ${what} changes nothing, and is asked for again`, async () => {
    const { kept, room, clock, told, status } = await joinedRoom("hat");
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    await clock.advance(10_000);
    room.assigned.clear();
    room.mishap = (command) => (command === "list-assigned" ? mishap : undefined);
    await clock.advance(PERIOD_MS);
    assert.equal(Object.keys(kept.worn(BOB)), [TEACHER]);
    assert.equal(await told(), []);
    assert.ok(status().lastError);
    room.mishap = () => undefined;
    await clock.advance(60_000);
    assert.equal(kept.worn(BOB), {});
    assert.is(status().lastError, undefined);
  });
}

for (const half of ["more to come", "a row without its hat"] as const) {
  lists(`half a list changes nothing: ${half}`, async () => {
    const { kept, room, clock, told } = await joinedRoom("hat");
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    await clock.advance(10_000);
    room.assigned.clear();
    room.half = half;
    await clock.advance(PERIOD_MS);
    assert.equal(Object.keys(kept.worn(BOB)), [TEACHER]);
    room.half = undefined;
    await clock.advance(60_000);
    assert.equal(kept.worn(BOB), {}, "whole, it counts");
  });
}

lists("a list is read while nothing of ours is under way, and what comes meanwhile waits", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  await clock.advance(10_000);
  const seen: string[] = [];
  room.mishap = (command) => void seen.push(`${command} ${room.inFlight}`);
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  room.emit("own-affiliation", "owner");
  kept.dress(BOB, {});
  await told();
  const lists = seen.filter((line) => line.startsWith("list-assigned"));
  assert.equal(lists, ["list-assigned 0"]);
  assert.is(kept.adopted, 0);
  assert.equal(room.shown(), { [CAROL]: { [TEACHER]: "Teacher" } });
});

lists(
  "where the columns of ejabberd 23.01 cannot be told apart, nothing is adopted and nothing taken",
  async () => {
    const { kept, room, clock, told } = dressedRoom("prosody-hats");
    kept.dress(BOB, { [TEACHER]: "urn:x:a-title-like-this" });
    await kept.recordBase(ROOM, BOB, new Map([[TEACHER as HatId, "urn:x:a-title-like-this"]]));
    kept.history.length = 0;
    room.assign(BOB, "urn:x:a-title-like-this", TEACHER);
    room.join();
    await clock.advance(PERIOD_MS);
    assert.equal(await told(), []);
    assert.is(kept.history.length, 0);
  },
);

lists.run();
