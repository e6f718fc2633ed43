/**
 * The bot: configuration, store, desk, stream, rooms, commands and room presence, connected to each other.
 *
 * Nothing is decided here. What a lower part asks of a higher one, it asks through a port of its own, and this is
 * where the ports are filled.
 */
import { join } from "node:path";
import { answerPeople } from "./bot-answers.ts";
import { logChanges, logRooms } from "./bot-log.ts";
import { loadForms } from "./commands/texts/forms.ts";
import { type Config, type RoomConfig, usualNick } from "./config/config.ts";
import type { OperatorError } from "./core/errors.ts";
import { type Log, silentLog } from "./core/log.ts";
import type { Desk, DeskOptions } from "./desk/desk.ts";
import { openDesk } from "./desk/open-desk.ts";
import { openPresence, type Presence } from "./presence/presence.ts";
import { xml } from "./stanza/xml.ts";
import type { Clock } from "./core/clock.ts";
import { systemClock } from "./xmpp/system-clock.ts";
import { connect, type Connection } from "./xmpp/stream/connection.ts";
import { botCaps } from "./xmpp/answers/disco-responder.ts";
import { faultOf } from "./xmpp/stream/fault.ts";
import { announceChanges } from "./xmpp/muc/announcements.ts";
import { followAffiliations } from "./xmpp/muc/lost-affiliations.ts";
import { Requests } from "./xmpp/requests.ts";
import { openRoomMemory, ROOM_MEMORY, type RoomMemoryFile } from "./xmpp/muc/room-memory-file.ts";
import { Rooms } from "./xmpp/muc/rooms.ts";
import { SOFTWARE } from "./xmpp/answers/software.ts";
import type { Stream } from "./xmpp/stream/stream.ts";

/** A stream and how to end it in good order. */
export type BotStream = Stream & Pick<Connection, "stop">;

export interface BotOptions {
  readonly config: Config;
  /** Instead of a connection by the configuration, for tests. */
  readonly stream?: BotStream;
  /** What rooms and their presence go by; the machine's clock unless a test brings a faster one. */
  readonly clock?: Clock;
  /** The date and the timers by which hats lapse; the machine's unless a test brings others. */
  readonly time?: Pick<DeskOptions, "clock" | "now">;
  readonly log?: Log;
  /** Waits no longer for server and rooms when this resolves: the bot is then handed over to be stopped. */
  readonly stopAsked?: Promise<unknown>;
}

