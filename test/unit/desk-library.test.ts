/** The desk as a library: seed-shaped calls in, durable hats and events out. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Change } from "../../src/core/change.ts";
import type { Author } from "../../src/core/entry.ts";
import { HatsError, type RefusalCode } from "../../src/core/errors.ts";
import { addUserHat } from "../../src/core/hats.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Affiliation, HatId } from "../../src/core/model.ts";
import type { AffiliationSource } from "../../src/desk/affiliation-source.ts";
import type { ChangeEvent, Desk, DeskOptions } from "../../src/desk/desk.ts";
import { openDesk } from "../../src/desk/open-desk.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const BOB = "bob@example.org" as BareJid;
const ANN = "ann@example.org" as BareJid;
const TEACHER = "https://example.org/hats/teacher";
const OPS: Author = { kind: "account", jid: "ops@example.org" as BareJid };

/* A room TEAM in which bob and ann are members, mallory an outcast, and nobody else anything. */
class Rooms implements AffiliationSource {
  readonly asked: string[] = [];
  readonly known = new Map<string, Affiliation | HatsError>([
    [BOB, "member"],
    [ANN, "admin"],
    ["__proto__@example.org", "member"],
    ["mallory@example.org", "outcast"],
  ]);

  isKept(room: RoomJid): boolean {
    return room === TEAM;
  }

  lastKnownAffiliation(_room: RoomJid, user: BareJid): Affiliation | undefined {
    const known = this.known.get(user);
    return known instanceof HatsError ? undefined : known;
  }

  async affiliation(room: RoomJid, user: BareJid): Promise<Affiliation> {
    this.asked.push(`${user} in ${room}`);
    const answer = this.known.get(user) ?? "none";
    if (answer instanceof HatsError) throw answer;
    return answer;
  }
}

interface Context {
  data: string;
  rooms: Rooms;
  desk: Desk;
}

const library = suite<Context>("the desk");

library.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-desk-"));
  context.rooms = new Rooms();
  context.desk = await openDesk(optionsOf(context));
});
library.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

function optionsOf({ data, rooms }: Context, more: Partial<DeskOptions> = {}): DeskOptions {
  return { data, affiliations: rooms, now: () => new Date("2026-01-02T03:04:05Z"), ...more };
}

