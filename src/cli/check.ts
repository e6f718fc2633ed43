/** `milliner check`: looks at configuration, store and rooms before anybody relies on them. */
import { nextStep } from "../commands/room/next-step.ts";
import { loadForms } from "../commands/texts/forms.ts";
import { ENGLISH } from "../commands/texts/phrases.ts";
import { type Config, type ConfigSources, loadConfig } from "../config.ts";
import { OperatorError } from "../core/errors.ts";
import type { RoomJid } from "../core/jid.ts";
import { openDesk } from "../desk/open-desk.ts";
import { checkRoom, type RoomCheck } from "../xmpp/muc/room-check.ts";
import { withStream } from "./account.ts";
import { EXIT_OK, EXIT_REFUSED } from "./exit.ts";
import type { Output } from "./output.ts";
import { secretWarning } from "./secret-file.ts";
import { renderTable } from "./table.ts";

/* What the store says; without rooms where a running desk has it. */
interface StoreCheck {
  readonly text: string;
  readonly added: readonly RoomJid[];
}

/** Prints what is missing; resolves with 0 where nothing is. */
export async function check(output: Output, sources: ConfigSources): Promise<number> {
  const config = loadConfig(sources);
  output.out(`configuration  good: ${config.jid}, ${config.rooms.length} rooms`);
  const warning = secretWarning(config);
  if (warning !== undefined) output.out(`secret         ${warning}`);
  const store = await checkStore(config);
  output.out(`store          ${store.text}`);
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
  return checks.every((room) => nextStep(room) === undefined) ? EXIT_OK : EXIT_REFUSED;
}

/* Opening reads and judges all of it; what is at work elsewhere is left alone. */
async function checkStore(config: Config): Promise<StoreCheck> {
  const nobody = { isKept: () => false, affiliation: () => Promise.resolve("none" as const) };
  try {
    const desk = await openDesk({ data: config.data, affiliations: nobody });
    const added = [...desk.managedRooms().keys()];
    await desk.close();
    return { text: `good: ${config.data}, ${added.length} rooms added by command`, added };
  } catch (error) {
    if (!(error instanceof OperatorError && error.code === "store-locked")) throw error;
    return { text: "in use by a running desk, so rooms added by command are left out", added: [] };
  }
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
