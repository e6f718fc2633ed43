/** What a lab refuses before it starts anything: no server is needed for these. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  chooseKind,
  findInstallation,
  type LabSettings,
  type ServerKind,
  startLab,
} from "../../src/testing/index.ts";
import { assertRejects } from "../support/assert-rejects.ts";

const test = suite("a lab, before it starts");

async function refusal(settings: LabSettings): Promise<string> {
  return (await assertRejects(startLab(settings), Error)).message;
}

test("takes names only as the server writes them, wherever they stand", async () => {
  const alice = "Alice: write it as the server does, alice";
  assert.is(
    await refusal({ rooms: { Team: { owner: "alice" } } }),
    "Team: write it as the server does, team",
  );
  assert.is(await refusal({ rooms: { team: { owner: "Alice" } } }), alice);
  for (const list of ["admins", "members", "outcasts", "guests"]) {
    assert.is(await refusal({ rooms: { team: { owner: "bob", [list]: ["Alice"] } } }), alice);
  }
  assert.is(await refusal({ people: ["Alice"] }), alice);
  assert.is(await refusal({ accounts: ["Alice"] }), alice);
  assert.is(await refusal({ desk: { admins: ["Alice"] } }), alice);
  assert.is(await refusal({ serverSettings: { admins: ["Alice"] } }), alice);
  assert.is(
    await refusal({ serverSettings: { domain: "Example.test" } }),
    "Example.test: write it as the server does, example.test",
  );
});

test("takes no names that no server takes", async () => {
  for (const name of ["al ice", "alice@x", "alice/x", "", "a&b"]) {
    assert.match(await refusal({ people: [name] }), `${name}: no server takes this as a name`);
  }
  for (const domain of ["two words", "alice@x", "x/y", ""]) {
    assert.match(await refusal({ serverSettings: { domain } }), `${domain}: not a domain`);
  }
});

test("leaves the desk's account and nick to the desk", async () => {
  const account = "hats: the desk's own account; give somebody else another name, or ask for no desk";
  assert.is(await refusal({ people: ["hats"] }), account);
  assert.is(await refusal({ accounts: ["hats"] }), account);
  assert.is(await refusal({ rooms: { team: { owner: "alice", members: ["hats"] } } }), account);
  assert.is(
    await refusal({ rooms: { team: { owner: "alice", members: ["bob"] } }, desk: { nick: "bob" } }),
    "bob: the desk's nick, and somebody's in the room team",
  );
});

test("says which servers there are where another is asked for", async () => {
  const server = "prosodie" as ServerKind;
  const there = "there are prosody, ejabberd, prosody-0.12, prosody-13, ejabberd-23, ejabberd-26";
  for (const asked of [startLab({ server }), chooseKind(server), findInstallation(server)]) {
    assert.is((await assertRejects(asked, Error)).message, `no server is called prosodie; ${there}`);
  }
});

test.run();