async function refusal(act: Promise<unknown> | (() => unknown)): Promise<RefusalCode> {
  try {
    await (typeof act === "function" ? act() : act);
  } catch (error) {
    if (error instanceof HatsError) return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}

library("gives, changes, sets and takes hats, and says whether anything changed", async ({ desk }) => {
  const changed = { changed: true };
  const unchanged = { changed: false };
  assert.equal(await desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" }), changed);
  assert.equal(await desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" }), unchanged);
  assert.equal(await desk.addUserHat(BOB, TEAM, "urn:x:b"), changed);
  assert.equal(desk.userHats(BOB, TEAM), { [TEACHER]: { active: true, title: "Teacher" }, "urn:x:b": {} });
  assert.equal(await desk.setUserHats(BOB, TEAM, { "urn:x:b": { required: true } }), changed);
  assert.equal(desk.userHats(BOB, TEAM), { "urn:x:b": { required: true } });
  assert.equal(await desk.removeUserHat(BOB, TEAM, TEACHER), unchanged);
  assert.equal(await desk.setUserHats(BOB, TEAM, undefined), changed);
  assert.equal(desk.userHats(BOB, TEAM), {});
});

library("makes every JID bare and prepares it, before anything else looks at it", async ({ desk, rooms }) => {
  await desk.addUserHat("Bob@Example.ORG/phone", "TEAM@rooms.example.org/nick", TEACHER);
  assert.equal(rooms.asked, [`${BOB} in ${TEAM}`]);
  assert.equal(Object.keys(desk.roomHats(TEAM).users), [BOB]);
  assert.is(await refusal(desk.addUserHat("not a jid", TEAM, TEACHER)), "bad-field");
  assert.is(await refusal(desk.addUserHat(BOB, "rooms.example.org", TEACHER)), "bad-field");
});

library("has the seed's two errors, in the seed's order", async ({ desk }) => {
  const elsewhere = "other@rooms.example.org";
  for (const call of [desk.addUserHat.bind(desk), desk.removeUserHat.bind(desk)]) {
    assert.is(await refusal(call("eve@example.org", elsewhere, TEACHER)), "no-such-room");
    assert.is(await refusal(call("eve@example.org", TEAM, TEACHER)), "not-affiliated");
    assert.is(await refusal(call("mallory@example.org", TEAM, TEACHER)), "not-affiliated");
  }
  assert.is(await refusal(desk.setUserHats("eve@example.org", elsewhere, {})), "no-such-room");
  assert.is(await refusal(desk.setUserHats("eve@example.org", TEAM, {})), "not-affiliated");
  assert.is(await refusal(() => desk.userHats(BOB, elsewhere)), "no-such-room");
  assert.is(await refusal(() => desk.roomHats(elsewhere)), "no-such-room");
});

library("asks nothing of a room that it does not keep", async ({ desk, rooms }) => {
  await refusal(desk.addUserHat(BOB, "other@rooms.example.org", TEACHER));
  assert.equal(rooms.asked, []);
});

library("hands on what the room refuses to say", async ({ desk, rooms }) => {
  rooms.known.set(BOB, new HatsError("list-unreadable"));
  assert.is(await refusal(desk.addUserHat(BOB, TEAM, TEACHER)), "list-unreadable");
  rooms.known.set(BOB, new HatsError("room-not-ready"));
  assert.is(await refusal(desk.addUserHat(BOB, TEAM, TEACHER)), "room-not-ready");
});

library(
  "hands out copies: changing them changes nothing, and neither does changing what was given",
  async ({ desk }) => {
    const given = { active: true, title: "Teacher" };
    await desk.addUserHat(BOB, TEAM, TEACHER, given);
    given.title = "Headmaster";
    const hats = desk.userHats(BOB, TEAM);
    Object.assign(hats[TEACHER] as object, { title: "Janitor" });
    const room = desk.roomHats(TEAM);
    delete room.users[BOB];
    assert.equal(desk.userHats(BOB, TEAM), { [TEACHER]: { active: true, title: "Teacher" } });
    assert.equal(desk.roomHats(TEAM).hats, { [TEACHER]: { title: "Teacher" } });
  },
);

library(
  "decides in the turn in which it is asked, where everybody's affiliation is sure",
  async (context) => {
    const { rooms, desk } = context;
    const decided: string[] = [];
    const decide = (users: BareJid[]): Promise<unknown> =>
      desk.transact({ room: TEAM, users, author: OPS }, () => {
        decided.push(users.join());
        return [];
      });
    const sure: AffiliationSource["sureAffiliation"] = (_, user) => (user === BOB ? "member" : undefined);
    Object.assign(rooms, { sureAffiliation: sure });
    const both = [decide([BOB, ANN]), decide([BOB])];
    assert.equal(decided, [BOB]);
    await Promise.all(both);
    assert.equal(decided, [BOB, `${BOB},${ANN}`]);
    assert.equal(rooms.asked, [`${BOB} in ${TEAM}`, `${ANN} in ${TEAM}`]);
  },
);

library("takes __proto__ and friends as ordinary names, over a restart too", async (context) => {
  const user = "__proto__@example.org";
  await context.desk.setUserHats(user, TEAM, Object.fromEntries([["x:__proto__", { title: "constructor" }]]));
  await context.desk.close();
  context.desk = await openDesk(optionsOf(context));
  assert.equal(context.desk.userHats(user, TEAM), { "x:__proto__": { title: "constructor" } });
  assert.is(await refusal(context.desk.setUserHats(user, TEAM, JSON.parse('{"__proto__":{}}'))), "bad-field");
});

library("refuses hats that are no object, and clears nothing", async ({ desk }) => {
  await desk.addUserHat(BOB, TEAM, TEACHER);
  for (const hats of [5, "x", null, [], [TEACHER]] as unknown as Record<string, object>[]) {
    assert.is(await refusal(desk.setUserHats(BOB, TEAM, hats)), "bad-field");
  }
  assert.equal(Object.keys(desk.userHats(BOB, TEAM)), [TEACHER]);
});

library("holds itself to the limits it was opened with", async (context) => {
  await context.desk.close();
  context.desk = await openDesk(
    optionsOf(context, { limits: { titleLength: 3, hatsPerUser: 1, reasonLength: 4 } }),
  );
  const { desk } = context;
  assert.is(await refusal(desk.addUserHat(BOB, TEAM, TEACHER, { title: "long" })), "bad-field");
  await desk.addUserHat(BOB, TEAM, TEACHER, { title: "abc" });
  assert.is(await refusal(desk.addUserHat(BOB, TEAM, "urn:x:b")), "bad-field");
  const request = { room: TEAM, users: [ANN], author: OPS, reason: "too long" };
  assert.is(
    await refusal(desk.transact(request, (view) => addUserHat(view, ANN, TEAM, TEACHER))),
    "bad-field",
  );
});

library("keeps nothing that no stanza could carry", async ({ desk }) => {
  for (const bad of ["a\u0000b", "\ufffe", "\ud800"]) {
    assert.is(await refusal(desk.addUserHat(BOB, TEAM, TEACHER, { title: bad })), "bad-field");
    const request = { room: TEAM, users: [BOB], author: OPS, reason: bad };
    assert.is(
      await refusal(desk.transact(request, (view) => addUserHat(view, BOB, TEAM, TEACHER))),
      "bad-field",
    );
  }
});

library(
  "is durable when it answers: what another reader finds in the files is the change",
  async ({ desk, data }) => {
    await desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher" });
    assert.match(readFileSync(join(data, "hats.journal"), "utf8"), `"user":"${BOB}"`);
  },
);

library.run();

const transactions = suite<Context>("a transaction");
transactions.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-desk-"));
  context.rooms = new Rooms();
  context.desk = await openDesk(optionsOf(context));
});
transactions.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

transactions("over several people is one entry: all of them or none", async ({ desk, rooms }) => {
  const events: ChangeEvent[] = [];
  desk.on("change", (event) => events.push(event));
  const give = (users: readonly BareJid[]) =>
    desk.transact(
      { room: TEAM, users, author: OPS, command: "add-user-hat", reason: "term begins" },
      (view) => users.flatMap((user) => addUserHat(view, user, TEAM, TEACHER)),
    );
  rooms.known.set("cid@example.org", "none");
  assert.is(await refusal(give([BOB, "cid@example.org" as BareJid, ANN])), "not-affiliated");
  assert.equal(desk.roomHats(TEAM).users, {});
  const receipt = await give([BOB, ANN]);
  assert.is(receipt.seq, 1);
  assert.equal(Object.keys(desk.roomHats(TEAM).users), [BOB, ANN]);
  assert.equal(
    events.map(({ changes, ...about }) => [about, changes]),
    [
      [
        {
          seq: 1,
          at: "2026-01-02T03:04:05.000Z",
          room: TEAM,
          author: OPS,
          command: "add-user-hat",
          reason: "term begins",
        },
        receipt.changes,
      ],
    ],
  );
});

transactions("that changes nothing writes nothing and tells nobody", async ({ desk, data }) => {
  await desk.addUserHat(BOB, TEAM, TEACHER);
  const before = readFileSync(join(data, "hats.journal"));
  const events: ChangeEvent[] = [];
  desk.on("change", (event) => events.push(event));
  const receipt = await desk.transact({ room: TEAM, users: [BOB], author: OPS }, (view) =>
    addUserHat(view, BOB, TEAM, TEACHER),
  );
  assert.equal(receipt, { changes: [], seq: undefined });
  assert.equal(readFileSync(join(data, "hats.journal")), before);
  assert.equal(events, []);
});

transactions("that finds all as it should be answers only once that is durable", async ({ desk }) => {
  const worn: string[][] = [];
  const give = async () => {
    const outcome = await desk.addUserHat(BOB, TEAM, TEACHER);
    worn.push(Object.keys(desk.userHats(BOB, TEAM)));
    return outcome;
  };
  assert.equal(await Promise.all([give(), give()]), [{ changed: true }, { changed: false }]);
  assert.equal(worn, [[TEACHER], [TEACHER]]);
});

transactions("gives nothing to whoever is put out while others are still asked after", async (context) => {
  const { desk, rooms } = context;
  const asking = rooms.affiliation.bind(rooms);
  rooms.affiliation = async (room, user) => {
    const answer = await asking(room, user);
    if (user === ANN) rooms.known.set(BOB, "outcast");
    return answer;
  };
  const give = desk.transact({ room: TEAM, users: [BOB, ANN], author: OPS }, (view) =>
    [BOB, ANN].flatMap((user) => addUserHat(view, user, TEAM, TEACHER)),
  );
  assert.is(await refusal(give), "not-affiliated");
  assert.equal(desk.userHats(BOB, TEAM), {});
});

transactions("sees those before it that are still under way; readers do not", async ({ desk }) => {
  const seen: unknown[] = [];
  const add = (hat: string) =>
    desk.transact({ room: TEAM, users: [BOB], author: OPS }, (view) => {
      seen.push([
        [...(view.room(TEAM)?.user(BOB)?.hats.keys() ?? [])],
        Object.keys(desk.userHats(BOB, TEAM)),
      ]);
      return addUserHat(view, BOB, TEAM, hat);
    });
  await Promise.all([add("urn:x:a"), add("urn:x:b"), add("urn:x:c")]);
  assert.equal(seen, [
    [[], []],
    [["urn:x:a"], []],
    [["urn:x:a", "urn:x:b"], []],
  ]);
  assert.equal(Object.keys(desk.userHats(BOB, TEAM)), ["urn:x:a", "urn:x:b", "urn:x:c"]);
});

transactions(
  "knows only the affiliations it asked for: anything else is a bug, not a guess",
  async ({ desk }) => {
    for (const decide of [
      () =>
        desk.transact({ room: TEAM, users: [ANN], author: OPS }, (view) =>
          addUserHat(view, BOB, TEAM, TEACHER),
        ),
      async () => addUserHat(desk.view(), BOB, TEAM, TEACHER),
    ]) {
      try {
        await decide();
        assert.unreachable();
      } catch (error) {
        assert.instance(error, Error);
        assert.not.instance(error, HatsError);
      }
    }
  },
);

transactions("taken when an affiliation ended asks for none", async ({ desk, rooms }) => {
  await desk.addUserHat(BOB, TEAM, TEACHER);
  rooms.known.set(BOB, "none");
  const events: ChangeEvent[] = [];
  desk.on("change", (event) => events.push(event));
  const { changes } = await desk.stripUser(TEAM, BOB, { kind: "room" }, "no longer a member");
  assert.is(changes.length, 1);
  assert.equal(desk.userHats(BOB, TEAM), {});
  assert.equal([events[0]?.author, events[0]?.reason], [{ kind: "room" }, "no longer a member"]);
  assert.equal(await desk.stripUser(TEAM, BOB, { kind: "room" }), { changes: [], seq: undefined });
});

transactions(
  "of what was put into the room is kept over a restart, told to nobody, and not in the history",
  async (context) => {
    const events: ChangeEvent[] = [];
    context.desk.on("change", (event) => events.push(event));
    const base = new Map([["urn:x:a" as HatId, "Teacher"]]);
    await context.desk.recordBase(TEAM, BOB, base);
    assert.equal(context.desk.durableRoom(TEAM).base.get(BOB), base);
    await context.desk.close();
    context.desk = await openDesk(optionsOf(context));
    assert.equal(context.desk.durableRoom(TEAM).base.get(BOB), base);
    await context.desk.recordBase(TEAM, BOB, undefined);
    assert.is(context.desk.durableRoom(TEAM).base.size, 0);
    assert.equal(events, []);
    await context.desk.close();
    assert.is(readFileSync(join(context.data, "history.jsonl"), "utf8"), "");
  },
);

transactions.run();

const events = suite<Context>("events");
events.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-desk-"));
  context.rooms = new Rooms();
  context.desk = await openDesk(optionsOf(context));
});
events.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

