/** What all rooms are asked and told together, so that the bot's account is read for other things too. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PayloadPace, RequestPace } from "../../src/presence/paces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { ManualClock } from "../support/manual-clock.ts";

const calm = () => new Promise((resolve) => setImmediate(resolve));

/* Rooms that answer when the test says so, and what they were asked, a name a question. */
class Rooms {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  readonly answers: (() => void)[] = [];
  readonly unasked: string[] = [];
  readonly #pace = new RequestPace(this.clock);

  /** Asks a room so many questions at once. */
  ask(name: string, count: number): () => void {
    const request = (): Promise<Element> => {
      this.asked.push(name);
      return new Promise((resolve) => this.answers.push(() => resolve(xml("iq"))));
    };
    const link = this.#pace.asking({ request });
    for (let question = 0; question < count; question += 1)
      link.request("get", xml("query")).catch(() => this.unasked.push(name));
    return () => link.close();
  }
}

const questions = suite("questions to rooms");

questions("are under way to one room 32 at a time, each answer making place for the next", async () => {
  const rooms = new Rooms();
  rooms.ask("a", 40);
  await calm();
  assert.is(rooms.asked.length, 32);
  for (const answer of rooms.answers.splice(0, 3)) answer();
  await calm();
  assert.is(rooms.asked.length, 35);
});

questions("are under way to all rooms 64 at a time, in the order in which they came", async () => {
  const rooms = new Rooms();
  for (const name of ["a", "b", "c", "d"]) rooms.ask(name, 32);
  await calm();
  assert.equal(rooms.asked, [...Array(32).fill("a"), ...Array(32).fill("b")]);
  for (const answer of rooms.answers.splice(0, 2)) answer();
  await calm();
  assert.equal(rooms.asked.slice(64), ["c", "c"]);
});

questions("to rooms that do not answer hold up the others for a quarter of a minute only", async () => {
  const rooms = new Rooms();
  for (const name of ["dead", "dying", "well"]) rooms.ask(name, 32);
  await calm();
  rooms.clock.advance(14_999);
  await calm();
  assert.not.ok(rooms.asked.includes("well"));
  rooms.clock.advance(1);
  await calm();
  assert.is(rooms.asked.filter((name) => name === "well").length, 32);
  for (const answer of rooms.answers.splice(0)) answer();
  await calm();
  assert.is(rooms.clock.waiting, 0);
});

questions("that nobody wants an answer to any more are not asked, and hold up no others", async () => {
  const rooms = new Rooms();
  const giveUp = rooms.ask("a", 100);
  await calm();
  giveUp();
  for (const answer of rooms.answers.splice(0)) answer();
  await calm();
  assert.is(rooms.asked.length, 32);
  assert.is(rooms.unasked.length, 68);
  for (const name of ["b", "c"]) rooms.ask(name, 32);
  await calm();
  assert.is(rooms.asked.length, 96);
});

questions.run();

const payloads = suite("payloads in all rooms");

payloads("take 1.5 bytes a millisecond together, whatever their size", () => {
  const clock = new ManualClock();
  const pace = new PayloadPace(clock);
  let sent = 0;
  for (let second = 0; second < 600; second += 1) {
    while (pace.waitMs === 0) {
      const bytes = second % 7 === 0 ? 40_000 : 300;
      pace.spend(bytes);
      sent += bytes;
    }
    clock.advance(1_000);
  }
  assert.ok(sent > 600_000 * 1.5 && sent < 600_000 * 1.5 + 43_000, `${sent} bytes in ten minutes`);
});

payloads.run();
