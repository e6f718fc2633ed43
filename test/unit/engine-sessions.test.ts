/** Sessions: who may go on with them, how long, how many, and what a repeated submit gets. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Source } from "../../src/commands/engine/engine.ts";
import { badField, HatsError } from "../../src/core/errors.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import {
  account,
  engineOf,
  formIn,
  noteIn,
  occupant,
  send,
  sessionidIn,
  type TestCommand,
} from "../support/engine.ts";

const test = suite("sessions");

const ALICE = account("alice@example.org/desk");
const ROOM = "team@rooms.example.org";
const EXPIRED = "cancel/not-allowed session-expired: this session has ended, start the command again";
const UNKNOWN = "modify/bad-request bad-sessionid: unknown session";

/** A plain execute, without the way through the codecs. */
const PLAIN = { node: "paint", sessionid: undefined, action: "execute", submission: undefined, lang: "" };

/** Asks for a colour, then for a size, and counts how often it was really done. */
function paint(): TestCommand & { done: string[] } {
  const done: string[] = [];
  return {
    node: "paint",
    done,
    fields: [
      { var: "colour", stage: "first", type: "text-single", required: true },
      { var: "size", stage: "second", type: "text-single" },
    ],
    stages: [
      { name: "first", ask: async () => ({ ask: new Map([["colour", {}]]) }) },
      {
        name: "second",
        async ask(_, answers) {
          if (answers.get("colour")?.[0] !== "red") throw badField("colour", "not-a-colour");
          return { ask: new Map([["size", {}]]) };
        },
      },
    ],
    async run(_, answers) {
      const [colour] = answers.get("colour") ?? [];
      const [size] = answers.get("size") ?? [];
      if (size === "bad") throw badField("size", "not-a-text");
      done.push(`${colour} ${size}`);
      return { kind: "text", severity: "info", lines: [`painted ${done.length}`] };
    },
  };
}

/** Gathers a document in parts. */
function parts(): TestCommand {
  return {
    node: "parts",
    fields: [{ var: "document", stage: "part", type: "text-multi" }],
    stages: [
      { name: "part", gathers: ["document"], ask: async () => ({ ask: new Map([["document", {}]]) }) },
    ],
    run: async () => ({ kind: "text", severity: "info", lines: ["done"] }),
  };
}

async function atSecondStage(command = paint(), source = ALICE, options = {}) {
  const engine = engineOf([command], options);
  const sessionid = sessionidIn(await send(engine, source, { node: "paint" }));
  await send(engine, source, { node: "paint", sessionid, action: "next", form: { colour: "red" } });
  const submit = (form: Record<string, string> | undefined, action?: "complete" | "execute" | "next") =>
    send(engine, source, { node: "paint", sessionid, ...(action && { action }), ...(form && { form }) });
  return { engine, sessionid, submit, done: command.done };
}

test("session ids cannot be guessed from each other and never come twice", async () => {
  const engine = engineOf([paint()]);
  const ids = new Set<string>();
  for (let count = 0; count < 50; count += 1) {
    ids.add(sessionidIn(await send(engine, account(`a${count}@example.org/x`), { node: "paint" })));
  }
  assert.is(ids.size, 50);
  for (const id of ids) assert.match(id, /^[0-9a-f-]{36}\.[0-9a-z]+$/);
});

test("a session goes on only at the full address that began it", async () => {
  const { engine, sessionid, done } = await atSecondStage();
  for (const other of ["alice@example.org/phone", "mallory@example.org/desk"]) {
    const stolen = { node: "paint", sessionid, form: { size: "xl" } };
    assert.is((await send(engine, account(other), stolen)).error, UNKNOWN);
  }
  assert.equal(done, []);
});

test("a session goes on only with its own command", async () => {
  const other = { ...paint(), node: "other" };
  const engine = engineOf([paint(), other]);
  const sessionid = sessionidIn(await send(engine, ALICE, { node: "paint" }));
  assert.is((await send(engine, ALICE, { node: "other", sessionid })).error, UNKNOWN);
});

