/**
 * What people and scripts rely on, written down apart from the code: every command with its name, who may run it, its
 * fields and its answer. test/thorough/interface-table.test.ts walks a running desk by it.
 */

/** What somebody is to a room of the desk. */
export const ROLES = [
  "operator",
  "owner",
  "admin",
  "delegate",
  "member",
  "none",
  "outcast",
  "stranger",
] as const;

export type Role = (typeof ROLES)[number];

/** One field: its var, its type, whether a form marks it as required, and what is chosen already. */
export interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly chosen: string | undefined;
}

/** One command. */
export interface CommandRow {
  readonly node: string;
  readonly name: string;
  readonly runners: readonly Role[];
  /** What a person is asked, in this order, the room first. */
  readonly asked: readonly FieldRow[];
  /** What is taken besides from a script; asked only of few, or of nobody. */
  readonly besides: readonly string[];
  /** `note`, `document`, or `table` and its columns. */
  readonly answer: string;
}

const OPERATORS: readonly Role[] = ["operator"];
const RULERS: readonly Role[] = [...OPERATORS, "owner", "admin"];
const GIVERS: readonly Role[] = [...RULERS, "delegate"];
const MEMBERS: readonly Role[] = [...GIVERS, "member"];

const WORN = "table user, hat, title, active, required, expires";

/** The commands, in the order in which people see them. */
export const COMMANDS: readonly CommandRow[] = [
  row("add-user-hat", "Give a hat", GIVERS, "note", [
    "room* list-single",
    "user* list-multi",
    "hat list-single",
    "title text-single",
    "active boolean = 1",
    "required boolean = 0",
    "expires text-single",
    "reason text-single",
  ]),
  row("remove-user-hat", "Take a hat away", GIVERS, "note", [
    "room* list-single",
    "user* list-multi",
    "hat* list-single",
    "reason text-single",
  ]),
  row(
    "set-user-hats",
    "Set somebody's hats",
    RULERS,
    "note",
    [
      "room* list-single",
      "user* list-multi",
      "hats list-multi",
      "hidden-hats list-multi",
      "required-hats list-multi",
      "reason text-single",
    ],
    ["titles"],
  ),
  row("list-user-hats", "Somebody's hats", MEMBERS, WORN, ["room* list-single", "user* list-single"]),
  row("list-room-hats", "Who wears what", MEMBERS, WORN, ["room* list-single"], ["after"]),
  row("list-hats", "The room's hats", MEMBERS, "table hat, title, hue, wearers", ["room* list-single"]),
  row("define-hat", "Make or change a hat", RULERS, "note", [
    "room* list-single",
    "hat list-single",
    "title* text-single",
    "hue text-single",
    "default-expires text-single",
  ]),
  row("retire-hat", "Retire a hat", RULERS, "note", ["room* list-single", "hat* list-single"]),
  row("my-hats", "My hats", MEMBERS, "note", ["room* list-single", "shown-hats list-multi"]),
  row("delegate-hat", "Who may give a hat", RULERS, "note", [
    "room* list-single",
    "hat* list-single",
    "user list-multi",
    "members boolean = 0",
  ]),
  row(
    "hat-history",
    "What happened",
    RULERS,
    "table when, who, what, whom, before, after, reason, id",
    ["room* list-single", "user list-single", "hat list-single"],
    ["after"],
  ),
  row("undo", "Undo a change", RULERS, "note", ["room* list-single", "id* list-single"]),
  row("export-hats", "Export hats", RULERS, "document", ["room* list-single"], ["after"]),
  row("import-hats", "Import hats", RULERS, "note", [
    "room* list-single",
    "document* text-multi",
    "mode list-single = merge",
    "dry-run boolean = 0",
  ]),
  row(
    "desk-status",
    "State of the desk",
    RULERS,
    "table room, dialect, rights, wearers, pending, drift, unshown, last-error, to-do",
    [],
    ["room", "enable-hats"],
  ),
  row(
    "manage-room",
    "Rooms of the desk",
    OPERATORS,
    "note",
    ["room* jid-single", "nick text-single = hats", "announce boolean = 0"],
    ["archive"],
  ),
  row("leave-room", "Rooms of the desk: leave one", OPERATORS, "note", ["room* jid-single"]),
];

function row(
  node: string,
  name: string,
  runners: readonly Role[],
  answer: string,
  asked: readonly string[],
  besides: readonly string[] = [],
): CommandRow {
  return { node, name, runners, answer, asked: asked.map(fieldRow), besides };
}

function fieldRow(text: string): FieldRow {
  const [, name, mark, type, chosen] = /^([a-z-]+)(\*?) ([a-z-]+)(?: = (.+))?$/.exec(text) ?? [];
  if (name === undefined || type === undefined) throw new Error(`not a field: ${text}`);
  return { name, type, isRequired: mark === "*", chosen };
}
