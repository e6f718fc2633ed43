/** Who may run what: every role, every command, every kind of room. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RefusalCode } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Affiliation } from "../../src/core/model.ts";
import type { Role } from "../../src/core/occupant.ts";
import {
  isOperator,
  judge,
  maySeeRealJids,
  mayRun,
  mayRunSomewhere,
  type Requester,
  type Standing,
  standingIn,
} from "../../src/desk/access.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const OTHER = "other@rooms.example.org" as RoomJid;
const OPS = "ops@example.org" as BareJid;
const ADMINS = new Set([OPS]);

const GIVING = ["add-user-hat", "remove-user-hat"];
const RULING = ["set-user-hats", "define-hat", "retire-hat", "delegate-hat"];
const LISTS = ["list-user-hats", "list-room-hats", "list-hats", "my-hats"];
const STANDINGS: readonly Standing[] = [
  "operator",
  "owner",
  "admin",
  "delegate",
  "member",
  "none",
  "outcast",
];

const access = suite("rights");

/* Who may run it here, per group of commands: the table of interface.md, row by row. */
const MAY: readonly (readonly [Standing, boolean, boolean, boolean, boolean])[] = [
  // standing, ruling, giving, lists and own hats, a command nobody has named
  ["operator", true, true, true, true],
  ["owner", true, true, true, false],
  ["admin", true, true, true, false],
  ["delegate", false, true, true, false],
  ["member", false, false, true, false],
  ["none", false, false, false, false],
  ["outcast", false, false, false, false],
];
for (const [standing, ruling, giving, lists, others] of MAY) {
  access(`${standing}: rules over hats ${ruling}, gives them ${giving}, reads lists ${lists}`, () => {
    for (const command of RULING) assert.is(mayRun(command, standing), ruling, command);
    for (const command of GIVING) assert.is(mayRun(command, standing), giving, command);
    for (const command of LISTS) assert.is(mayRun(command, standing), lists, command);
    assert.is(mayRun("some-later-command", standing), others);
    assert.is(mayRun("__proto__", standing), others);
  });
}

type Verdict = RefusalCode | "granted";
interface Situation {
  readonly name: string;
  readonly here: Standing | undefined;
  readonly elsewhere: readonly Standing[];
  readonly giving: Verdict;
  readonly lists: Verdict;
}

const SITUATIONS: readonly Situation[] = [
  {
    name: "an operator in a kept room",
    here: "operator",
    elsewhere: [],
    giving: "granted",
    lists: "granted",
  },
  {
    name: "an operator, room not kept",
    here: undefined,
    elsewhere: [],
    giving: "no-such-room",
    lists: "no-such-room",
  },
  { name: "an owner here", here: "owner", elsewhere: [], giving: "granted", lists: "granted" },
  { name: "an admin here", here: "admin", elsewhere: [], giving: "granted", lists: "granted" },
  {
    name: "a delegate here",
    here: "delegate",
    elsewhere: [],
    giving: "granted",
    lists: "granted",
  },
  {
    name: "a delegate elsewhere, a member here",
    here: "member",
    elsewhere: ["delegate"],
    giving: "forbidden",
    lists: "granted",
  },
  {
    name: "a delegate elsewhere, a stranger here",
    here: "none",
    elsewhere: ["delegate"],
    giving: "no-such-room",
    lists: "no-such-room",
  },
  { name: "a member here", here: "member", elsewhere: [], giving: "forbidden", lists: "granted" },
  {
    name: "a member here who is an owner elsewhere",
    here: "member",
    elsewhere: ["owner"],
    giving: "forbidden",
    lists: "granted",
  },
  {
    name: "an admin elsewhere, a stranger here",
    here: "none",
    elsewhere: ["none", "admin"],
    giving: "no-such-room",
    lists: "no-such-room",
  },
  {
    name: "an admin elsewhere, an outcast here",
    here: "outcast",
    elsewhere: ["admin"],
    giving: "no-such-room",
    lists: "no-such-room",
  },
  {
    name: "an admin elsewhere, room not kept",
    here: undefined,
    elsewhere: ["admin"],
    giving: "no-such-room",
    lists: "no-such-room",
  },
  {
    name: "a member elsewhere, a stranger here",
    here: "none",
    elsewhere: ["member"],
    giving: "forbidden",
    lists: "no-such-room",
  },
  {
    name: "a member elsewhere, room not kept",
    here: undefined,
    elsewhere: ["member"],
    giving: "forbidden",
    lists: "no-such-room",
  },
  {
    name: "a stranger everywhere",
    here: "none",
    elsewhere: ["none"],
    giving: "forbidden",
    lists: "forbidden",
  },
  {
    name: "an outcast everywhere",
    here: "outcast",
    elsewhere: ["outcast"],
    giving: "forbidden",
    lists: "forbidden",
  },
  {
    name: "a stranger, room not kept",
    here: undefined,
    elsewhere: ["none", "outcast"],
    giving: "forbidden",
    lists: "forbidden",
  },
];

