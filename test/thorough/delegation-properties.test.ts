/**
 * Over random histories with delegations: nobody gains or loses a hat by somebody whom nobody allowed that.
 *
 * What the desk made durable is replayed, entry by entry, beside a model of its own of who may do what; the model knows
 * affiliations and delegations and nothing of the desk's access rules.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Source } from "../../src/commands/engine/engine.ts";
import type { Entry } from "../../src/core/entry.ts";
import type { BareJid } from "../../src/core/jid.ts";
import type { Affiliation, Grant, HatId } from "../../src/core/model.ts";
import { account, occupant, type Received, type Values } from "../support/engine.ts";
import { type HatDesk, openHatDesk, TEAM } from "../support/hat-desk.ts";

const test = suite("for every history with delegations");

const PEOPLE = ["alice", "adam", "bob", "carol", "dave", "eve"] as const;
const HATS = ["urn:x:a", "urn:x:b"] as const;
const GIVING: ReadonlySet<string | undefined> = new Set(["add-user-hat", "set-user-hats"]);
const TAKING: ReadonlySet<string | undefined> = new Set(["remove-user-hat", "set-user-hats", "retire-hat"]);

/* Somebody asks something, from their own address or in the room. */
interface Step {
  readonly who: string;
  readonly isInRoom: boolean;
  readonly node: string;
  readonly values: Values;
}

/* What the room says of somebody from now on, and then some requests at once. */
interface Batch {
  readonly becomes: readonly (readonly [string, Affiliation])[];
  readonly steps: readonly Step[];
}

const person = fc.constantFrom(...PEOPLE).map(jidOf);
/* The owner asks often, else there would be few delegations. */
const asker = fc.oneof(person, fc.constant(jidOf("alice")));
const hat = fc.constantFrom(...HATS);
const people = fc.uniqueArray(person, { maxLength: 2 });

const request: fc.Arbitrary<Pick<Step, "node" | "values">> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ user: person, hat }).map(asking("add-user-hat")) },
  { weight: 2, arbitrary: fc.record({ user: person, hat }).map(asking("remove-user-hat")) },
  {
    weight: 4,
    arbitrary: fc
      .record({ hat, user: people, members: fc.constantFrom("1", "0") })
      .map(asking("delegate-hat")),
  },
  {
    weight: 1,
    arbitrary: fc.record({ user: person, hats: fc.uniqueArray(hat) }).map(asking("set-user-hats")),
  },
  { weight: 1, arbitrary: fc.record({ hat }).map(asking("retire-hat")) },
  { weight: 1, arbitrary: fc.record({ "shown-hats": fc.uniqueArray(hat) }).map(asking("my-hats")) },
  { weight: 1, arbitrary: fc.record({ hat, title: fc.constantFrom("A", "B") }).map(asking("define-hat")) },
);
const step: fc.Arbitrary<Step> = fc
  .record({ who: asker, isInRoom: fc.boolean(), request })
  .map(({ request: asked, ...from }) => ({ ...from, ...asked }));
const affiliation = fc.constantFrom<Affiliation>("admin", "member", "member", "member", "none", "outcast");
const becomes = fc.array(fc.tuple(person, affiliation), { maxLength: 1 });
const batch: fc.Arbitrary<Batch> = fc.record({
  becomes,
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
});

function jidOf(name: string): string {
  return `${name}@example.org`;
}

function asking(node: string): (values: Values) => Pick<Step, "node" | "values"> {
  return (values) => ({ node, values });
}

/* Who may do what, by what has become durable. */
class Rights {
  readonly #grants = new Map<HatId, Grant>();
  readonly #affiliations: ReadonlyMap<BareJid, Affiliation>;

  constructor(affiliations: ReadonlyMap<BareJid, Affiliation>) {
    this.#affiliations = affiliations;
  }

