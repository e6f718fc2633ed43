/**
 * A lab: a private server, people, rooms and a desk on a temporary store, up by one call and ended by one.
 *
 * For the integration tests of other bots, and for our own. Leaves out rules about what is tested: it hands out the
 * server, the people and the desk, and they are played as in any test.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bot, startBot } from "../bot.ts";
import { loadConfig } from "../config/config.ts";
import { explainInEnglish } from "../core/explanations.ts";
import { type Log, silentLog } from "../core/log.ts";
import type { IqSender } from "../xmpp/adhoc-client.ts";
import type { IqSenderOptions } from "../xmpp/iq-sender.ts";
import { chooseKind } from "./installation.ts";
import { assertNames, DESK } from "./lab-names.ts";
import { affiliationsIn, type LabDesk, type LabRoom, type LabSettings, occupantsOf } from "./lab-settings.ts";
import { senderOf } from "./person-sender.ts";
import { startServer, type TestServer } from "./server.ts";
import type { ServerKind } from "./server-kind.ts";
import { connectClient, type TestClient } from "./test-client.ts";

/** Everything that is up. */
export interface Lab<RoomName extends string = string> extends AsyncDisposable {
  readonly server: TestServer;
  /** The desk's full JID: where its commands are. */
  readonly desk: string;
  /** The desk itself; throws where the lab was asked for none. */
  readonly bot: Bot;
  /** The JID of a room. */
  room(name: RoomName): string;
  /** Somebody who is connected. */
  person(name: string): TestClient;
  /** Somebody as `milliner/adhoc` takes them; an answer is waited for 30 s, unless said otherwise. */
  sender(name: string, options?: IqSenderOptions): IqSender;
  /** The bare JID of anybody here. */
  jid(name: string): string;
  /** Ends all of it; rejects where the desk had logged an error, which is a bug of its own. */
  stop(): Promise<void>;
}

const RESOURCE = "milliner";
const LAB_FILE = "the lab's configuration";
/* The same from the sources and from the package, which has the module where the sources have it. */
const MODULE_FOLDER = fileURLToPath(new URL("../../src/prosody", import.meta.url));

