/**
 * What a room's own commands for hats say: XEP-0317 0.3.1, sections 3.2 to 3.8, and the older commands of ejabberd.
 *
 * The commands themselves are XEP-0050 (command.ts) and their forms XEP-0004 (data-form.ts); this file knows the nodes
 * and which field of a form means what. Both directions, since the desk also answers XEP-0317's commands itself.
 */
import { isHatId } from "../core/hat-id.ts";
import type { BareJid } from "../core/jid.ts";
import type { HatId } from "../core/model.ts";
import { buildSubmission, FORM_TYPE, type Form, parseTable, type Table } from "./data-form.ts";
import { parseHue } from "./hats.ts";
import { parseJid } from "./jid.ts";
import type { Element } from "./xml.ts";

/** The FORM_TYPE of XEP-0317's forms, and what its nodes begin with. */
export const NS_HATS_COMMANDS = "urn:xmpp:hats:commands";

/** XEP-0317's nodes. */
export const HAT_NODES = {
  create: `${NS_HATS_COMMANDS}:create`,
  destroy: `${NS_HATS_COMMANDS}:destroy`,
  list: `${NS_HATS_COMMANDS}:list`,
  assign: `${NS_HATS_COMMANDS}:assign`,
  unassign: `${NS_HATS_COMMANDS}:unassign`,
  listAssigned: `${NS_HATS_COMMANDS}:list-assigned`,
} as const;

/** The nodes of ejabberd before 25.10. */
export interface OlderHatNodes {
  readonly assign: string;
  readonly unassign: string;
  readonly listAssigned: string;
}

/** COMPAT: those of ejabberd 25.03 to 25.08, by names of XEP-0317 0.2.0, sections 3.2 and 3.3, and one of its own. */
export const DON_HAT_NODES: OlderHatNodes = {
  assign: `${NS_HATS_COMMANDS}:don`,
  unassign: `${NS_HATS_COMMANDS}:doff`,
  listAssigned: `${NS_HATS_COMMANDS}:dlist`,
};

/** COMPAT: those of ejabberd 21.12 to 25.02. */
export const PROSODY_HAT_NODES: OlderHatNodes = {
  assign: "http://prosody.im/protocol/hats#add",
  unassign: "http://prosody.im/protocol/hats#remove",
  listAssigned: "p1:hats#list",
};

/** What a field of these forms can mean. */
export type HatFieldMeaning = "jid" | "uri" | "title" | "hue";

/** The var under which a form asks for each meaning; a meaning it does not ask for is absent. */
export type HatVars = ReadonlyMap<HatFieldMeaning, string>;

/** Texts by meaning, as they go into a form. */
export type HatValues = Readonly<Partial<Record<HatFieldMeaning, string>>>;

/**
 * Every var by what it means, the registered one first (XEP-0317, section 3.8).
 * COMPAT: ejabberd 26.07 (and XEP-0317's example of destroying) calls the hat `hat`; ejabberd 21.12 to 25.08 has vars
 * without prefix.
 */
const VARS: readonly (readonly [HatFieldMeaning, readonly string[]])[] = [
  ["jid", ["hats#jid", "jid"]],
  ["uri", ["hats#uri", "hat", "hat_uri"]],
  ["title", ["hats#title", "hat_title"]],
  ["hue", ["hats#hue"]],
];

/** Finds out under which vars a form or a table wants or has what. */
export function findHatVars(fields: readonly { readonly var: string }[]): HatVars {
  const present = new Set(fields.map((field) => field.var));
  const found = new Map<HatFieldMeaning, string>();
  for (const [meaning, names] of VARS) {
    const name = names.find((candidate) => present.has(candidate));
    if (name !== undefined) found.set(meaning, name);
  }
  return found;
}

/** Builds a filled form: of the values, those that the form asks for, under the vars it asks for them. */
export function buildHatSubmission(
  { formType, fields }: Pick<Form, "formType" | "fields">,
  values: HatValues,
): Element {
  const submission = new Map<string, readonly string[]>();
  if (formType !== undefined) submission.set(FORM_TYPE, [formType]);
  for (const [meaning, name] of findHatVars(fields)) {
    const value = values[meaning];
    if (value !== undefined) submission.set(name, [value]);
  }
  return buildSubmission(submission);
}

/** A hat of a room's list; the title is never empty. */
export interface ListedHat {
  readonly uri: HatId;
  readonly title: string;
  readonly hue: number | undefined;
}

/** A hat that a room says somebody has. */
export interface AssignedHat extends ListedHat {
  readonly jid: BareJid;
}

/** Reads a table of hats; undefined where it is none. Rows without an absolute URI are left out. */
export function parseHatTable(x: Element): ListedHat[] | undefined {
  return readTable(x)?.rows.flatMap(readHat);
}

/** Who has which hat, as a room's list says it. */
export interface AssignedTable {
  readonly hats: readonly AssignedHat[];
  /** How many rows name an address that is none, or a hat by something that is no absolute URI. */
  readonly strange: number;
  /** Whether it is certain which column is which. */
  readonly isCertain: boolean;
}

/** Reads a table of who has which hat; undefined where it is none, or where a row lacks an address or a hat. */
export function parseAssignedTable(x: Element): AssignedTable | undefined {
  const table = readTable(x);
  const isWhole = table?.rows.every(({ jid = "", uri = "" }) => jid !== "" && uri !== "") ?? false;
  if (table === undefined || !isWhole) return undefined;
  const hats = table.rows.flatMap((row) => {
    const jid = parseJid(row.jid ?? "");
    if (jid === undefined) return [];
    return readHat(row).map((hat) => ({ ...hat, jid: jid.bare as BareJid }));
  });
  return { hats, strange: table.rows.length - hats.length, isCertain: table.isCertain };
}

interface HatTable {
  readonly rows: readonly HatValues[];
  readonly isCertain: boolean;
}

function readTable(x: Element): HatTable | undefined {
  const table = parseTable(x);
  const uriVar = table && findHatVars(table.columns).get("uri");
  if (table === undefined || uriVar === undefined) return undefined;
  const rows = table.rows.map((row) => readRow(table, row));
  return uriVar === "hat_uri" ? unswap(rows) : { rows, isCertain: true };
}

function readRow({ columns }: Table, row: readonly string[]): HatValues {
  const values: Partial<Record<HatFieldMeaning, string>> = {};
  for (const [meaning, name] of findHatVars(columns)) {
    values[meaning] = row[columns.findIndex((column) => column.var === name)] ?? "";
  }
  return values;
}

/*
 * COMPAT: ejabberd 23.01 writes the title where the URI belongs, in every row, and the URI where the title belongs. A row
 * in which only one of the two is a URI tells; where none does, or they contradict each other, nobody can be sure.
 */
function unswap(rows: readonly HatValues[]): HatTable {
  const isUri = (text = ""): boolean => isHatId(text);
  const isSwapped = rows.some(({ uri, title }) => !isUri(uri) && isUri(title));
  const isStraight = rows.some(({ uri, title }) => isUri(uri) && !isUri(title));
  const isSymmetrical = rows.every(({ uri, title }) => uri === title);
  return {
    rows: rows.map((row) => (isSwapped ? { ...row, uri: row.title ?? "", title: row.uri ?? "" } : row)),
    isCertain: isSwapped !== isStraight || isSymmetrical,
  };
}

function readHat({ uri = "", title = "", hue }: HatValues): ListedHat[] {
  return isHatId(uri) ? [{ uri, title: title === "" ? uri : title, hue: parseHue(hue) }] : [];
}
