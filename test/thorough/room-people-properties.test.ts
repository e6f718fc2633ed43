/** Who is what in a room that tells of some things and of others not: whatever happened, fresh lists have the last word. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Affiliation } from "../../src/core/model.ts";
import {
  type Actor,
  calm,
  departureOf,
  noticeOf,
  openRoom,
  openStage,
  person,
  presenceOf,
  type RoomScript,
  type Stage,
  TEAM,
} from "../support/room-stage.ts";

const NAMES = ["alice", "bob"] as const;
const AFFILIATIONS: readonly Affiliation[] = ["admin", "member", "none", "outcast"];

/* What happens to somebody; `crowd` lets the room fall silent, or tell again, and `session` is a new one of the bot. */
const happening = fc.record({
  who: fc.constantFrom(...NAMES),
  what: fc.constantFrom(...AFFILIATIONS, "comes", "goes", "crowd", "crowd", "session", "asked"),
});
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

/* A room as ejabberd keeps it: in a crowd it shows nobody's presence. */
class CrowdedRoom {
  readonly #stage: Stage;
  readonly #script: RoomScript;
  readonly #present = new Set<string>();
  readonly affiliations = new Map<string, Affiliation>();
  #isCrowded = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#script = stage.room;
  }

  happen({ who, what }: Happening): void {
    if (what === "crowd") this.#isCrowded = !this.#isCrowded;
    else if (what === "session") this.#beginSession();
    else if (what === "comes") this.#come(who);
    else if (what === "goes") this.#go(who);
    else if (what !== "asked") this.#make(who, what);
  }

  #actor(nick: string): Actor {
    return { nick, jid: `${person(nick)}/x`, affiliation: this.affiliations.get(nick) ?? "none" };
  }

  #make(who: string, affiliation: Affiliation): void {
    if ((this.affiliations.get(who) ?? "none") === affiliation) return;
    this.affiliations.set(who, affiliation);
    for (const name of ["admin", "member", "outcast"] as const)
      this.#script.lists[name] = NAMES.filter((nick) => this.affiliations.get(nick) === name).map(person);
    const isPresent = this.#present.has(who);
    if (affiliation === "outcast") this.#present.delete(who);
    if (!isPresent) this.#stage.stream.deliver(noticeOf({ [person(who)]: affiliation }));
    else if (!this.#isCrowded)
      this.#stage.stream.deliver(
        affiliation === "outcast" ? departureOf(this.#actor(who), [301]) : presenceOf(this.#actor(who)),
      );
  }

  #come(who: string): void {
    if (this.#present.has(who) || this.affiliations.get(who) === "outcast") return;
    this.#present.add(who);
    if (!this.#isCrowded) this.#stage.stream.deliver(presenceOf(this.#actor(who)));
  }

  #go(who: string): void {
    if (!this.#present.delete(who) || this.#isCrowded) return;
    this.#stage.stream.deliver(departureOf(this.#actor(who)));
  }

  #beginSession(): void {
    this.#stage.stream.goOffline(false);
    this.#script.others = this.#isCrowded ? [] : [...this.#present].map((nick) => this.#actor(nick));
    this.#stage.stream.goOnline();
  }
}

const test = suite("people in rooms, by chance");

test("nobody has a right by what a room told before its lists of now", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 15 }), async (happenings) => {
      const stage = await openStage({ room: openRoom() });
      const room = new CrowdedRoom(stage);
      const { rooms, clock } = stage;
      for (const each of [...happenings, { who: "bob", what: "asked" } as const]) {
        /* So that lists may be read anew after each. */
        clock.advance(each.what === "asked" ? 60_000 : 5_000);
        room.happen(each);
        await calm();
        if (each.what !== "asked") continue;
        for (const name of NAMES) {
          const said = await rooms.affiliation(TEAM, person(name));
          const is = room.affiliations.get(name) ?? "none";
          /* Who is gone untold and was banned may still seem to be an outcast. */
          assert.is(said === "outcast" ? "none" : said, is === "outcast" ? "none" : is, name);
        }
      }
    }),
    { numRuns: 1_500 },
  );
});

test.run();
