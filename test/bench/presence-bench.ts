/**
 * Changes a second that are seen in the room, and how long after the answer, beside the room's own command.
 *
 * Each wearer is present and has one change at a time: given through the desk, or by the room's own command, and over
 * only when an onlooker has seen it.
 */
import { parseHats } from "../../src/stanza/hats.ts";
import type { Element } from "../../src/stanza/xml.ts";
import {
  registerAndConnect,
  type ServerKind,
  startServer,
  type TestClient,
} from "../../src/testing/index.ts";
import { makeBotHome } from "../support/bot-process.ts";
import { buildOneShot } from "../support/desk-client.ts";
import { hatsCommand, MODULE_KINDS, startHatServer } from "../support/hat-room.ts";
import { type BenchRow, interleave, median, rate, ratioRow } from "./measure.ts";

const ROUNDS = 5;
const ALONE = 100;
const TOGETHER = 600;
const WEARERS = 8;
/* Two hats: a change behind the desk's back would leave nothing to change for it. */
const DESK_HAT = "x:bench";
const ROOM_HAT = "x:own";

/** Measures on one kind of server; takes about a minute. */
export async function benchPresence(kind: ServerKind): Promise<BenchRow[]> {
  const server = MODULE_KINDS.includes(kind) ? await startHatServer({ kind }) : await startServer({ kind });
  const alice = await registerAndConnect({ server, user: "alice" });
  const room = server.room("team");
  await alice.createRoom(room, "alice", { "muc#roomconfig_persistentroom": true });
  const account = `hats@${server.domain}`;
  await server.register("hats", "hats");
  await alice.setAffiliation(room, account, "owner");
  const wearers = await Promise.all(
    Array.from({ length: WEARERS }, async (_, index) => {
      const person = await registerAndConnect({ server, user: `wearer${index}` });
      await alice.setAffiliation(room, person.bareJid, "member");
      await person.join(room, `wearer${index}`);
      return person;
    }),
  );
  const home = makeBotHome({
    jid: account,
    password: "hats",
    service: server.service,
    rooms: [{ jid: room }],
  });
  const bot = await home.start();
  const desk = `${account}/milliner`;

  const knownHat = { "hats#uri": ROOM_HAT, "hats#title": "Own" };
  await alice.demand(hatsCommand(room, "create", knownHat, { action: "complete" }));
  const delays: number[] = [];
  const ownCommand: number[] = [];
  const act = (
    hat: string,
    build: (user: string, isGiven: boolean) => Element,
    times: (answered: number, took: number) => void,
  ) => {
    const isWearing = wearers.map(() => false);
    return async (_: number, worker: number) => {
      const isGiven = !isWearing[worker];
      isWearing[worker] = isGiven;
      // Whoever waits already is handed what comes; what nobody waited for is no answer to this change.
      alice.forget();
      const seen = untilShown(alice, `${room}/wearer${worker}`, hat, isGiven);
      const asked = performance.now();
      await alice.demand(build(wearers[worker]?.bareJid ?? "", isGiven));
      const answered = performance.now();
      times((await seen) - answered, answered - asked);
    };
  };
  const byDesk = act(
    DESK_HAT,
    (user, isGiven) =>
      buildOneShot(desk, isGiven ? "add-user-hat" : "remove-user-hat", {
        room,
        user,
        hat: DESK_HAT,
        ...(isGiven ? { title: "Bench" } : {}),
      }),
    (delay) => delays.push(delay),
  );
  const byRoom = act(
    ROOM_HAT,
    (user, isGiven) => buildOwnCommand(room, isGiven ? "assign" : "unassign", user),
    (_, took) => ownCommand.push(took),
  );
  await rate(WEARERS, TOGETHER, byDesk);
  delays.length = 0;
  const alone = await interleave(ROUNDS, {
    desk: () => rate(1, ALONE, byDesk),
    room: () => rate(1, ALONE, byRoom),
  });
  const delay = median(delays);
  const own = median(ownCommand);
  const together = await interleave(ROUNDS, {
    desk: () => rate(WEARERS, TOGETHER, byDesk),
    room: () => rate(WEARERS, TOGETHER, byRoom),
  });
  await bot.stop();
  await home.remove();
  await Promise.all([...wearers, alice].map((person) => person.close()));
  await server.stop();
  return [
    { what: "seen changes a second, 1 in flight", value: alone.desk.toFixed(0) },
    { what: "the room's own command, 1 in flight", value: alone.room.toFixed(0) },
    { what: `seen changes a second, ${WEARERS} in flight`, value: together.desk.toFixed(0) },
    { what: `the room's own command, ${WEARERS} in flight`, value: together.room.toFixed(0) },
    ratioRow(`seen changes / own command, ${WEARERS} in flight`, together.desk / together.room, {
      atLeast: 0.8,
    }),
    { what: "answer to presence, median ms", value: delay.toFixed(2) },
    { what: "the room's own command, median ms", value: own.toFixed(2) },
    ratioRow("answer to presence / own command", delay / own, { atMost: 2 }),
  ];
}

/* Both vars for the hat: XEP-0317 registers one, ejabberd asks for the other. */
function buildOwnCommand(room: string, node: "assign" | "unassign", user: string): Element {
  return hatsCommand(
    room,
    node,
    { "hats#jid": user, "hats#uri": ROOM_HAT, hat: ROOM_HAT },
    { action: "complete" },
  );
}

/* Resolves with the time at which the onlooker saw it. */
async function untilShown(
  onlooker: TestClient,
  occupant: string,
  hat: string,
  isWearing: boolean,
): Promise<number> {
  await onlooker.next(
    (stanza) =>
      stanza.name === "presence" &&
      stanza.attrs["from"] === occupant &&
      parseHats(stanza).some(({ uri }) => uri === hat) === isWearing,
  );
  return performance.now();
}