  isRuling(who: BareJid): boolean {
    return ["owner", "admin"].includes(this.#affiliations.get(who) ?? "none");
  }

  isPart(who: BareJid): boolean {
    return this.isRuling(who) || this.#affiliations.get(who) === "member";
  }

  mayGive(who: BareJid, id: HatId): boolean {
    if (this.isRuling(who)) return true;
    const grant = this.#grants.get(id);
    const isNamed = grant !== undefined && (grant.members || grant.users.includes(who));
    return isNamed && this.#affiliations.get(who) === "member";
  }

  /** Fails on an entry that its author had no right to, and takes it over. */
  judge({ author, command, changes }: Entry): void {
    const who = "jid" in author ? author.jid : undefined;
    assert.ok(who, "every author is known here");
    for (const change of changes) {
      if (change.kind === "user") {
        const before = new Set(change.before?.hats.keys());
        const after = new Set(change.after?.hats.keys());
        for (const id of after) {
          if (before.has(id)) continue;
          assert.ok(GIVING.has(command) && this.mayGive(who, id), `${who} gave ${id} by ${command}`);
        }
        for (const id of before) {
          if (after.has(id)) continue;
          assert.ok(TAKING.has(command) && this.mayGive(who, id), `${who} took ${id} by ${command}`);
        }
      }
      if (change.kind === "grant") {
        assert.ok(this.isRuling(who), `${who} changed who may give ${change.hat}`);
        if (change.after === undefined) this.#grants.delete(change.hat);
        else this.#grants.set(change.hat, change.after);
      }
      if (change.kind === "hat" && command !== "add-user-hat" && command !== "set-user-hats") {
        assert.ok(this.isRuling(who), `${who} changed ${change.hat} by ${command}`);
      }
    }
  }
}

/* Resolves with how many hats were given by a member. */
async function play(at: HatDesk, batches: readonly Batch[]): Promise<number> {
  const { affiliations, occupants } = at.rooms.add(TEAM, {
    "alice@example.org": "owner",
    "adam@example.org": "admin",
    ...Object.fromEntries(["bob", "carol", "dave"].map((name) => [jidOf(name), "member"])),
  });
  Object.assign(at.rooms, { isNonAnonymous: () => true });
  occupants.length = 0;
  for (const id of HATS) await at.desk.addUserHat(jidOf("alice"), TEAM, id);
  const rights = new Rights(affiliations);
  const failures: unknown[] = [];
  let byMembers = 0;
  at.desk.on("change", (entry) => {
    const who = "jid" in entry.author ? entry.author.jid : undefined;
    if (entry.command === "add-user-hat" && who && !rights.isRuling(who)) byMembers += 1;
    try {
      rights.judge(entry);
    } catch (error) {
      failures.push(error);
    }
  });
  for (const { becomes: news, steps } of batches) {
    for (const [user, now] of news) if (user !== "alice@example.org") affiliations.set(user as BareJid, now);
    const before = steps.map(({ who, node, values }) => isCertain(rights, who as BareJid, node, values));
    const answers = await Promise.all(steps.map((asked) => ask(at, affiliations, asked)));
    if (failures.length > 0) throw failures[0];
    if (steps.length === 1) assert.is(isRefused(answers[0]!), !before[0], JSON.stringify(steps[0]));
  }
  return byMembers;
}

/* Whether somebody who asks alone has the right to, whatever becomes of the values. */
function isCertain(rights: Rights, who: BareJid, node: string, values: Values): boolean {
  if (node === "add-user-hat" || node === "remove-user-hat") {
    return rights.mayGive(who, String(values["hat"]) as HatId);
  }
  return node === "my-hats" ? rights.isPart(who) : rights.isRuling(who);
}

function isRefused({ error }: Received): boolean {
  return error?.startsWith("cancel/forbidden") ?? false;
}

function ask(
  at: HatDesk,
  affiliations: ReadonlyMap<BareJid, Affiliation>,
  { who, isInRoom, node, values }: Step,
): Promise<Received> {
  const realJid = who as BareJid;
  const own = affiliations.get(realJid) ?? "none";
  if (isInRoom && own !== "outcast") {
    return at.once(occupant(TEAM, who, { affiliation: own, realJid }), node, values);
  }
  const source: Source = account(`${who}/x`);
  return at.once(source, node, { room: TEAM, ...values });
}

test("no hat changes hands but by somebody who may give it then, and whoever may is not refused", async () => {
  let byMembers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 10, maxLength: 25 }), async (batches) => {
      const at = await openHatDesk();
      try {
        byMembers += await play(at, batches);
      } finally {
        await at.close();
      }
    }),
    { numRuns: 40, endOnFailure: true },
  );
  assert.ok(byMembers > 5, `only ${byMembers} hats were given by members`);
});

test.run();