test("a session that nobody touched for the idle time is expired, not unknown", async () => {
  let now = 0;
  const { submit, done, engine } = await atSecondStage(paint(), ALICE, { now: () => now });
  now = 15 * 60_000;
  assert.is((await submit({ size: "xl" })).error, EXPIRED);
  assert.equal(done, []);
  assert.is(engine.openSessions, 0);
});

test("each action begins the idle time anew", async () => {
  let now = 0;
  const { submit } = await atSecondStage(paint(), ALICE, { now: () => now });
  now = 10 * 60_000;
  await submit(undefined);
  now = 20 * 60_000;
  assert.is(noteIn(await submit({ size: "xl" })), "painted 1");
});

test("an invented session id is unknown", async () => {
  const { engine, sessionid } = await atSecondStage();
  const [nonce, tag] = sessionid.split(".");
  for (const id of [
    "",
    "x",
    "a.b",
    `${nonce}.AAAAAAAAAAAAAAAA`,
    `x${nonce?.slice(1)}.${tag}`,
    `${sessionid}.x`,
  ]) {
    assert.is((await send(engine, ALICE, { node: "paint", sessionid: id })).error, UNKNOWN, id);
  }
});

test("the same submit again gets the completed answer again, and nothing is done twice", async () => {
  const { submit, done } = await atSecondStage();
  const first = await submit({ size: "xl" }, "complete");
  const second = await submit({ size: "xl" }, "complete");
  assert.is(second.xml.toString(), first.xml.toString());
  assert.equal(done, ["red xl"]);
});

test("after completion any other action or payload is session-expired", async () => {
  const { submit } = await atSecondStage();
  await submit({ size: "xl" }, "complete");
  assert.is((await submit({ size: "xl" }, "next")).error, EXPIRED);
  assert.is((await submit({ size: "m" }, "complete")).error, EXPIRED);
  assert.is((await submit(undefined, "complete")).error, EXPIRED);
});

test("a completed answer is forgotten after the idle time", async () => {
  let now = 0;
  const { submit } = await atSecondStage(paint(), ALICE, { now: () => now });
  await submit({ size: "xl" });
  now = 15 * 60_000;
  assert.is((await submit({ size: "xl" })).error, EXPIRED);
});

test("nobody else gets the completed answer", async () => {
  const { submit, engine, sessionid } = await atSecondStage();
  await submit({ size: "xl" });
  const again = { node: "paint", sessionid, form: { size: "xl" } };
  assert.is((await send(engine, account("alice@example.org/phone"), again)).error, UNKNOWN);
});

test("a duplicate that comes while the first submit is worked on is not done twice", async () => {
  let finish = () => undefined as void;
  const command = paint();
  const { run } = command;
  const slow = {
    ...command,
    run: async (...given: Parameters<typeof run>) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return run(...given);
    },
  };
  const { submit, done } = await atSecondStage(slow);
  const answers = [submit({ size: "xl" }), submit({ size: "xl" }), submit({ size: "m" })];
  await nextTurn();
  finish();
  const [first, second, third] = await Promise.all(answers);
  assert.is(noteIn(first!), "painted 1");
  assert.is(noteIn(second!), "painted 1");
  assert.is(third?.error, EXPIRED);
  assert.equal(done, ["red xl"]);
});

test("the form of an earlier stage, come twice, is not read as an empty choice at the next", async () => {
  const { submit, done } = await atSecondStage();
  const again = await submit({ colour: "red" }, "next");
  assert.equal(
    formIn(again).fields.map((field) => field.var),
    ["size"],
  );
  assert.equal(done, []);
});

test("a mistake keeps the session, so that it can be mended", async () => {
  const { submit, done } = await atSecondStage();
  assert.is((await submit({ size: "bad" })).response?.status, "executing");
  assert.is(noteIn(await submit({ size: "xl" })), "painted 1");
  assert.equal(done, ["red xl"]);
});

