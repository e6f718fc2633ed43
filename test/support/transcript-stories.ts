/** One short story a command, in which somebody uses it; docs/transcripts.md shows what they see. */
import type { HatDesk } from "./hat-desk.ts";
import { TEAM } from "./hat-desk.ts";
import type { TextClient } from "./text-client.ts";

/** A story: what is told of it, and what is done. */
export interface Story {
  readonly node: string;
  /** The name of the command, where it is not said. */
  readonly heading?: string;
  readonly told: string;
  /** Plays it, and gives what somebody saw. */
  readonly play: (client: (name: string) => TextClient, desk: HatDesk) => Promise<string>;
}

const BOB = "Bobby (bob@example.org)";
const CAROL = "Carol (carol@example.org)";

/** The members of the other room. */
export const PUPILS: readonly string[] = Array.from(
  { length: 12 },
  (_, index) => `pupil${index + 1}@example.org`,
);
const PUPIL_HAT = "urn:example:pupil,Pupil,1,0,";

/* What one person does with one command. */
function story(node: string, who: string, told: string, act: (client: TextClient) => Promise<void>): Story {
  return {
    node,
    told,
    async play(clientOf) {
      const client = clientOf(who);
      await client.open(node);
      await act(client);
      return client.text;
    },
  };
}

/** All stories, in the order in which they are played. */
export const STORIES: readonly Story[] = [
  story(
    "add-user-hat",
    "Alice",
    "Alice makes a hat by giving it to two people, after a mistake.",
    async (alice) => {
      await alice.press("Complete", { Who: [BOB, CAROL], Reason: "The new term" });
      await alice.press("Complete", { Title: "Teacher", Until: "30d" });
    },
  ),
  story(
    "list-user-hats",
    "Bob",
    "Bob, a member, looks at what Carol has; he knows people by nick.",
    async (bob) => {
      await bob.press("Complete", { Who: "Carol" });
    },
  ),
  story(
    "define-hat",
    "Alice",
    "Alice makes a hat that lasts a week, in a colour of its own.",
    async (alice) => {
      await alice.press("Next");
      await alice.press("Complete", { Title: "Host", Colour: "tael" });
      await alice.press("Complete", { Colour: "teal", "Usually worn for": "7d" });
    },
  ),
  story(
    "set-user-hats",
    "Adam",
    "Adam chooses the wrong person first, goes back, and sets all that Bob has.",
    async (adam) => {
      await adam.press("Next", { Who: [CAROL] });
      await adam.press("Back");
      await adam.press("Next", { Who: [BOB] });
      await adam.press("Complete", {
        Hats: ["Host", "Teacher"],
        "Not shown": ["Teacher"],
        Required: ["Host"],
      });
    },
  ),
  story(
    "my-hats",
    "Bobby",
    "In the room, where it is clear which one, Bob wants to take off what he has to wear, and then shows both.",
    async (bob) => {
      await bob.press("Complete", { "Hats to wear": ["Teacher"] });
      await bob.press("Complete", { "Hats to wear": ["Host", "Teacher"] });
    },
  ),
  story("list-room-hats", "Alice", "Alice looks who wears what.", async () => undefined),
  story("list-hats", "Ops", "Ops, who may look into every room, is asked which one.", async (ops) => {
    await ops.press("Complete", { Room: TEAM });
  }),
  story("delegate-hat", "Alice", "Alice lets Carol give one hat.", async (alice) => {
    await alice.press("Next", { Hat: "Host" });
    await alice.press("Complete", { Who: [CAROL] });
  }),
  {
    node: "add-user-hat",
    heading: "Give a hat that is delegated to you",
    told: "Carol, to whom one hat is delegated, sees only what is hers to say.",
    async play(clientOf) {
      const carol = clientOf("Carol");
      await carol.open("add-user-hat");
      await carol.press("Complete", { Who: ["Bobby", "Carol"], Hat: "Host" });
      return carol.text;
    },
  },
  story("remove-user-hat", "Adam", "Adam takes a hat from Carol.", async (adam) => {
    await adam.press("Next", { Who: [CAROL] });
    await adam.press("Complete", { Hat: "Teacher", Reason: "She teaches elsewhere" });
  }),
  story("hat-history", "Alice", "Alice looks what happened to Carol's hats.", async (alice) => {
    await alice.press("Next", { "Whose hats": CAROL });
  }),
  story("undo", "Alice", "Alice gives Carol back what was taken.", async (alice) => {
    await alice.press("Complete", { Change: "took a hat away" });
  }),
  story("retire-hat", "Alice", "Alice does away with a hat, and is told first who has it.", async (alice) => {
    await alice.press("Next", { Hat: "Host" });
    await alice.press("Complete");
  }),
  story("export-hats", "Alice", "Alice keeps a copy.", async () => undefined),
  story(
    "import-hats",
    "Tess",
    "Tess gives all pupils a hat: first she tries with two of them, then does it, and says yes.",
    async (tess) => {
      const list = [
        "user,hat,title,active,required,expires",
        ...PUPILS.map((pupil) => `${pupil},${PUPIL_HAT}`),
      ];
      await tess.press("Complete", { Document: list.slice(0, 3).join("\n"), "Only try": true });
      await tess.open("import-hats");
      await tess.press("Complete", { Document: list.join("\n") });
      await tess.press("Complete");
    },
  ),
  {
    node: "desk-status",
    told: "Alice finds that the room's hats are off, and has the bot switch them on.",
    async play(clientOf, { care }) {
      care.standings.set(TEAM, { dialect: "own-presence" });
      care.switches.set(TEAM, false);
      care.switchHatsOn = async (room) => void care.standings.set(room, { dialect: "xep-0317" });
      const alice = clientOf("Alice");
      await alice.open("desk-status");
      await alice.press("Complete", { "Switch hats on": true });
      return alice.text;
    },
  },
  story("manage-room", "Ops", "Ops has one more room kept.", async (ops) => {
    await ops.press("Next", { Room: "club" });
    await ops.press("Next", { Room: "club@rooms.example.org" });
    await ops.press("Complete", { Announce: true });
  }),
  story("leave-room", "Ops", "Ops lets it go again.", async (ops) => {
    await ops.press("Complete", { Room: "club@rooms.example.org" });
  }),
];
