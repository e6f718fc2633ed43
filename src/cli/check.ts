/** `milliner check`: looks at configuration, store and rooms before anybody relies on them. */
import { type Config, type ConfigSources, loadConfig } from "../config.ts";
import { OperatorError } from "../core/errors.ts";
import { openDesk } from "../desk/open-desk.ts";
import { checkRoom, type RoomCheck } from "../xmpp/muc/room-check.ts";
import { withStream } from "./account.ts";
import { EXIT_OK, EXIT_REFUSED } from "./exit.ts";
import type { Output } from "./output.ts";
import { renderTable } from "./render.ts";

/** Prints what is missing; resolves with 0 where nothing is. */
export async function check(output: Output, sources: ConfigSources): Promise<number> {
  const config = loadConfig(sources);
  output.out(`configuration  good: ${config.jid}, ${config.rooms.length} rooms`);
  output.out(`store          ${await checkStore(config)}`);
  const checks = await checkRooms(config);
  output.out("connection     good");
  const cells = checks.map(({ room, rights, dialect, mend }) => [
    room,
    rights ?? "-",
    dialect ?? "-",
    mend.length === 0 ? "nothing" : mend.join("; "),
  ]);
  if (cells.length > 0) output.out(renderTable(["room", "rights", "hats by", "what to do"], cells));
  return checks.every(({ mend }) => mend.length === 0) ? EXIT_OK : EXIT_REFUSED;
}

/* Opening reads and judges all of it; what is at work elsewhere is left alone. */
async function checkStore(config: Config): Promise<string> {
  const nobody = { isKept: () => false, affiliation: () => Promise.resolve("none" as const) };
  try {
    const desk = await openDesk({ data: config.data, affiliations: nobody });
    await desk.close();
    return `good: ${config.data}`;
  } catch (error) {
    if (error instanceof OperatorError && error.code === "store-locked") return "in use by a running desk";
    throw error;
  }
}

/* With a resource of its own, so that a running bot is not thrown out. */
function checkRooms(config: Config): Promise<RoomCheck[]> {
  const { jid, password, service, ca } = config;
  const options = { jid, password, service, resource: `milliner-check-${process.pid}` };
  return withStream({ ...options, ...(ca === undefined ? {} : { ca }) }, (requests) =>
    Promise.all(config.rooms.map((room) => checkRoom(requests, room.jid))),
  );
}