test("a refusal that no form can mend is an error, and the submit can be tried again", async () => {
  const command = paint();
  const { run } = command;
  let isBroken = true;
  const { submit } = await atSecondStage({
    ...command,
    async run(...given) {
      if (isBroken) throw new HatsError("store-unwritable");
      return run(...given);
    },
  });
  assert.is(
    (await submit({ size: "xl" })).error,
    "wait/resource-constraint: the store cannot be written, nothing changed",
  );
  isBroken = false;
  assert.is(noteIn(await submit({ size: "xl" })), "painted 1");
});

test("cancel ends a session", async () => {
  const { engine, sessionid, submit } = await atSecondStage();
  const canceled = await send(engine, ALICE, { node: "paint", sessionid, action: "cancel" });
  assert.equal(canceled.response, { node: "paint", sessionid, status: "canceled", lang: "en", notes: [] });
  assert.is((await submit({ size: "xl" })).error, EXPIRED);
  assert.is(engine.openSessions, 0);
});

test("one person may have 64 sessions, over all resources, and a further one when one ends", async () => {
  const engine = engineOf([paint()]);
  const ids: string[] = [];
  for (let count = 0; count < 64; count += 1) {
    ids.push(sessionidIn(await send(engine, account(`alice@example.org/${count}`), { node: "paint" })));
  }
  const refused = await send(engine, ALICE, { node: "paint" });
  assert.is(refused.error, "wait/resource-constraint: too many open sessions, finish or cancel one first");
  assert.is((await send(engine, account("bob@example.org/x"), { node: "paint" })).error, undefined);
  const goOn = { node: "paint", sessionid: ids[1]!, form: { colour: "red" } };
  assert.ok(formIn(await send(engine, account("alice@example.org/1"), goOn)), "what is under way goes on");
  const first = { node: "paint", sessionid: ids[0]!, action: "cancel" } as const;
  await send(engine, account("alice@example.org/0"), first);
  assert.is((await send(engine, ALICE, { node: "paint" })).error, undefined);
});

test("a person's sessions through one room count together, whatever their nick, and leave those of their own", async () => {
  const engine = engineOf([paint()], { limits: { perOwner: 1 } });
  const realJid = "alice@example.org" as never;
  const began = async (source: Source): Promise<string> =>
    (await send(engine, source, { node: "paint" })).error ?? "begun";
  assert.is(await began(occupant(ROOM, "al", { realJid })), "begun");
  assert.match(await began(occupant(ROOM, "ali", { realJid })), /^wait/);
  assert.is(await began(ALICE), "begun");
  assert.match(await began(account("alice@example.org/other")), /^wait/);
});

test("of occupants whose real JID nobody shows each is counted alone", async () => {
  const engine = engineOf([paint()], { limits: { perOwner: 1 } });
  const began = async (nick: string): Promise<string> =>
    (await send(engine, occupant(ROOM, nick), { node: "paint" })).error ?? "begun";
  assert.is(await began("al"), "begun");
  assert.is(await began("bo"), "begun");
  assert.match(await began("al"), /^wait/);
});

test("there are 4096 sessions at most, and one-shots are never refused for that", async () => {
  const engine = engineOf([paint()]);
  for (let count = 0; count < 4_096; count += 1) {
    await engine.handle(account(`u${count}@example.org/x`), PLAIN);
  }
  assert.match((await send(engine, ALICE, { node: "paint" })).error ?? "", /^wait\/resource-constraint/);
  assert.is(engine.openSessions, 4_096);
  assert.is(noteIn(await send(engine, ALICE, { node: "paint", form: { colour: "blue" } })), "painted 1");
});

test("the end of an occupancy ends its sessions and takes its answers away", async () => {
  const al = occupant(ROOM, "al");
  const { engine, submit, done } = await atSecondStage(paint(), al);
  engine.endOccupancy(`${ROOM}/al`);
  assert.is(engine.openSessions, 0);
  assert.is((await submit({ size: "xl" })).error, EXPIRED);
  assert.equal(done, []);

  const ended = await atSecondStage(paint(), al);
  await ended.submit({ size: "xl" });
  ended.engine.endOccupancy(`${ROOM}/al`);
  assert.is((await ended.submit({ size: "xl" })).error, EXPIRED);
});

