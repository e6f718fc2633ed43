/**
 * Changes a second that are seen in the room, and how long after the answer, beside the room's own command.
 *
 * Each wearer is present and has one change at a time: given through the desk, or by the room's own command, and over
 * only when an onlooker has seen it.
 */
import {
  registerAndConnect,
  type ServerKind,
  startServer,
  type TestServer,
} from "../../src/testing/index.ts";
import { within } from "../support/deadline.ts";
import { hatsCommand, MODULE_KINDS, startHatServer } from "../support/hat-room.ts";
import { type LeanClient, leanClient } from "./lean-client.ts";
import { startMeasuredBot } from "./measured-bot.ts";
import { type BenchRow, costedRate, interleave, median, rate, ratioRow } from "./measure.ts";
import { oneShot } from "./one-shot.ts";
import { watchPhases } from "./phases.ts";

const ROUNDS = 5;
const ALONE = 100;
const TOGETHER = 1_000;
/* As in the other part; a third of the bot's work went into compiling after a thousand changes. */
const WARM_UP = 4_000;
const WEARERS = 32;
/* Two hats: a change behind the desk's back would leave nothing to change for it. */
const DESK_HAT = "x:bench";
const ROOM_HAT = "x:own";

/** Measures on one kind of server; takes about a minute. */
export async function benchPresence(kind: ServerKind): Promise<BenchRow[]> {
  const starting = MODULE_KINDS.includes(kind) ? startHatServer({ kind }) : startServer({ kind });
  const server = await within(starting, "the start of the server");
  const alice = await registerAndConnect({ server, user: "alice" });
  const room = server.room("team");
  await alice.createRoom(room, "alice", { "muc#roomconfig_persistentroom": true });
  const account = `hats@${server.domain}`;
  await server.register("hats", "hats");
  await alice.setAffiliation(room, account, "owner");
  const people: LeanClient[] = [];
  for (let index = 0; index < WEARERS; index++) {
    await server.register(`wearer${index}`, `wearer${index}`);
    const person = await leanClient(server, `wearer${index}`);
    await alice.setAffiliation(room, person.bareJid, "member");
    person.send(
      `<presence to='${room}/wearer${index}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    people.push(person);
  }
  await server.register("asker", "asker");
  await alice.setAffiliation(room, `asker@${server.domain}`, "owner");
  await server.register("onlooker", "onlooker");
  const bot = await startMeasuredBot({
    jid: account,
    password: "hats",
    service: server.service,
    rooms: [{ jid: room }],
  });
  const desk = `${account}/milliner`;

  const knownHat = { "hats#uri": ROOM_HAT, "hats#title": "Own", "hats#hue": "44.401245" };
  await alice.demand(hatsCommand(room, "create", knownHat, { action: "complete" }));
  await alice.leave(room, "alice");
  const asker = await enter(server, room, "asker");
  // Not who asks: Prosody holds back the second of two stanzas that it sends to one client (Nagle), for some 40 ms.
  const onlooker = await enter(server, room, "onlooker");
  const delays: number[] = [];
  const ownCommand: number[] = [];
  const act = (
    hat: string,
    ask: (user: string, isGiven: boolean) => Promise<string>,
    times: (answered: number, took: number) => void,
  ) => {
    const isWearing = people.map(() => false);
    return async (_: number, worker: number) => {
      const isGiven = !isWearing[worker];
      isWearing[worker] = isGiven;
      const seen = onlooker
        .nextPresence(`${room}/wearer${worker}`, (presence) => presence.includes(hat) === isGiven)
        .then(() => performance.now());
      const asked = performance.now();
      await ask(people[worker]?.bareJid ?? "", isGiven);
      const answered = performance.now();
      times((await seen) - answered, answered - asked);
    };
  };
  const byDesk = act(
    DESK_HAT,
    (user, isGiven) =>
      asker.ask(
        "set",
        desk,
        isGiven
          ? oneShot("add-user-hat", { room, user, hat: DESK_HAT, title: "Bench" })
          : oneShot("remove-user-hat", { room, user, hat: DESK_HAT }),
      ),
    (delay) => delays.push(delay),
  );
  const byRoom = act(
    ROOM_HAT,
    (user, isGiven) => {
      const node = `urn:xmpp:hats:commands:${isGiven ? "assign" : "unassign"}`;
      /* Both vars for the hat: XEP-0317 registers one, ejabberd asks for the other. */
      return asker.ask("set", room, oneShot(node, { "hats#jid": user, "hats#uri": ROOM_HAT, hat: ROOM_HAT }));
    },
    (_, took) => ownCommand.push(took),
  );
  const phase = watchPhases(bot, [asker, onlooker]);
  await phase("warming up by the desk", () => rate(WEARERS, WARM_UP, byDesk));
  await phase("warming up by the room's own command", () => rate(WEARERS, WARM_UP, byRoom));
  ownCommand.length = 0;
  delays.length = 0;
  const alone = await interleave(ROUNDS, {
    desk: () => phase("the desk, 1 in flight", () => rate(1, ALONE, byDesk)),
    room: () => phase("the room's own command, 1 in flight", () => rate(1, ALONE, byRoom)),
  });
  const delay = median(delays);
  const own = median(ownCommand);
  const deskCosts: number[] = [];
  const roomCosts: number[] = [];
  const together = await interleave(ROUNDS, {
    desk: () =>
      phase("the desk, many in flight", () => costedRate(bot.pid, deskCosts, WEARERS, TOGETHER, byDesk)),
    room: () =>
      phase("the room's own command, many in flight", () =>
        costedRate(bot.pid, roomCosts, WEARERS, TOGETHER, byRoom),
      ),
  });
  await bot.stop();
  for (const person of [...people, asker, onlooker]) person.close();
  await within(server.stop(), "the end of the server");
  return [
    { what: "seen changes a second, 1 in flight", value: alone.desk.toFixed(0) },
    { what: "the room's own command, 1 in flight", value: alone.room.toFixed(0) },
    { what: `seen changes a second, ${WEARERS} in flight`, value: together.desk.toFixed(0) },
    { what: `the room's own command, ${WEARERS} in flight`, value: together.room.toFixed(0) },
    ratioRow(`seen changes / own command, ${WEARERS} in flight`, together.desk / together.room, {
      atLeast: 0.8,
    }),
    { what: "the bot's processor time a change, microseconds", value: median(deskCosts).toFixed(0) },
    { what: "the same, by the room's own command", value: median(roomCosts).toFixed(0) },
    { what: "answer to presence, median ms", value: delay.toFixed(2) },
    { what: "the room's own command, median ms", value: own.toFixed(2) },
    ratioRow("answer to presence / own command", delay / own, { atMost: 2 }),
  ];
}

async function enter(server: TestServer, room: string, user: string): Promise<LeanClient> {
  const client = await leanClient(server, user);
  client.send(`<presence to='${room}/${user}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`);
  await client.nextPresence(`${room}/${user}`, (presence) => /code=["']110/.test(presence));
  return client;
}
