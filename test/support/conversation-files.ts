/** The conversations of test/conversations, in the order of their names. */
import { readdirSync, readFileSync } from "node:fs";
import type { Conversation } from "./conversation.ts";
import { parseConversation } from "./conversation-parser.ts";

const FOLDER = new URL("../conversations/", import.meta.url);

/** Reads all of them. */
export function readConversations(): Conversation[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));
  return names
    .toSorted()
    .map((name) =>
      parseConversation(`test/conversations/${name}`, readFileSync(new URL(name, FOLDER), "utf8")),
    );
}

/** Whether it matters to this conversation how hats get into presence. */
export function showsHats({ people, steps }: Conversation): boolean {
  const places = [...people.values()].flatMap(({ places }) => [...places.values()]);
  return steps.some(({ kind }) => kind === "sees") || places.some(({ wears }) => wears.length > 0);
}
