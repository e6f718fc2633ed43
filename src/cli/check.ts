/** `milliner check`: looks at configuration, store and rooms before anybody relies on them. */
import { join } from "node:path";
import { nextStep } from "../commands/room/next-step.ts";
import { loadForms } from "../commands/texts/forms.ts";
import { ENGLISH } from "../commands/texts/phrases.ts";
import { type Config, type ConfigSources, loadConfig } from "../config/config.ts";
import type { RoomJid } from "../core/jid.ts";
import type { PresenceMode } from "../presence/room-presence.ts";
import { checkStore, type StoreSight } from "../store/check-store.ts";
import type { DamagedLine } from "../store/history/check-history.ts";
import { checkRoom, type RoomCheck } from "../xmpp/muc/room-check.ts";
import { readRoomMemory, ROOM_MEMORY } from "../xmpp/muc/room-memory-file.ts";
import { withStream } from "./account.ts";
import { EXIT_OK, EXIT_REFUSED } from "./exit.ts";
import type { Output } from "./output.ts";
import { secretWarning } from "./secret-file.ts";
import { renderTable } from "./table.ts";

/* As many damaged lines of the history are named. */
const NAMED_LINES = 10;

const NOTHING_SEEN = { added: [], damaged: [] };

/** Prints what is missing; resolves with 0 where nothing is. */
export async function check(output: Output, sources: ConfigSources): Promise<number> {
  const config = loadConfig(sources);
  output.out(`configuration  good: ${config.jid}, ${inRooms(config.rooms.length)}`);
  output.out(`password       from ${config.passwordFrom}`);
  const warning = secretWarning(config);
  if (warning !== undefined) output.out(`secret         ${warning}`);
  const store = await checkStore(config.data);
  if (store.is === "sound") readRoomMemory(join(config.data, ROOM_MEMORY));
  output.out(`store          ${storeLine(config.data, store)}`);
  const { added, damaged } = store.is === "sound" ? store : NOTHING_SEEN;
  for (const line of damageLines(damaged)) output.out(`history        ${line}`);
  const checks = await checkRooms(config, added);
  output.out("connection     good");
  const phrases = loadForms().phrases(ENGLISH);
  const cells = checks.map((room) => [
    room.room,
    room.rights ?? "-",
    room.dialect ?? "-",
    room.reason === undefined ? "-" : phrases.explain(room.reason),
    phrases.say(`next-${nextStep(room) ?? "nothing"}`),
  ]);
  if (cells.length > 0)
    output.out(renderTable(["room", "rights", "hats by", "trouble", "what to do"], cells, output.width));
  const isDeserted = checks.length === 0 && config.admins.length === 0;
  if (isDeserted) output.out("rooms          none, and no admins who could add one: set `rooms` or `admins`");
  const isGood = !isDeserted && damaged.length === 0 && checks.every((room) => nextStep(room) === undefined);
  return isGood ? EXIT_OK : EXIT_REFUSED;
}

function storeLine(data: string, store: StoreSight): string {
  if (store.is === "missing") return `none yet: ${data} is made when the bot starts`;
  if (store.is === "in use") {
    const holder = store.holder === undefined ? "" : ` (${store.holder})`;
    return `in use by a running desk${holder}, so rooms added by command and the history are left out`;
  }
  if (store.isEmpty) return `none yet: ${data} is there, and filled when the bot starts`;
  const torn =
    store.tornBytes === 0
      ? ""
      : `; the torn end of its journal, ${store.tornBytes} bytes, is cut at the start`;
  return `good: ${data}, ${inRooms(store.added.length)} added by command${torn}`;
}

function inRooms(count: number): string {
  return count === 1 ? "1 room" : `${count} rooms`;
}

function damageLines(damaged: readonly DamagedLine[]): string[] {
  const named = damaged
    .slice(0, NAMED_LINES)
    .map(({ file, line, offset, problem }) => `damaged: ${file}, line ${line}, offset ${offset}: ${problem}`);
  const more = damaged.length - named.length;
  return more === 0 ? named : [...named, `and ${more} more lines`];
}

/* With a resource of its own, so that a running bot is not thrown out. */
function checkRooms(config: Config, added: readonly RoomJid[]): Promise<RoomCheck[]> {
  const { jid, password, service, ca } = config;
  const options = { jid, password, service, resource: `milliner-check-${process.pid}` };
  const rooms = new Map<RoomJid, PresenceMode>(added.map((room) => [room, "auto"]));
  for (const room of config.rooms) rooms.set(room.jid, room.presence);
  return withStream({ ...options, ...(ca === undefined ? {} : { ca }) }, (requests) =>
    Promise.all([...rooms].map(([room, mode]) => checkRoom(requests, room, mode, jid))),
  );
}
