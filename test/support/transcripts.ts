/**
 * Writes docs/transcripts.md: every command as a person sees it, played on the real commands over a real desk.
 *
 * `node --import tsx test/support/transcripts.ts --write` writes it anew; a test compares.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Source } from "../../src/commands/engine/engine.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { account, occupant } from "./engine.ts";
import { type HatDesk, openHatDesk, OPERATOR, OWNER, TEAM } from "./hat-desk.ts";
import { TextClient } from "./text-client.ts";
import { PUPILS, STORIES } from "./transcript-stories.ts";

/** The page, relative to the project. */
export const TRANSCRIPTS = "docs/transcripts.md";

const INTRODUCTION = `# Transcripts

Every command of the desk as a person sees it, at a client that shows text only; most clients show the same with more grace. A line
that begins with \`>\` is what the person does, everything else is what the bot sends. A test plays all of this anew and compares.

The people: Alice owns the room \`team@rooms.example.org\`, Adam is an admin there, Bob, Carol and Dave are members. Tess owns
\`school@rooms.example.org\`, where twelve pupils are members. Ops runs the desk. They ask the bot at its own address, but for Bob where
the story says so; where somebody may run a command in one room only, the room is not asked. The stories go on from one to the next. Each
command is also told in [commands.md](commands.md), with every field.
`;

/** The whole page. */
export async function writeTranscripts(): Promise<string> {
  let minutes = 0;
  const desk = await openHatDesk({ date: () => new Date(Date.UTC(2026, 2, 2, 9, (minutes += 1))) });
  const stage = new Stage(desk);
  const sections: string[] = [];
  for (const { node, heading, told, play } of STORIES) {
    const client = (name: string): TextClient => stage.client(name);
    const text = await play(client, desk);
    sections.push(
      `## ${heading ?? stage.nameOf(node)}\n\n\`${node}\`: ${told}\n\n\`\`\`text\n${text}\n\`\`\`\n`,
    );
  }
  await desk.close();
  return [INTRODUCTION, ...sections].join("\n");
}

class Stage {
  readonly #desk: HatDesk;

  constructor(desk: HatDesk) {
    this.#desk = desk;
    const { rooms, care } = desk;
    rooms.enter(TEAM, { nick: "Alice", realJid: "alice@example.org", role: "moderator" });
    rooms.enter(TEAM, { nick: "Bobby", realJid: "bob@example.org" });
    rooms.enter(TEAM, { nick: "Carol", realJid: "carol@example.org" });
    rooms.add("school@rooms.example.org", {
      "tess@example.org": "owner",
      ...Object.fromEntries(PUPILS.map((jid) => [jid, "member"] as const)),
    });
    for (const room of rooms.rooms()) care.configured.set(room, "hats");
  }

  client(name: string): TextClient {
    return new TextClient(
      this.#desk,
      name,
      SOURCES[name] ?? account(`${name.toLowerCase()}@example.org/client`),
    );
  }

  nameOf(node: string): string {
    const offered = this.#desk.engine.offered(OPERATOR.requester);
    return offered.find((command) => command.node === node)?.name ?? node;
  }
}

const SOURCES: Readonly<Record<string, Source>> = {
  Alice: OWNER,
  Ops: OPERATOR,
  Bobby: occupant(TEAM, "Bobby", { affiliation: "member", realJid: "bob@example.org" as BareJid }),
};

if (process.argv.includes("--write") && process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL(`../../${TRANSCRIPTS}`, import.meta.url), await writeTranscripts());
}