events(
  "come in order, each when the durable state has it, and before whoever asked is answered",
  async ({ desk }) => {
    const heard: unknown[] = [];
    desk.on("change", ({ seq }) => heard.push([seq, Object.keys(desk.userHats(BOB, TEAM)).length]));
    await Promise.all(
      ["urn:x:a", "urn:x:b", "urn:x:c"].map(async (hat) => {
        await desk.addUserHat(BOB, TEAM, hat);
        heard.push("answered");
      }),
    );
    assert.equal(heard, [[1, 1], [2, 2], [3, 3], "answered", "answered", "answered"]);
  },
);

/* Opens the desk anew; resolves with the list into which its log writes what failed. */
async function reopenWithLog(context: Context): Promise<string[]> {
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_fields: object, message: string) => errors.push(message),
  };
  await context.desk.close();
  context.desk = await openDesk(optionsOf(context, { log }));
  return errors;
}

events("go on also when a listener is an async function that fails", async (context) => {
  const errors = await reopenWithLog(context);
  const failing = (): unknown => Promise.reject(new Error("a bug of the listener"));
  context.desk.on("change", failing);
  await context.desk.addUserHat(BOB, TEAM, "urn:x:a");
  assert.equal(errors, ["a listener to changes failed"]);
});

events("go on to the others when a listener throws, and stop for whoever asks", async (context) => {
  const errors = await reopenWithLog(context);
  const heard: number[] = [];
  context.desk.on("change", () => {
    throw new Error("a bug of the listener");
  });
  const stop = context.desk.on("change", ({ seq }) => heard.push(seq));
  assert.equal(await context.desk.addUserHat(BOB, TEAM, "urn:x:a"), { changed: true });
  stop();
  await context.desk.addUserHat(BOB, TEAM, "urn:x:b");
  assert.equal(heard, [1]);
  assert.equal(errors, ["a listener to changes failed", "a listener to changes failed"]);
});

