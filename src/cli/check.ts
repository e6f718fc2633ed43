/** `milliner check`: looks at configuration, store and rooms before anybody relies on them. */
import { nextStep } from "../commands/room/next-step.ts";
import { loadForms } from "../commands/texts/forms.ts";
import { ENGLISH } from "../commands/texts/phrases.ts";
import { type Config, type ConfigSources, loadConfig } from "../config.ts";
import { OperatorError } from "../core/errors.ts";
import type { RoomJid } from "../core/jid.ts";
import { openDesk } from "../desk/open-desk.ts";
import { type DamagedLine, findDamagedLines } from "../store/history/check-history.ts";
import { openFolder } from "../store/files/node-folder.ts";
import { checkRoom, type RoomCheck } from "../xmpp/muc/room-check.ts";
import { withStream } from "./account.ts";
import { EXIT_OK, EXIT_REFUSED } from "./exit.ts";
import type { Output } from "./output.ts";
import { secretWarning } from "./secret-file.ts";
import { renderTable } from "./table.ts";

/* As many damaged lines of the history are named. */
const NAMED_LINES = 10;

/* What the store says; without rooms, and its history not looked at, where a running desk has it. */
interface StoreCheck {
  readonly text: string;
  readonly added: readonly RoomJid[];
  readonly damaged: readonly DamagedLine[];
}

/** Prints what is missing; resolves with 0 where nothing is. */
export async function check(output: Output, sources: ConfigSources): Promise<number> {
  const config = loadConfig(sources);
  output.out(`configuration  good: ${config.jid}, ${inRooms(config.rooms.length)}`);
  const warning = secretWarning(config);
  if (warning !== undefined) output.out(`secret         ${warning}`);
  const store = await checkStore(config);
  output.out(`store          ${store.text}`);
  for (const line of damageLines(store.damaged)) output.out(`history        ${line}`);
  const checks = await checkRooms(config, store.added);
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
  const isGood = store.damaged.length === 0 && checks.every((room) => nextStep(room) === undefined);
  return isGood ? EXIT_OK : EXIT_REFUSED;
}

/* Opening reads and judges all of it; what is at work elsewhere is left alone. */
async function checkStore(config: Config): Promise<StoreCheck> {
  const nobody = { isKept: () => false, affiliation: () => Promise.resolve("none" as const) };
  try {
    const desk = await openDesk({ data: config.data, affiliations: nobody });
    const added = [...desk.managedRooms().keys()];
    await desk.close();
    const damaged = await findDamagedLines(openFolder(config.data));
    return { text: `good: ${config.data}, ${inRooms(added.length)} added by command`, added, damaged };
  } catch (error) {
    if (!(error instanceof OperatorError && error.code === "store-locked")) throw error;
    const text = "in use by a running desk, so rooms added by command are left out";
    return { text, added: [], damaged: [] };
  }
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
  const rooms = new Map(added.map((room) => [room, true]));
  for (const room of config.rooms) rooms.set(room.jid, room.presence === "auto");
  return withStream({ ...options, ...(ca === undefined ? {} : { ca }) }, (requests) =>
    Promise.all(
      [...rooms].map(async ([room, wantsRoomHats]) => ({
        ...(await checkRoom(requests, room, jid)),
        wantsRoomHats,
      })),
    ),
  );
}
