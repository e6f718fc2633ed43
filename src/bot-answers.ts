/**
 * What people and scripts ask of the bot, by IQ, in the chat or by following it: connected to the desk and its rooms.
 *
 * Nothing is decided here, as in bot.ts, of which it is a part.
 */
import { Chat } from "./commands/chat/chat.ts";
import { valueCheck } from "./commands/chat/value-check.ts";
import { Engine } from "./commands/engine/engine.ts";
import { commandsOf } from "./commands/registry.ts";
import type { Forms } from "./commands/texts/forms.ts";
import { type Config, usualNick } from "./config/config.ts";
import type { Clock } from "./core/clock.ts";
import type { Log } from "./core/log.ts";
import type { Desk } from "./desk/desk.ts";
import type { Presence } from "./presence/presence.ts";
import { commandRoute } from "./xmpp/answers/adhoc.ts";
import type { Answering } from "./xmpp/answers/answering.ts";
import { answerChats } from "./xmpp/answers/chat-responder.ts";
import { discoRoutes } from "./xmpp/answers/disco-responder.ts";
import { answerIqs } from "./xmpp/answers/iq-responder.ts";
import { isInRoom } from "./xmpp/answers/requester.ts";
import { SOFTWARE } from "./xmpp/answers/software.ts";
import { Subscriptions } from "./xmpp/answers/subscriptions.ts";
import { caretaker } from "./xmpp/muc/caretaker.ts";
import type { Rooms } from "./xmpp/muc/rooms.ts";
import type { Requests } from "./xmpp/requests.ts";
import type { Stream } from "./xmpp/stream/stream.ts";

/** What answers are made of. */
export interface AnswerParts {
  readonly config: Config;
  readonly stream: Stream;
  readonly requests: Requests;
  readonly rooms: Rooms;
  readonly presence: Presence;
  readonly desk: Desk;
  readonly forms: Forms;
  readonly log: Log;
  readonly clock: Clock;
}

/** What people ask of the bot, until it is closed. */
export interface PeopleDesk {
  /** Refuses commands from now on, and looks after nobody; resolves when everything that came before has its answer. */
  close(): Promise<void>;
}

/** Answers people from now on: commands, the chat, disco and subscriptions. */
export function answerPeople({
  config,
  stream,
  requests,
  rooms,
  presence,
  desk,
  forms,
  log,
  clock,
}: AnswerParts): PeopleDesk {
  const admins = new Set(config.admins);
  const care = caretaker({ rooms, presence, configured: config.rooms, usualNick: usualNick(config) });
  const services = { desk, rooms, care, admins };
  const commands = commandsOf(services);
  const engine = new Engine({ commands, forms });
  const subscriptions = new Subscriptions({ stream, requests, rooms, admins, log, clock });
  const disco = discoRoutes({ engine, rooms, stream, software: SOFTWARE });
  const isWaiting = (): boolean => rooms.rooms().some((room) => rooms.isComing(room));
  const chat = new Chat({ engine, forms, check: valueCheck(desk), log, isWaiting });
  const routes = [commandRoute(engine, rooms), subscriptions.route, ...disco];
  const answerings: readonly Answering[] = [
    answerIqs(
      stream,
      routes,
      log,
      (wanted) => forms.phrases(wanted),
      (address) => isInRoom(rooms, address),
    ),
    answerChats({ chat, stream, rooms, log }),
  ];
  return {
    async close() {
      engine.close();
      subscriptions.close();
      await Promise.all(answerings.map((answering) => answering.untilAnswered()));
    },
  };
}