/** A bot whose rooms are each ready, suspended or refused. */
export interface Bot {
  /** The full JID: where the commands are. */
  readonly address: string;
  readonly desk: Desk;
  readonly rooms: Rooms;
  readonly presence: Presence;
  /** Rejects with an OperatorError when the bot cannot go on; never resolves. */
  readonly failed: Promise<never>;
  /** Answers what is under way, leaves, and puts the store in order. */
  stop(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** How long commands that are under way may still wait for rooms once the bot is told to stop. */
export const STOP_PATIENCE_MS = 5_000;
/* Every room may have its window of commands and its lists under way at the same time. */
const MAX_PENDING_REQUESTS = 100_000;
/* So many only wait at a time where much is told to rooms, or many rooms are entered or do not answer. */
const MANY_REQUESTS = 8;

/**
 * Starts the bot; resolves when every configured room was entered or refused, or when it is asked to stop.
 *
 * @throws OperatorError for a store or an account that cannot be used
 */
export async function startBot({
  config,
  stream,
  clock = systemClock,
  time = {},
  log = silentLog,
  stopAsked = new Promise(() => undefined),
}: BotOptions): Promise<Bot> {
  /* The desk is open before the first room is entered, so that nothing a room says is missed. */
  const desk = await openDesk({
    data: config.data,
    affiliations: {
      isKept: (room) => rooms.isKept(room),
      affiliation: (room, user) => rooms.affiliation(room, user),
      sureAffiliation: (room, user) => rooms.sureAffiliation(room, user),
      lastKnownAffiliation: (room, user) => rooms.lastKnownAffiliation(room, user),
    },
    attend: (room, changes, baseOf) => presence.attend(room, changes, baseOf),
    limits: config.limits,
    ...(config.history === undefined ? {} : { history: config.history }),
    log,
    ...time,
  });
  logChanges(desk, log);
  const memory = await openMemory(config, desk, log, clock);
  const ownStream = stream ?? connectAs(config, log, () => requests.pending >= MANY_REQUESTS);
  const failed = untilFatal(ownStream);
  const online = untilOnline(ownStream);
  const requests = new Requests(ownStream, {
    timeoutMs: REQUEST_TIMEOUT_MS,
    maxPending: MAX_PENDING_REQUESTS,
  });
  const rooms: Rooms = new Rooms({
    stream: ownStream,
    requests,
    log,
    rooms: keptRooms(config, desk),
    extras: () => [botCaps(SOFTWARE)],
    memory,
    archive: (room, why) => desk.archiveRoom(room, why),
    clock,
    random: Math.random,
  });
  const presence = showHats(config, rooms, desk, clock, log);
  const stopFollowing = followAffiliations({ rooms, desk, log, clock });
  const forms = loadForms();
  const stopAnnouncing = announceChanges({
    desk,
    rooms,
    langOf: (room) => rooms.link(room)?.lang ?? "",
    clock,
    phrases: (wanted) => forms.phrases(wanted),
    send: (message) => ownStream.send(message),
  });
  logRooms(rooms, log);
  announceBot(ownStream);
  const answering = answerPeople({
    config,
    stream: ownStream,
    requests,
    rooms,
    presence,
    desk,
    forms,
    log,
    clock,
  });

  const stop = async (): Promise<void> => {
    const callOff = clock.after(STOP_PATIENCE_MS, () => {
      requests.giveUp();
      rooms.giveUp();
    });
    await answering.close();
    callOff();
    await presence.settle();
    presence.close();
    stopFollowing();
    stopAnnouncing();
    rooms.leaveAll();
    await memory.close();
    await ownStream.stop();
    await desk.close();
  };
  const ready = Promise.all([online, rooms.settled]).then(() => true);
  const givenUp = stopAsked.then(() => false);
  let isReady: boolean;
  try {
    isReady = await Promise.race([ready, givenUp, failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  const address = ownStream.address ?? config.jid;
  if (isReady) log.info({ address, rooms: rooms.rooms().length }, "ready");
  return { address, desk, rooms, presence, failed, stop };
}

/* Only under the lock of the desk's store: another bot may still be writing it. */
async function openMemory(config: Config, desk: Desk, log: Log, clock: Clock): Promise<RoomMemoryFile> {
  try {
    return openRoomMemory(join(config.data, ROOM_MEMORY), log, clock);
  } catch (error) {
    await desk.close();
    throw error;
  }
}

function connectAs(config: Config, log: Log, isBusy: () => boolean): BotStream {
  const { jid, password, resource, service, ca } = config;
  return connect({ jid, password, resource, service, log, isBusy, ...(ca === undefined ? {} : { ca }) });
}

/* Those of the configuration first; one that stands there too is kept as it stands there. */
function keptRooms(config: Config, desk: Desk): readonly RoomConfig[] {
  const { rooms } = config;
  const configured = new Set(rooms.map(({ jid }) => jid));
  const added = [...desk.managedRooms()].filter(([jid]) => !configured.has(jid));
  return [
    ...rooms,
    ...added.map(([jid, { nick }]) => ({ jid, nick: nick ?? usualNick(config), presence: "auto" as const })),
  ];
}

function showHats(config: Config, rooms: Rooms, desk: Desk, clock: Clock, log: Log): Presence {
  const presence = openPresence({ keeping: desk, timing: { clock, random: Math.random }, log });
  for (const room of keptRooms(config, desk)) {
    const link = rooms.link(room.jid);
    if (link !== undefined) presence.addRoom(link, room.presence);
  }
  return presence;
}

function announceBot(stream: Stream): void {
  stream.on("online", () => stream.send(xml("presence", {}, botCaps(SOFTWARE))));
}

/* With no room to enter, this alone says that the account could be used. */
function untilOnline(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.online) resolve();
    stream.on("online", () => resolve());
  });
}

function untilFatal(stream: Stream): Promise<never> {
  const failed = new Promise<never>((_, reject: (fault: OperatorError) => void) => {
    stream.on("fatal", (reason) => reject(faultOf(reason)));
  });
  /* Whoever waits for it gets the rejection; that nobody does yet is no crash. */
  failed.catch(() => undefined);
  return failed;
}