events("of the same number never come twice, over a restart either", async (context) => {
  const seqs: (number | undefined)[] = [];
  const change = async (hat: string) => {
    const decide = (view: Parameters<typeof addUserHat>[0]): readonly Change[] =>
      addUserHat(view, BOB, TEAM, hat);
    const { seq } = await context.desk.transact({ room: TEAM, users: [BOB], author: OPS }, decide);
    seqs.push(seq);
  };
  await change("urn:x:a");
  await context.desk.close();
  context.desk = await openDesk(optionsOf(context));
  await change("urn:x:b");
  assert.equal(seqs, [1, 2]);
});

events.run();

const ends = suite<Context>("a clean stop");
ends.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-desk-"));
  context.rooms = new Rooms();
  context.desk = await openDesk(optionsOf(context));
});
ends.after.each(({ data }) => rmSync(data, { recursive: true }));

ends(
  "finishes what is under way, leaves all of it in hats.json and an empty journal",
  async ({ desk, data }) => {
    const underWay = await new Promise<Promise<unknown>[]>((resolve) => {
      const changes = [BOB, ANN].map((user) =>
        desk.transact({ room: TEAM, users: [user], author: OPS }, (view) => {
          if (user === ANN) resolve(changes);
          return addUserHat(view, user, TEAM, TEACHER);
        }),
      );
    });
    await desk.close();
    assert.is((await Promise.all(underWay)).length, 2);
    const document = JSON.parse(readFileSync(join(data, "hats.json"), "utf8")) as {
      rooms: Record<string, { users: object }>;
    };
    assert.equal(document.rooms[TEAM]?.users, {
      [BOB]: { hats: { [TEACHER]: {} } },
      [ANN]: { hats: { [TEACHER]: {} } },
    });
    assert.is(readFileSync(join(data, "hats.journal"), "utf8"), "");
  },
);

ends("refuses later changes, says so, and still answers readers", async ({ desk }) => {
  await desk.addUserHat(BOB, TEAM, TEACHER);
  await desk.close();
  assert.is(await refusal(desk.addUserHat(ANN, TEAM, TEACHER)), "store-unwritable");
  assert.equal(Object.keys(desk.userHats(BOB, TEAM)), [TEACHER]);
});

ends("that changed nothing since the last one writes nothing", async (context) => {
  await context.desk.addUserHat(BOB, TEAM, TEACHER);
  await context.desk.close();
  const before = readFileSync(join(context.data, "hats.json"));
  const desk = await openDesk(optionsOf(context));
  await desk.close();
  assert.equal(readFileSync(join(context.data, "hats.json")), before);
});

ends.run();

const minting = suite("minted hat ids");
minting("are urn:uuid: with the randomness the desk was opened with", async () => {
  const data = mkdtempSync(join(tmpdir(), "milliner-desk-"));
  const randomUuid = () => "164c41a2-7461-4cff-bdae-3f93078a6607";
  const desk = await openDesk({ data, affiliations: new Rooms(), randomUuid });
  assert.is(desk.mintHatId(), "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607");
  await desk.close();
  rmSync(data, { recursive: true });
});
minting.run();
