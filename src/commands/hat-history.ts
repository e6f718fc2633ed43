/**
 * `hat-history`: what happened in a room, the newest first, 50 rows a page, a row for each thing that was changed;
 * as text a line for each entry.
 *
 * Pages go by key: the number of an entry, and where it goes on within one, a point and the row. One answer looks through
 * a bounded part of the past, so that a page may be short and yet say where to go on.
 */
import { badField } from "../core/errors.ts";
import { type About, isAbout, thingsOf } from "../core/touched.ts";
import type { Option } from "../stanza/data-form.ts";
import { readValue } from "./answers.ts";
import {
  type Answers,
  type Command,
  type Filling,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
} from "./command.ts";
import { PAGE_ROWS } from "./list-room-hats.ts";
import { readHatNamed } from "./room/hat-named.ts";
import { roomHatOptions } from "./room/hat-options.ts";
import { columnOf } from "./room/hat-table.ts";
import { type PastRow, PastWords } from "./room/past-rows.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";
import type { Phrases } from "./texts/phrases.ts";
import { ROW_BUDGET, takeWithin } from "./room/stanza-budget.ts";

/* The most pages that are offered to choose from. */
const MAX_PAGES = 20;
const COLUMNS = ["when", "who", "what", "whom", "before", "after", "reason", "id"] as const;
const KEY = /^(\d{1,15})(?:\.(\d{1,9}))?$/;

/* The last row that was seen; without an index, all rows of its entry were. */
interface Key {
  readonly id: number;
  readonly index: number | undefined;
}

/* Rows, each with the key to go on behind it, and the key to go on behind all of them. */
interface Page {
  readonly rows: readonly (PastRow & { readonly key: string })[];
  readonly next: string | undefined;
}

/** Makes the command. */
export function hatHistoryCommand(services: Services): Command {
  return roomCommand(services, {
    node: "hat-history",
    stages: [
      { name: "filter", ask: (scene) => askFilter(services, scene) },
      { name: "page", ask: (scene, answers) => askPage(services, scene, answers) },
    ],
    run: (scene, answers) => tell(services, scene, answers),
  });
}

async function askFilter(services: Services, scene: Scene): Promise<Question> {
  const { phrases } = scene.asker;
  const hats = roomHatOptions(services, scene);
  return {
    ask: new Map([
      ["user", withAny(await peopleOf(services, scene).choice("single"), phrases.say("anybody"))],
      ["hat", withAny({ options: hats }, phrases.say("any-hat"))],
    ]),
  };
}

function withAny(filling: Filling, label: string): Filling {
  if (filling.options === undefined) return filling;
  return { ...filling, options: [{ label, value: "" }, ...filling.options], values: [""] };
}

async function askPage(services: Services, scene: Scene, answers: Answers): Promise<Question | Skip> {
  const { phrases } = scene.asker;
  const about = readAbout(services, scene, answers);
  const { rows, next } = await rowsAfter(services, scene, about, undefined, MAX_PAGES * PAGE_ROWS);
  const ends = rows.filter((_, index) => (index + 1) % PAGE_ROWS === 0 && index + 1 < rows.length);
  const options: Option[] = ends.map(({ key, when }) => ({
    label: phrases.say("until-then", { key, when }),
    value: key,
  }));
  if (next !== undefined) options.push({ label: phrases.say("after", { key: next }), value: next });
  if (options.length === 0) return NOTHING_TO_ASK;
  const start = { label: phrases.say("from-the-latest"), value: "" };
  return { ask: new Map([["after", { options: [start, ...options], values: [""] }]]) };
}

async function tell(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const { phrases } = scene.asker;
  const about = readAbout(services, scene, answers);
  const after = readValue(answers, "after");
  const key = after === undefined ? undefined : parseKey(after);
  const { rows, next } = await rowsAfter(services, scene, about, key, PAGE_ROWS);
  const words = new PastWords(services, scene);
  const shown = takeWithin(rows, ROW_BUDGET, (row) => [...cellsOf(row), ...cellsOf(row)]);
  /* However long its texts are, one row fits a stanza. */
  const page = shown.length === 0 ? rows.slice(0, 1) : shown;
  const more = page.length < rows.length ? page.at(-1)?.key : next;
  const phrase = `history${page.length === 0 ? "-none" : ""}${more === undefined ? "" : "-more"}`;
  return {
    kind: "table",
    title: phrases.say(phrase, { room: scene.room, key: more ?? "" }),
    columns: COLUMNS.map((name) => columnOf(name, phrases)),
    rows: page.map(cellsOf),
    lines: linesOf(page, words, phrases),
  };
}

/* A line an entry: who reads text wants to know what happened, and its number for more. */
function linesOf(rows: readonly PastRow[], words: PastWords, phrases: Phrases): string[] {
  const entries = new Map<number, PastRow[]>();
  for (const row of rows) {
    const entry = entries.get(row.id);
    if (entry === undefined) entries.set(row.id, [row]);
    else entry.push(row);
  }
  return [...entries].flatMap(([id, [first, ...others]]) =>
    first === undefined ? [] : [phrases.say("past-line-numbered", { id, line: words.brief(first, others) })],
  );
}

function cellsOf(row: PastRow): string[] {
  return COLUMNS.map((name) => String(row[name]));
}

async function rowsAfter(
  { desk, ...services }: Services,
  scene: Scene,
  about: About,
  key: Key | undefined,
  count: number,
): Promise<Page> {
  const { id, index } = key ?? { id: undefined, index: undefined };
  const page = await desk.pastPage({
    room: scene.room,
    ...about,
    before: id === undefined || index === undefined ? id : id + 1,
    rows: count + 1 + (index === undefined ? 0 : index + 1),
    beyond: scene.standing === "operator",
  });
  const words = new PastWords({ desk, ...services }, scene);
  const rows: Page["rows"][number][] = [];
  for (const entry of page.entries) {
    const things = thingsOf(entry);
    const last = things.findLastIndex((thing) => isAbout(thing, about));
    for (const [at, thing] of things.entries()) {
      if (!isAbout(thing, about) || (entry.seq === id && at <= (index ?? at))) continue;
      const own = at === last ? String(entry.seq) : `${entry.seq}.${at}`;
      if (rows.length === count) return { rows, next: rows.at(-1)?.key };
      rows.push({ ...words.row(entry, thing, at), key: own });
    }
  }
  return { rows, next: page.next === undefined ? undefined : String(page.next) };
}

function readAbout(services: Services, scene: Scene, answers: Answers): About {
  const user = readValue(answers, "user");
  const hat = readValue(answers, "hat");
  return {
    user: user === undefined ? undefined : peopleOf(services, scene).find(user),
    hat: hat === undefined ? undefined : readHatNamed(services, scene, hat),
  };
}

function parseKey(after: string): Key {
  const [, id, index] = KEY.exec(after) ?? [];
  if (id === undefined) throw badField("after", "not-a-row-key");
  return { id: Number(id), index: index === undefined ? undefined : Number(index) };
}
