/** Commands a second through a real server, beside pings through the same bot; room presence is off. */
import { registerAndConnect, type ServerKind, startServer } from "../../src/testing/index.ts";
import { within } from "../support/deadline.ts";
import { leanClient } from "./lean-client.ts";
import { startMeasuredBot } from "./measured-bot.ts";
import { watchPhases } from "./phases.ts";
import { oneShot } from "./one-shot.ts";
import { type BenchRow, costedRate, interleave, median, rate, ratioRow } from "./measure.ts";

/** How much is measured. */
export interface CommandBenchSize {
  readonly rounds: number;
  readonly warmUp: number;
  readonly alone: number;
  readonly together: number;
}

/* The warm-up is until the engine has compiled what it will compile: that takes as much of the processor as the commands. */
const SIZE: CommandBenchSize = { rounds: 15, warmUp: 8_000, alone: 200, together: 2_000 };
const WEARERS = 100;
const HAT = "https://example.org/hats/teacher";

/** Measures on one kind of server; takes about half a minute. */
export async function benchCommands(kind: ServerKind, size = SIZE): Promise<BenchRow[]> {
  const server = await within(startServer({ kind }), "the start of the server");
  const alice = await registerAndConnect({ server, user: "alice" });
  await server.register("hats", "hats");
  const account = `hats@${server.domain}`;
  const room = server.room("team");
  await alice.createRoom(room, "alice");
  await alice.setAffiliation(room, account, "owner");
  const wearers = Array.from({ length: WEARERS }, (_, index) => `wearer${index}@${server.domain}`);
  for (const wearer of wearers) await alice.setAffiliation(room, wearer, "member");
  const bot = await startMeasuredBot({
    jid: account,
    password: "hats",
    service: server.service,
    rooms: [{ jid: room, presence: "off" }],
    logLevel: "info",
  });
  const desk = `${account}/milliner`;

  await server.register("asker", "asker");
  await alice.setAffiliation(room, `asker@${server.domain}`, "admin");
  const asker = await within(leanClient(server, "asker"), "the login of who asks");
  const phase = watchPhases(bot, [asker]);
  /* Given to all in turn, then taken from all in turn, so that each command is a real change. */
  const requests = ["add-user-hat", "remove-user-hat"].flatMap((node) =>
    wearers.map((user) => oneShot(node, { room, user, hat: HAT })),
  );
  let changes = 0;
  const ping = () => asker.ask("get", desk, "<ping xmlns='urn:xmpp:ping'/>");
  const change = () => asker.ask("set", desk, requests[changes++ % requests.length] ?? "");
  const pingCosts: number[] = [];
  const changeCosts: number[] = [];
  const { rounds, warmUp, alone, together } = size;
  await phase("warming up with pings", () => rate(64, warmUp, ping));
  await phase("warming up with commands", () => rate(64, warmUp, change));
  const seen = await interleave(rounds, {
    pingAlone: () => phase("pings, 1 in flight", () => rate(1, alone, ping)),
    changeAlone: () => phase("commands, 1 in flight", () => rate(1, alone, change)),
    pingTogether: () =>
      phase("pings, 64 in flight", () => costedRate(bot.pid, pingCosts, 64, together, ping)),
    changeTogether: () =>
      phase("commands, 64 in flight", () => costedRate(bot.pid, changeCosts, 64, together, change)),
  });
  asker.close();
  await bot.stop();
  await within(alice.close(), "the end of alice's connection");
  await within(server.stop(), "the end of the server");
  return [
    { what: "pings a second, 1 in flight", value: seen.pingAlone.toFixed(0) },
    { what: "commands a second, 1 in flight", value: seen.changeAlone.toFixed(0) },
    { what: "pings a second, 64 in flight", value: seen.pingTogether.toFixed(0) },
    { what: "commands a second, 64 in flight", value: seen.changeTogether.toFixed(0) },
    { what: "commands / pings, 1 in flight", value: (seen.changeAlone / seen.pingAlone).toFixed(2) },
    ratioRow("commands / pings, 64 in flight", seen.changeTogether / seen.pingTogether, { atLeast: 0.6 }),
    { what: "the bot's processor time a ping, microseconds", value: median(pingCosts).toFixed(0) },
    { what: "the bot's processor time a command, microseconds", value: median(changeCosts).toFixed(0) },
  ];
}