/** Puts a lab up; rejects with what is wrong, such as a server that is not installed, and leaves nothing behind then. */
export async function startLab<RoomName extends string = never>(
  settings: LabSettings<RoomName> = {},
): Promise<Lab<RoomName>> {
  assertNames(settings);
  const kind = await chooseKind(settings.server);
  const server = await startServer({ kind, ...serverSettings(kind, settings) });
  const people = new Map<string, TestClient>();
  const problems: string[] = [];
  let bot: Bot | undefined;
  let stopped: Promise<void> | undefined;

  const end = async (): Promise<void> => {
    try {
      await bot?.stop();
      await Promise.all([...people.values()].map((person) => person.close()));
    } finally {
      await server.stop();
    }
    if (problems.length > 0) throw new Error(`the desk logged:\n${problems.join("\n")}`);
  };
  const stop = (): Promise<void> => (stopped ??= end());
  try {
    await peopleTheServer(server, settings, people);
    bot = await openRooms(server, settings, people, problems);
    if (bot !== undefined) assertInRooms(bot);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  const person = (name: string): TestClient => personOf(people, name);
  return {
    server,
    desk: `${DESK}@${server.domain}/${RESOURCE}`,
    get bot() {
      if (bot === undefined) throw new Error("this lab has no desk");
      return bot;
    },
    room: (name) => server.room(name),
    person,
    sender: (name, options) => senderOf(person(name), options),
    jid: (name) => `${name}@${server.domain}`,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function serverSettings(kind: ServerKind, { serverSettings = {}, roomHats = true }: LabSettings) {
  const { prosody, ejabberd, ...others } = serverSettings;
  if (kind.startsWith("ejabberd")) {
    const roomOptions = { enable_hats: roomHats, ...ejabberd?.roomOptions };
    return { ...others, ejabberd: { ...ejabberd, roomOptions } };
  }
  if (!roomHats) return serverSettings;
  const pluginFolders = [MODULE_FOLDER, ...(prosody?.pluginFolders ?? [])];
  const mucModules = ["muc_hats_commands", ...(prosody?.mucModules ?? [])];
  return { ...others, prosody: { ...prosody, pluginFolders, mucModules } };
}

function roomsOf({ rooms }: LabSettings): [name: string, room: LabRoom][] {
  return Object.entries<LabRoom>(rooms ?? {});
}

async function peopleTheServer(
  server: TestServer,
  settings: LabSettings,
  people: Map<string, TestClient>,
): Promise<void> {
  const inRooms = roomsOf(settings).flatMap(([, room]) => [...occupantsOf(room), ...(room.outcasts ?? [])]);
  const accounts = new Set(settings.accounts);
  const names = new Set([...inRooms, ...(settings.people ?? []), ...accounts]);
  await Promise.all(
    [...(settings.desk === false ? [] : [DESK]), ...names].map(async (user) => {
      await server.register(user, user);
      if (names.has(user) && !accounts.has(user)) people.set(user, await connectClient({ server, user }));
    }),
  );
}

async function openRooms(
  server: TestServer,
  settings: LabSettings,
  people: ReadonlyMap<string, TestClient>,
  problems: string[],
): Promise<Bot | undefined> {
  const { desk = {} } = settings;
  const rooms = roomsOf(settings);
  const standingOfDesk = ({ desk: standing = "owner" }: LabRoom) => (desk === false ? "none" : standing);
  await Promise.all(
    rooms.map(([name, room]) => openRoom(server, name, { ...room, desk: standingOfDesk(room) }, people)),
  );
  const bot = desk === false ? undefined : await startDesk(server, settings, desk, problems);
  /* What they were told on the way in would hide what comes from now on. */
  for (const person of people.values()) person.forget();
  return bot;
}

async function openRoom(
  server: TestServer,
  name: string,
  room: LabRoom,
  people: ReadonlyMap<string, TestClient>,
): Promise<void> {
  const jid = server.room(name);
  const owner = personOf(people, room.owner);
  const configuration = { "muc#roomconfig_persistentroom": true, ...room.configuration };
  await owner.createRoom(jid, room.owner, configuration);
  const affiliations = [...affiliationsIn(room), [DESK, room.desk ?? "owner"] as const];
  for (const [user, affiliation] of affiliations) {
    if (affiliation !== "none") await owner.setAffiliation(jid, `${user}@${server.domain}`, affiliation);
  }
  for (const user of occupantsOf(room)) if (user !== room.owner) await people.get(user)?.join(jid, user);
}

function startDesk(
  server: TestServer,
  settings: LabSettings,
  { nick = DESK, admins = [], limits = {}, log, ...machine }: LabDesk,
  problems: string[],
): Promise<Bot> {
  const kept = roomsOf(settings).filter(([, room]) => room.desk !== "none");
  const config = {
    jid: `${DESK}@${server.domain}`,
    password: DESK,
    resource: RESOURCE,
    service: server.tlsService ?? server.service,
    ...(server.caPath === undefined ? {} : { ca: server.caPath }),
    /* In the server's folder, which is removed with it, also where this process is killed. */
    data: join(server.dir, "desk"),
    admins: admins.map((name) => `${name}@${server.domain}`),
    limits,
    rooms: kept.map(([name]) => ({ jid: server.room(name), nick })),
  };
  const read = (path: string): string =>
    path === LAB_FILE ? JSON.stringify(config) : readFileSync(path, "utf8");
  return startBot({
    ...machine,
    config: loadConfig({ file: LAB_FILE, env: {}, read }),
    log: log ?? bugLog(problems),
  });
}

/* A desk of a configuration goes on without a room that refused it; here that is a mistake of the test's. */
function assertInRooms({ rooms }: Bot): void {
  for (const room of rooms.rooms()) {
    const { state, why } = rooms.status(room) ?? {};
    if (state === "ready") continue;
    throw new Error(
      `the desk is not in ${room} (${state}): ${why ? explainInEnglish(why) : "it does not say why"}`,
    );
  }
}

function personOf(people: ReadonlyMap<string, TestClient>, name: string): TestClient {
  const person = people.get(name);
  if (person === undefined) {
    throw new Error(`nobody called ${name} is connected; connected are ${[...people.keys()].join(", ")}`);
  }
  return person;
}

/* What the desk logs as an error is a bug or a broken machine, and no test is about those. */
function bugLog(problems: string[]): Log {
  return {
    ...silentLog,
    error(fields, message) {
      const cause = fields["err"] ?? fields["error"] ?? fields["cause"];
      const detail = cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(fields);
      problems.push(`${message} ${detail}`);
    },
  };
}
