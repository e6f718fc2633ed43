/**
 * The real bot on a server in memory, with rooms and somebody of every role, and what they get in answer to commands.
 *
 * Rooms: `team` and `other`, in which everybody is the same; `foreign`, in which nobody is anything; `nowhere` is not kept.
 */
import { buildCommandRequest, findCommand, parseCommandResponse } from "../../src/stanza/command.ts";
import { buildDiscoQuery, parseDiscoItems } from "../../src/stanza/disco.ts";
import { NS_COMMANDS, NS_DISCO_ITEMS } from "../../src/stanza/namespaces.ts";
import { parseStanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import type { TestClient } from "../../src/testing/index.ts";
import { memoryWorld } from "./conversation-memory-world.ts";
import { formIn, type Received, submission, tableIn, type Values } from "./engine.ts";
import type { Role } from "./interface-table.ts";

/** A hat that the delegate may give in `team` and `other`. */
export const DELEGATED = "urn:x:teacher";

/** Where commands are: at the bot's own address, or at its place in the room `team`. */
export type Place = "desk" | "room";

/** A request; `action` may be one that does not exist. */
export interface Request {
  readonly node: string;
  readonly sessionid?: string;
  readonly action?: string;
  readonly lang?: string;
  /** A filled form, or none at all. */
  readonly form?: Values | undefined;
  readonly formType?: "cancel" | "submit";
}

/** The desk and everybody around it. */
export interface RunningDesk {
  readonly rooms: Readonly<Record<"foreign" | "nowhere" | "other" | "team", string>>;
  /** The bare JID of whoever has this role. */
  readonly jid: (role: Role) => string;
  /** Sends a command. */
  ask(role: Role, request: Request, place?: Place): Promise<Received>;
  /** The names of the commands that disco lists, by node. */
  listed(role: Role, place?: Place): Promise<Map<string, string>>;
  /** Gives `team` the hats and rights back that it had in the beginning. */
  reset(): Promise<void>;
  /** The number of the last change in `team`. */
  lastChange(): Promise<string>;
  close(): Promise<void>;
}

const AFFILIATIONS = {
  owner: "owner",
  admin: "admin",
  delegate: "member",
  member: "member",
  outcast: "outcast",
} as const;

const PRESENT: readonly Role[] = ["operator", "owner", "admin", "delegate", "member", "none"];

/** Starts the bot, lets everybody in, and delegates one hat; `members` more are members of `team`. */
export async function openRunningDesk(members: readonly string[] = []): Promise<RunningDesk> {
  const world = memoryWorld({ hats: true });
  const roomOf = (name: string): string => `${name}@${world.mucService}`;
  const jid = (role: Role): string => `${role}@${world.domain}`;
  const rooms = {
    team: roomOf("team"),
    other: roomOf("other"),
    foreign: roomOf("foreign"),
    nowhere: roomOf("nowhere"),
  };
  const maker = await world.connect("hats", "maker");
  for (const room of [rooms.team, rooms.other, rooms.foreign]) {
    await maker.createRoom(room, "hats", {});
    if (room !== rooms.foreign) {
      for (const [role, affiliation] of Object.entries(AFFILIATIONS))
        await maker.setAffiliation(room, jid(role as Role), affiliation);
    }
    await maker.leave(room, "hats");
  }
  for (const member of members) await maker.setAffiliation(rooms.team, `${member}@${world.domain}`, "member");
  await maker.close();
  const bot = await world.startBot({
    user: "hats",
    nick: "hats",
    rooms: [rooms.team, rooms.other, rooms.foreign],
    admins: [jid("operator")],
  });
  const clients = new Map<Role, TestClient>();
  const clientOf = async (role: Role): Promise<TestClient> => {
    const client = clients.get(role) ?? (await world.connect(role, "client"));
    clients.set(role, client);
    return client;
  };
  for (const role of PRESENT) await (await clientOf(role)).join(rooms.team, role);
  let beginning: readonly string[] = [];
  const addressOf = (place: Place): string => (place === "desk" ? bot.address : `${rooms.team}/hats`);

  const desk: RunningDesk = {
    rooms,
    jid,
    async ask(role, request, place = "desk") {
      const iq = xml("iq", { type: "set", to: addressOf(place) }, buildRequest(request));
      return receivedIn(await (await clientOf(role)).request(iq));
    },
    async listed(role, place = "desk") {
      const query = buildDiscoQuery(NS_DISCO_ITEMS, NS_COMMANDS);
      const answer = await (await clientOf(role)).demand(
        xml("iq", { type: "get", to: addressOf(place) }, query),
      );
      const items = parseDiscoItems(answer.getChild("query", NS_DISCO_ITEMS) ?? query);
      return new Map(items.map(({ node = "", name = "" }) => [node, name]));
    },
    async reset() {
      /* An import leaves the hats that the room knows as they are; this one may be gone already. */
      await desk.ask("owner", { node: "retire-hat", form: { room: rooms.team, hat: DELEGATED } });
      const form = { room: rooms.team, document: beginning, mode: "replace" };
      const { error } = await desk.ask("owner", { node: "import-hats", form });
      if (error !== undefined) throw new Error(error);
    },
    async lastChange() {
      const history = await desk.ask("owner", { node: "hat-history", form: { room: rooms.team } });
      return tableIn(history).rows[0]?.at(-1) ?? "";
    },
    async close() {
      for (const client of clients.values()) await client.close();
      await bot.stop();
    },
  };
  for (const room of [rooms.team, rooms.other]) await delegate(desk, room);
  const copy = await desk.ask("owner", { node: "export-hats", form: { room: rooms.team } });
  beginning = formIn(copy).fields.find((field) => field.var === "document")?.values ?? [];
  return desk;
}

/** The session that an answer belongs to. */
export function sessionOf({ response }: Received): string {
  if (response === undefined) throw new Error("the answer is an error");
  return response.sessionid;
}

async function delegate(desk: RunningDesk, room: string): Promise<void> {
  const user = desk.jid("delegate");
  for (const [node, form] of Object.entries({
    "add-user-hat": { room, user, hat: DELEGATED, title: "Teacher" },
    "delegate-hat": { room, user, hat: DELEGATED },
  })) {
    const { error } = await desk.ask("operator", { node, form });
    if (error !== undefined) throw new Error(`${node}: ${error}`);
  }
}

function buildRequest({ form, formType, action, ...request }: Request): Element {
  const x = form && submission(form);
  if (x !== undefined && formType !== undefined) x.attrs["type"] = formType;
  const command = buildCommandRequest(request, x);
  if (action !== undefined) command.attrs["action"] = action;
  return command;
}

function receivedIn(answer: Element): Received {
  if (answer.attrs["type"] === "error") {
    const { type, condition, application, text } = parseStanzaError(answer);
    const specific = application === undefined ? "" : ` + ${application}`;
    return { response: undefined, error: `${type}/${condition}${specific}: ${text}`, xml: answer };
  }
  const command = findCommand(answer);
  return { response: command && parseCommandResponse(command), error: undefined, xml: answer };
}