test("the end of an occupancy leaves other occupants their sessions", async () => {
  const { engine, submit } = await atSecondStage(paint(), occupant(ROOM, "al"));
  engine.endOccupancy(`${ROOM}/alice`);
  assert.is(noteIn(await submit({ size: "xl" })), "painted 1");
});

const ROOM_FOR_TWO = { "two of them": { remembered: 2 }, "two such lines": { rememberedCharacters: 20 } };
for (const [room, limits] of Object.entries(ROOM_FOR_TWO))
  test(`of completed answers only the latest are kept, where there is room for ${room}`, async () => {
    const engine = engineOf([paint()], { limits });
    const ids: string[] = [];
    for (const _ of [1, 2, 3]) {
      const sessionid = sessionidIn(await send(engine, ALICE, { node: "paint" }));
      ids.push(sessionid);
      await send(engine, ALICE, { node: "paint", sessionid, form: { colour: "red" } });
      await send(engine, ALICE, { node: "paint", sessionid, form: { size: "m" } });
    }
    const again = (sessionid: string) =>
      send(engine, ALICE, { node: "paint", sessionid, form: { size: "m" } });
    assert.is((await again(ids[0]!)).error, EXPIRED);
    assert.is(noteIn(await again(ids[1]!)), "painted 2");
    assert.is(noteIn(await again(ids[2]!)), "painted 3");
  });

test("an answer is kept from whoever took the nick over while it was worked on", async () => {
  const command = paint();
  const { run } = command;
  for (const form of [{ colour: "red" }, undefined]) {
    let finish = () => undefined as void;
    const slow = {
      ...command,
      stages: command.stages.map((stage) => ({
        ...stage,
        async ask(...given: Parameters<typeof stage.ask>) {
          await new Promise<void>((resolve) => (finish = resolve));
          return stage.ask(...given);
        },
      })),
      run: async (...given: Parameters<typeof run>) => {
        await new Promise<void>((resolve) => (finish = resolve));
        return run(...given);
      },
    };
    const engine = engineOf([slow]);
    const answer = send(engine, occupant(ROOM, "al"), { node: "paint", ...(form && { form }) });
    await nextTurn();
    engine.endOccupancy(`${ROOM}/al`);
    finish();
    assert.is((await answer).error, EXPIRED);
    assert.is(engine.openSessions, 0);
  }
});

/** Paints once it is let go on, stroke by stroke. */
function slowPaint() {
  const strokes: (() => void)[] = [];
  const command = paint();
  const run: TestCommand["run"] = async (...given) => {
    await new Promise<void>((resolve) => strokes.push(resolve));
    return command.run(...given);
  };
  return { strokes, command: { ...command, run } };
}

test("of several answers that are worked on when a nick is taken over, all are kept from its new owner", async () => {
  const { strokes, command } = slowPaint();
  const engine = engineOf([command]);
  const ask = () => send(engine, occupant(ROOM, "al"), { node: "paint", form: { colour: "red" } });
  const [first, second] = [ask(), ask()];
  await nextTurn();
  strokes[0]?.();
  assert.is(noteIn(await first), "painted 1");
  engine.endOccupancy(`${ROOM}/al`);
  strokes[1]?.();
  assert.is((await second).error, EXPIRED);
});

test("a bug is told as one, whoever has the nick by then", async () => {
  const { strokes, command } = slowPaint();
  const run: TestCommand["run"] = async (...given) => {
    await command.run(...given);
    throw new TypeError("a bug");
  };
  const engine = engineOf([{ ...command, run }]);
  const answer = send(engine, occupant(ROOM, "al"), { node: "paint", form: { colour: "red" } });
  await nextTurn();
  engine.endOccupancy(`${ROOM}/al`);
  strokes[0]?.();
  await assertRejects(answer, TypeError);
});

test("submits of one session are worked on one after the other, however many there are", async () => {
  const { strokes, command } = slowPaint();
  const { submit } = await atSecondStage(command);
  const answers = [submit({ size: "bad" }), submit({ size: "bad" })];
  await nextTurn();
  assert.is(strokes.length, 1);
  strokes[0]?.();
  await answers[0];
  answers.push(submit({ size: "m" }));
  await nextTurn();
  assert.is(strokes.length, 2, "the third one waits for the second");
  strokes[1]?.();
  await answers[1];
  await nextTurn();
  strokes[2]?.();
  assert.is(noteIn((await answers[2])!), "painted 1");
});

