/**
 * A desk under load, to be killed: each worker dresses a person of its own again and again, and each acknowledged change
 * is a line `WORKER NUMBER` on stdout. The first number of a worker follows what the store has.
 */
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { openDesk } from "../../src/desk/open-desk.ts";

const WORKERS = 16;
const ROOM = "team@rooms.example.org";
const HAT = "urn:x:a";

const desk = await openDesk({
  data: process.argv[2] ?? "",
  affiliations: { isKept: () => true, affiliation: async () => "member" },
});

await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));

async function work(worker: number): Promise<never> {
  const user = `worker${worker}@example.org` as BareJid;
  const known = desk.durableRoom(ROOM as RoomJid).users.get(user)?.hats;
  const [first] = known?.values() ?? [];
  for (let number = Number(first?.title ?? 0) + 1; ; number++) {
    await desk.addUserHat(user, ROOM, HAT, { active: true, title: String(number) });
    // A full pipe keeps lines back: a worker goes on when its line is out, so that at most one of its changes is untold.
    await new Promise((resolve) => process.stdout.write(`${worker} ${number}\n`, resolve));
  }
}
