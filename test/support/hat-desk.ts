/** The real commands over a real desk in a folder of its own, and rooms that exist only in the test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine, type EngineOptions, type Source } from "../../src/commands/engine/engine.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { commandsOf } from "../../src/commands/registry.ts";
import type { Services } from "../../src/commands/room/scene.ts";
import type { BareJid } from "../../src/core/jid.ts";
import type { Limits } from "../../src/core/limits.ts";
import type { Desk } from "../../src/desk/desk.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { account, type Received, send, sessionidIn, type Values } from "./engine.ts";
import { FakeCare } from "./room-care.ts";
import { FakeRooms } from "./rooms.ts";

/** The room of most tests. */
export const TEAM = "team@rooms.example.org";

export const OWNER = account("alice@example.org/desk");
export const MEMBER = account("bob@example.org/phone");
export const OPERATOR = account("ops@example.org/shell");
export const STRANGER = account("eve@example.org/x");

/** One conversation: each call goes on where the last one ended. */
export type Talk = (
  form?: Values,
  action?: "cancel" | "complete" | "execute" | "next" | "prev",
) => Promise<Received>;

/** A desk, its commands, and its rooms. */
export interface HatDesk {
  readonly desk: Desk;
  readonly rooms: FakeRooms;
  readonly care: FakeCare;
  readonly engine: Engine;
  /** Runs a command in one stanza. */
  once(source: Source, node: string, values: Values): Promise<Received>;
  /** Begins a conversation about a command. */
  talk(source: Source, node: string): Talk;
  /** The hats of somebody in a room, as the desk keeps them. */
  hats(user: string, room?: string): Record<string, unknown>;
  close(): Promise<void>;
}

/**
 * Opens one with the room TEAM: alice is its owner, adam an admin, bob, carol and dave are members, mallory an outcast.
 * ops is an admin of the configuration. `date` is what the desk goes by.
 */
export async function openHatDesk(
  options: Partial<EngineOptions & Services> & {
    readonly date?: () => Date;
    readonly deskLimits?: Partial<Limits>;
  } = {},
): Promise<HatDesk> {
  const data = await mkdtemp(join(tmpdir(), "milliner-desk-"));
  const rooms = new FakeRooms();
  rooms.add(TEAM, {
    "alice@example.org": "owner",
    "adam@example.org": "admin",
    "bob@example.org": "member",
    "carol@example.org": "member",
    "dave@example.org": "member",
    "mallory@example.org": "outcast",
  });
  let minted = 0;
  const randomUuid = () => `00000000-0000-4000-8000-${String((minted += 1)).padStart(12, "0")}`;
  const desk = await openDesk({
    data,
    affiliations: rooms,
    randomUuid,
    ...(options.date && { now: options.date }),
    ...(options.deskLimits && { limits: options.deskLimits }),
  });
  const admins = new Set(["ops@example.org" as BareJid]);
  const care = new FakeCare(rooms);
  const services: Services = { desk, rooms, care, admins, ...options };
  const engine = new Engine({ commands: commandsOf(services), forms: loadForms(), ...options });
  return {
    desk,
    rooms,
    care,
    engine,
    once: (source, node, form) => send(engine, source, { node, form }),
    talk(source, node) {
      let sessionid: string | undefined;
      return async (form, action) => {
        const request = {
          node,
          ...(sessionid && { sessionid }),
          ...(form && { form }),
          ...(action && { action }),
        };
        const answer = await send(engine, source, request);
        if (answer.response !== undefined) sessionid = sessionidIn(answer);
        return answer;
      };
    },
    hats: (user, room = TEAM) => desk.userHats(user, room),
    async close() {
      await desk.close();
      await rm(data, { recursive: true });
    },
  };
}