test("a refusal, too, is kept from whoever took the nick over", async () => {
  let refuse = () => undefined as void;
  const run = async () => {
    await new Promise<void>((resolve) => (refuse = resolve));
    throw badField("user", "not-a-jid");
  };
  const engine = engineOf([{ ...paint(), run }]);
  const answer = send(engine, occupant(ROOM, "al"), { node: "paint", form: { colour: "red" } });
  await nextTurn();
  engine.endOccupancy(`${ROOM}/al`);
  refuse();
  assert.is((await answer).error, EXPIRED);
});

test("of many sessions that nobody finished, only those within the limits are kept", async () => {
  let now = 0;
  const engine = engineOf([paint()], { now: () => now, limits: { inAll: 100 } });
  let refused = 0;
  for (let count = 0; count < 10_000; count += 1) {
    now += 10;
    await engine.handle(account(`u${count}@example.org/x`), PLAIN).catch(() => (refused += 1));
  }
  assert.is(engine.openSessions, 100);
  assert.is(refused, 9_900);
  now += 15 * 60_000;
  assert.is(engine.openSessions, 0);
});

test("where there is no place left, a further session takes that which whoever has most used longest ago", async () => {
  const engine = engineOf([paint()], { limits: { inAll: 6 } });
  const begin = async (name: string) => {
    const source = account(`${name}@example.org/x`);
    const sessionid = sessionidIn(await send(engine, source, { node: "paint" }));
    return () => send(engine, source, { node: "paint", sessionid, action: "next" });
  };
  const [unused, used] = [await begin("many"), await begin("many")];
  await begin("many");
  for (const name of ["some", "some", "few"]) await begin(name);
  await used();
  const fresh = await begin("fresh");
  assert.is((await unused()).error, EXPIRED);
  for (const open of [used, fresh]) assert.is((await open()).error, undefined);
  assert.is(engine.openSessions, 6);
});

test("nobody loses a session to whoever would then have as many as they", async () => {
  const engine = engineOf([paint()], { limits: { inAll: 4 } });
  const begin = (name: string) => send(engine, account(`${name}@example.org/x`), { node: "paint" });
  for (const name of ["a", "a", "b", "b"]) await begin(name);
  const refused = "wait/resource-constraint: too many open sessions, finish or cancel one first";
  assert.is((await begin("a")).error, refused);
  assert.is((await begin("c")).error, undefined);
  assert.is((await begin("c")).error, refused);
  assert.is((await begin("d")).error, undefined);
  for (const name of ["a", "b", "c", "d", "e"]) assert.is((await begin(name)).error, refused);
});

for (const [whose, limits, other] of [
  ["of all", { characters: 9_000 }, "b"],
  ["of each", { charactersPerOwner: 9_000 }, "a"],
] as const)
  test(`what is gathered in open sessions ${whose} is bounded, and given free with them`, async () => {
    const engine = engineOf([parts()], { limits });
    const begin = async (name: string) => {
      const source = account(`${name}@example.org/x`);
      const sessionid = sessionidIn(await send(engine, source, { node: "parts" }));
      return (action: "cancel" | "next", document = "") =>
        send(engine, source, { node: "parts", sessionid, action, form: { document } });
    };
    const [first, second, third] = [await begin("a"), await begin(other), await begin("c")];
    assert.is((await first("next", "x".repeat(6_000))).error, undefined);
    const refused = "wait/resource-constraint: too many open sessions, finish or cancel one first";
    assert.is((await second("next", "y".repeat(6_000))).error, refused);
    assert.is((await third("next", "z".repeat(6_000))).error, whose === "of all" ? refused : undefined);
    assert.is((await second("next", "y".repeat(4_000))).error, undefined, "little is always kept");
    await first("cancel");
    assert.is((await second("next", "y".repeat(4_500))).error, undefined);
  });

test.run();
