/** The configuration of a bot whose account is `hats`, for tests that start it within their own process. */
import type { Config, RoomConfig } from "../../src/config/config.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";

/** Where the bot connects; without a service, nowhere: the test brings a stream. */
interface Place {
  readonly domain: string;
  readonly service?: string;
}

/** What tests differ in. */
interface Part {
  /** The folder of the store. */
  readonly data: string;
  readonly rooms: readonly string[];
  /** In all of its rooms; `auto` by default. */
  readonly presence?: RoomConfig["presence"];
  readonly admins?: readonly string[];
}

/** What a test does not say is as most of them want it. */
export function configOfHats(
  { domain, service = "memory" }: Place,
  { data, rooms, presence = "auto", admins = [] }: Part,
): Config {
  return {
    jid: `hats@${domain}` as BareJid,
    password: "hats",
    passwordFrom: "the test",
    service,
    resource: "milliner",
    data,
    admins: admins as readonly BareJid[],
    rooms: rooms.map((jid) => ({ jid: jid as RoomJid, nick: "hats", presence })),
    ca: undefined,
    limits: {},
    logLevel: "warn",
  };
}