for (const { name, here, elsewhere, giving, lists } of SITUATIONS) {
  access(`${name}: giving is ${giving}, lists are ${lists}`, () => {
    for (const [commands, verdict] of [
      [GIVING, giving],
      [LISTS, lists],
    ] as const) {
      for (const command of commands) {
        const question = { command, isOperator: name.startsWith("an operator"), here, elsewhere };
        assert.is(judge(question) ?? "granted", verdict, command);
      }
    }
  });
}

access("a stranger and an outcast cannot tell a kept room from one that is not", () => {
  for (const command of [...RULING, ...GIVING, ...LISTS, "some-later-command"]) {
    for (const other of STANDINGS.filter((standing) => standing !== "operator")) {
      const ask = (here: Standing | undefined) =>
        judge({ command, isOperator: false, here, elsewhere: [other] });
      assert.is(ask("none"), ask(undefined));
      assert.is(ask("outcast"), ask(undefined));
    }
  }
});

access("a command is listed for whoever may run it in some kept room", () => {
  assert.ok(mayRunSomewhere("list-hats", ["none", "member"]));
  assert.not.ok(mayRunSomewhere("add-user-hat", ["none", "member"]));
  assert.not.ok(mayRunSomewhere("list-hats", []));
});

access("an admin of the configuration is one from their own address only", () => {
  assert.ok(isOperator({ kind: "account", jid: OPS }, ADMINS));
  assert.not.ok(isOperator({ kind: "account", jid: "bob@example.org" as BareJid }, ADMINS));
  assert.not.ok(isOperator(occupant("member", { realJid: OPS }), ADMINS));
  assert.is(standingIn(TEAM, occupant("none", { nick: "ops", realJid: OPS }), ADMINS, "owner"), "none");
});

access("an occupant's affiliation counts in the room they ask through, and nowhere else", () => {
  for (const affiliation of ["owner", "admin", "member", "none", "outcast"] as const) {
    assert.is(standingIn(TEAM, occupant(affiliation), ADMINS, "none"), affiliation);
    assert.is(standingIn(OTHER, occupant(affiliation), ADMINS, "owner"), "none");
  }
});

access("a member who holds a grant is a delegate; nobody else becomes one, and an admin stays one", () => {
  for (const affiliation of ["owner", "admin", "member", "none", "outcast"] as const) {
    const expected = affiliation === "member" ? "delegate" : affiliation;
    const account: Requester = { kind: "account", jid: "bob@example.org" as BareJid };
    assert.is(
      standingIn(TEAM, account, ADMINS, affiliation, () => true),
      expected,
    );
    assert.is(
      standingIn(TEAM, occupant(affiliation), ADMINS, "none", () => true),
      expected,
    );
    assert.is(
      standingIn(OTHER, occupant(affiliation), ADMINS, "member", () => true),
      "none",
    );
  }
});

access("an account is what the room says of it", () => {
  for (const affiliation of ["owner", "admin", "member", "none", "outcast"] as const) {
    const requester: Requester = { kind: "account", jid: "bob@example.org" as BareJid };
    assert.is(standingIn(TEAM, requester, ADMINS, affiliation), affiliation);
  }
});

access("a role gives no right: a moderator without affiliation may run nothing", () => {
  assert.is(standingIn(TEAM, occupant("none", { role: "moderator" }), ADMINS, "none"), "none");
});

/* standing, role, seen in a semi-anonymous room, seen in a non-anonymous one */
const SEES: readonly (readonly [Standing, Role | undefined, boolean, boolean])[] = [
  ["operator", undefined, true, true],
  ["owner", undefined, true, true],
  ["admin", "participant", true, true],
  ["delegate", undefined, false, true],
  ["member", "moderator", true, true],
  ["member", "participant", false, true],
  ["member", undefined, false, true],
  ["none", "moderator", true, true],
  ["none", "visitor", false, true],
  ["none", "none", false, false],
  ["none", undefined, false, false],
  ["outcast", undefined, false, false],
];
for (const [standing, role, anonymous, open] of SEES) {
  access(`${standing} as ${role ?? "absent"} sees real JIDs: ${anonymous}, in an open room ${open}`, () => {
    const looker = role === undefined ? { standing } : { standing, role };
    assert.is(maySeeRealJids(looker, false), anonymous);
    assert.is(maySeeRealJids(looker, true), open);
  });
}

access.run();

function occupant(
  affiliation: Affiliation,
  more: { nick?: string; realJid?: BareJid; role?: Role } = {},
): Requester {
  return {
    kind: "occupant",
    room: TEAM,
    occupant: {
      nick: more.nick ?? "bob",
      affiliation,
      role: more.role ?? "participant",
      realJid: more.realJid,
      occupantId: undefined,
    },
  };
}
