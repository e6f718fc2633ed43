/**
 * Whether the bot had a reason for each command that it told the room.
 *
 * Reasons are a change in the desk's history, somebody else's command in the room, hats that the room took itself, and
 * the room's hats switched on (COMPAT: ejabberd 26.07 has to be reminded then). A command that got no answer, or was
 * refused, may be said again.
 */
import { readFileSync } from "node:fs";
import { type ChaosWorld, HATS, WEARERS } from "./world.ts";

/** Something that happened to one hat of one person. */
interface Happening {
  readonly user: string;
  readonly hat: string;
  readonly at: Date;
  readonly what: string;
  /** Whether it is a reason for a command, or a command that needs one. */
  readonly kind: "reason" | "command" | "neither";
}

/** A change of the desk's. */
interface DeskChange extends Happening {
  readonly by: "the room" | "another";
  readonly isWornAfter: boolean;
}

/** Fails where the bot told the room more often about somebody's hat than there were reasons to; ends the bot. */
export async function assertEachCommandExplained(world: ChaosWorld): Promise<void> {
  await world.stopBot();
  const entries = readEntries(world);
  const desk = changedWorn(entries);
  const happenings = [
    ...desk,
    ...calledOtherwise(world, entries),
    ...nativeCommands(world),
    ...takenByTheRoom(world, desk),
    ...told(world),
  ];
  const unexplained = WEARERS.flatMap((name) =>
    HATS.flatMap((hat) => {
      const user = world.jid(name);
      const story = happenings.filter((happening) => happening.user === user && happening.hat === hat);
      const [commands, reasons] = [countOf(story, "command"), countOf(story, "reason")];
      if (commands <= reasons + world.switches) return [];
      return [`${user} ${hat}: told ${commands} times, reasons ${reasons}\n${describe(story)}`];
    }),
  );
  if (unexplained.length > 0) throw new Error(`commands without a reason: ${unexplained.join("\n")}`);
}

function countOf(story: readonly Happening[], kind: Happening["kind"]): number {
  return story.filter((happening) => happening.kind === kind).length;
}

function describe(story: readonly Happening[]): string {
  const sorted = story.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  return sorted.map(({ at, what }) => `  ${at.toISOString()} ${what}`).join("\n");
}

function readEntries(world: ChaosWorld): HistoryEntry[] {
  const lines = readFileSync(world.history, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as HistoryEntry);
}

/* Each hat of a person that an entry of the history changed. */
function changedWorn(entries: readonly HistoryEntry[]): DeskChange[] {
  return entries.flatMap(({ at, author, command = author.kind, changes }) =>
    changes.flatMap(({ user, hats = {} }) => {
      if (user === undefined) return [];
      return Object.entries(hats).map(
        ([hat, { after }]): DeskChange => ({
          user,
          hat,
          at: new Date(at),
          what: `the desk changed it: ${command}`,
          kind: "reason",
          by: author.kind === "room" ? "the room" : "another",
          isWornAfter: after?.active === true,
        }),
      );
    }),
  );
}

/* Where a title is the wearer's, a hat that is called otherwise is given again to all who wear it. */
function calledOtherwise(world: ChaosWorld, entries: readonly HistoryEntry[]): Happening[] {
  if (world.showing.dialect !== "prosody-hats") return [];
  return entries.flatMap(({ at, changes }) =>
    changes.flatMap(({ hat }) => (hat === undefined ? [] : forEverybody(world, hat, new Date(at)))),
  );
}

function forEverybody(world: ChaosWorld, hat: string, at: Date): Happening[] {
  const what = "the desk calls it otherwise";
  return WEARERS.map((name) => ({ user: world.jid(name), hat, at, what, kind: "reason" }));
}

interface HistoryEntry {
  readonly at: string;
  readonly author: { readonly kind: string };
  readonly command?: string;
  readonly changes: readonly {
    readonly user?: string;
    readonly hat?: string;
    readonly hats?: Readonly<Record<string, { readonly after?: { readonly active: boolean } }>>;
  }[];
}

function nativeCommands(world: ChaosWorld): Happening[] {
  return world.native.map((deed) => ({ ...deed, what: "somebody used the room's command", kind: "reason" }));
}

/*
 * Prosody drops what it has of somebody whose affiliation ends, hats too. Where the bot was out until they had one again,
 * the desk never heard of it and puts them back.
 */
function takenByTheRoom(world: ChaosWorld, desk: readonly DeskChange[]): Happening[] {
  const losses = world.showing.kind.startsWith("prosody") ? world.lost : [];
  return losses.flatMap(({ user, from, until }) =>
    HATS.map((hat): Happening => {
      const changes = desk.filter((change) => change.user === user && change.hat === hat);
      const wasWorn = [from, until].some(
        (time) => changes.findLast(({ at }) => at <= time)?.isWornAfter ?? false,
      );
      const isHeard = changes.find(({ at }) => at > from)?.by === "the room";
      const kind = wasWorn && !isHeard ? "reason" : "neither";
      return { user, hat, at: until, what: "their affiliation ended", kind };
    }),
  );
}

function told(world: ChaosWorld): Happening[] {
  return world.ear.told.map(({ user, hat, at, verb, outcome }) => ({
    user,
    hat,
    at,
    what: `the bot said ${verb}: ${outcome}`,
    kind: outcome === "done" ? "command" : "neither",
  }));
}
