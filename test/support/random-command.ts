/** What somebody asks the desk for at random: every command that changes hats, and some that only look. */
import type { HatId } from "../../src/core/model.ts";
import { below, type Random } from "./crash-disk.ts";
import type { Values } from "./engine.ts";
import { PEOPLE, pick } from "./past-world.ts";

/** A command with its values, the room left out. */
export interface RandomCommand {
  readonly node: string;
  readonly values: Values;
}

/** What the asker can refer to. */
export interface Known {
  readonly hats: readonly HatId[];
  /** The asker's own. */
  readonly own: readonly HatId[];
  /** Those that members may give; who names one is the likelier to succeed. */
  readonly granted: readonly HatId[];
  /** The numbers of changes. */
  readonly ids: readonly number[];
  /** Whether hats may be given for a while that ends before long. */
  readonly lapses: boolean;
}

const URIS = ["urn:x:a", "urn:x:b", "https://example.org/hats/c", "x:__proto__"] as const;
const TITLES = ["Teacher", "Host", "Ünï 🎩", "__proto__", "teacher"] as const;

type Make = (random: Random, known: Known) => Values;

/* How often each is asked for, of a hundred, and with which values. */
const COMMANDS: readonly (readonly [weight: number, node: string, Make])[] = [
  [22, "add-user-hat", give],
  [12, "remove-user-hat", (random, known) => ({ user: people(random), hat: hat(random, known) })],
  [12, "set-user-hats", set],
  [8, "define-hat", define],
  [4, "retire-hat", (random, known) => ({ hat: hat(random, known) })],
  [14, "my-hats", (random, known) => ({ "shown-hats": some(random, known.own, 3) })],
  [10, "delegate-hat", delegate],
  [10, "undo", (random, { ids }) => ({ id: String(pick(random, ids.length === 0 ? [1] : ids.slice(-8))) })],
  [5, "import-hats", importing],
  [2, "list-room-hats", () => ({})],
  [2, "list-hats", () => ({})],
  [2, "list-user-hats", (random) => ({ user: pick(random, PEOPLE) })],
  [2, "hat-history", () => ({})],
];

/** A command at random. */
export function randomCommand(random: Random, known: Known): RandomCommand {
  let left = below(
    random,
    COMMANDS.reduce((sum, [weight]) => sum + weight, 0),
  );
  for (const [weight, node, make] of COMMANDS) {
    left -= weight;
    if (left < 0) return { node, values: make(random, known) };
  }
  throw new Error("the weights do not add up");
}

function give(random: Random, known: Known): Values {
  return {
    user: people(random),
    ...(random() < 0.6 ? { hat: hat(random, known) } : { title: pick(random, TITLES) }),
    active: flag(random),
    required: random() < 0.25 ? "1" : "0",
    ...(random() < 0.3 ? { expires: known.lapses ? pick(random, ["1h", "3h", "2d"]) : "9d" } : {}),
    ...(random() < 0.3 ? { reason: `because ${below(random, 100)}` } : {}),
  };
}

function set(random: Random, known: Known): Values {
  const hats = some(random, [...known.hats, ...URIS], 4);
  return {
    user: people(random),
    hats,
    "hidden-hats": some(random, hats, 1),
    "required-hats": some(random, hats, 1),
  };
}

function define(random: Random, known: Known): Values {
  return {
    title: pick(random, TITLES),
    ...(random() < 0.6 ? { hat: hat(random, known) } : {}),
    ...(random() < 0.5 ? { hue: pick(random, ["teal", "12.5", "360", ""]) } : {}),
    ...(random() < 0.2 ? { "default-expires": pick(random, ["9d", ""]) } : {}),
  };
}

function delegate(random: Random, known: Known): Values {
  return {
    hat: known.hats.length > 0 ? pick(random, known.hats) : hat(random, known),
    user: random() < 0.6 ? people(random) : [],
    members: random() < 0.3 ? "1" : "0",
  };
}

function importing(random: Random, known: Known): Values {
  const lines = people(random).map(
    (user) => `${user},${hat(random, known)},,${flag(random)},${flag(random)},`,
  );
  const mode = pick(random, ["merge", "merge", "merge", "replace"]);
  return { document: ["user,hat,title,active,required,expires", ...lines], mode };
}

/* Mostly people who can have hats. */
function people(random: Random): string[] {
  return Array.from({ length: 1 + below(random, 3) }, () =>
    pick(random, random() < 0.9 ? PEOPLE.slice(2, 38) : PEOPLE),
  );
}

function hat(random: Random, { hats, granted }: Known): string {
  if (granted.length > 0 && random() < 0.4) return pick(random, granted);
  return random() < 0.7 && hats.length > 0 ? pick(random, hats) : pick(random, URIS);
}

function some(random: Random, from: readonly string[], most: number): string[] {
  if (from.length === 0) return [];
  return [...new Set(Array.from({ length: below(random, most + 1) }, () => pick(random, from)))];
}

function flag(random: Random): string {
  return random() < 0.6 ? "1" : "0";
}
