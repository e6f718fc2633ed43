/** What a lab is asked for: a server, people, rooms, and the desk. */
import type { BotOptions } from "../bot.ts";
import type { Limits } from "../core/limits.ts";
import type { RoomAffiliation, RoomConfiguration } from "./room-actions.ts";
import type { ServerKind, ServerSoftware } from "./server-kind.ts";
import type { ServerSettings } from "./server-software.ts";

/** A room that is there when the lab is; people are named by their user names. */
export interface LabRoom {
  /** Creates the room. */
  readonly owner: string;
  readonly admins?: readonly string[];
  readonly members?: readonly string[];
  readonly outcasts?: readonly string[];
  /** People who are in the room without an affiliation. */
  readonly guests?: readonly string[];
  /** Fields of the room's configuration form; it is persistent in any case. */
  readonly configuration?: RoomConfiguration;
  /** What the desk is in the room; default owner. A room where it is `none` is not kept by it. */
  readonly desk?: Exclude<RoomAffiliation, "outcast">;
}

/** How the desk is set up. */
export interface LabDesk extends Pick<BotOptions, "clock" | "log" | "time"> {
  /** Its nick in all rooms; default `hats`. */
  readonly nick?: string;
  /** User names of people who may do everything in every room. */
  readonly admins?: readonly string[];
  readonly limits?: Partial<Limits>;
}

/** What a lab is made of; everything has a default. */
export interface LabSettings<RoomName extends string = string> {
  /** A kind of server, or a software of whatever release is installed; default Prosody, else ejabberd. */
  readonly server?: ServerKind | ServerSoftware;
  /** Anything else that startServer takes. */
  readonly serverSettings?: Omit<ServerSettings, "kind">;
  /** Rooms by name; everybody who is named in them gets an account, is connected, and is in the room but outcasts. */
  readonly rooms?: Readonly<Record<RoomName, LabRoom>>;
  /** More people: they have an account and are connected, but in no room. */
  readonly people?: readonly string[];
  /** User names that get an account, with the name as password, and are not connected: those of the bots under test. */
  readonly accounts?: readonly string[];
  /** Whether rooms show hats themselves, in the wearer's presence; else the desk tells them in its own. Default true. */
  readonly roomHats?: boolean;
  /** False: no desk at all. */
  readonly desk?: LabDesk | false;
}

/** Who is named in a room, with their affiliation there, the owner left out. */
export function affiliationsIn(room: LabRoom): (readonly [name: string, affiliation: RoomAffiliation])[] {
  const { admins = [], members = [], outcasts = [] } = room;
  return [
    ...admins.map((name) => [name, "admin"] as const),
    ...members.map((name) => [name, "member"] as const),
    ...outcasts.map((name) => [name, "outcast"] as const),
  ];
}

/** Who is in a room from the start. */
export function occupantsOf({ owner, admins = [], members = [], guests = [] }: LabRoom): string[] {
  return [owner, ...admins, ...members, ...guests];
}
