/**
 * Rooms with the Prosody companion module, their commands (XEP-0317 0.3.1) and what their presence shows.
 *
 * Leaves out everything of Milliner itself: the module is tested by plain clients.
 */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer, type ServerKind, type TestClient, type TestServer } from "../../src/testing/index.ts";
import { xml, type Element } from "../../src/stanza/xml.ts";

/** The releases that the module is written for. */
export const MODULE_KINDS: readonly ServerKind[] = ["prosody-0.12", "prosody-13"];

export const NS_COMMANDS = "http://jabber.org/protocol/commands";
export const NS_DATA_FORM = "jabber:x:data";
export const NS_HATS = "urn:xmpp:hats:0";
export const NS_HATS_LEGACY = "xmpp:prosody.im/protocol/hats:1";
export const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";

const MODULE_FOLDER = fileURLToPath(new URL("../../src/prosody", import.meta.url));

/** What a test may add to the server. */
export interface HatServerSettings {
  readonly kind: ServerKind;
  /** Lines of configuration for the MUC component. */
  readonly lines?: readonly string[];
  /** The Lua text of one more module for the MUC component. */
  readonly otherModule?: string;
}

/** Starts Prosody with the companion module on its MUC component. */
export async function startHatServer(settings: HatServerSettings): Promise<TestServer> {
  const { kind, lines = [], otherModule = "" } = settings;
  const folder = await mkdtemp(join(tmpdir(), "milliner-other-module-"));
  await writeFile(join(folder, "mod_other.lua"), otherModule);
  const pluginFolders = [MODULE_FOLDER, folder];
  const mucModules = ["muc_hats_commands", "other"];
  const server = await startServer({ kind, prosody: { pluginFolders, mucModules, mucLines: lines } });
  return {
    ...server,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A field's one value, or its several. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** Attributes of the command besides its node; absent ones are not sent. */
export type CommandAttributes = Readonly<Record<string, string>>;

/** A hats command as one step: with fields, the filled form is in it. */
export function hatsCommand(
  room: string,
  node: string,
  fields?: Fields,
  attributes: CommandAttributes = {},
): Element {
  const x = fields && xml("x", { xmlns: NS_DATA_FORM, type: "submit" }, Object.entries(fields).map(field));
  const command = { xmlns: NS_COMMANDS, node: `urn:xmpp:hats:commands:${node}`, ...attributes };
  return xml("iq", { type: "set", to: room }, xml("command", command, x));
}

function field([name, value]: readonly [string, string | readonly string[]]): Element {
  const values = typeof value === "string" ? [value] : value;
  return xml(
    "field",
    { var: name },
    values.map((text) => xml("value", {}, text)),
  );
}

/** The `<command/>` of an answer. */
export function commandOf(answer: Element): Element {
  const command = answer.getChild("command", NS_COMMANDS);
  if (command === undefined) throw new Error(`no command in ${String(answer)}`);
  return command;
}

/** One person's way to the commands of one room; each rejects when the room refuses. */
export interface HatAdmin {
  create: (uri: string, title: string, hue?: string) => Promise<Element>;
  destroy: (uri: string) => Promise<Element>;
  assign: (jid: string, uri: string) => Promise<Element>;
  unassign: (jid: string, uri: string) => Promise<Element>;
  /** `title uri hue` of each hat, in the room's order. */
  list: () => Promise<string[]>;
  /** `jid uri title hue` of each assigned hat, in the room's order. */
  listAssigned: () => Promise<string[]>;
}

/** Lets a person manage the hats of a room by its commands. */
export function hatAdmin(person: TestClient, room: string): HatAdmin {
  const run = async (node: string, fields?: Fields): Promise<Element> =>
    commandOf(await person.demand(hatsCommand(room, node, fields)));
  return {
    create: (uri, title, hue) =>
      run("create", {
        "hats#uri": uri,
        "hats#title": title,
        ...(hue === undefined ? {} : { "hats#hue": hue }),
      }),
    destroy: (uri) => run("destroy", { "hats#uri": uri }),
    assign: (jid, uri) => run("assign", { "hats#jid": jid, "hats#uri": uri }),
    unassign: (jid, uri) => run("unassign", { "hats#jid": jid, "hats#uri": uri }),
    list: async () => rowsOf(await run("list"), ["title", "uri", "hue"]),
    listAssigned: async () => rowsOf(await run("list-assigned"), ["jid", "uri", "title", "hue"]),
  };
}

function rowsOf(command: Element, columns: readonly string[]): string[] {
  const items = command.getChild("x", NS_DATA_FORM)?.getChildren("item") ?? [];
  return items.map((item) => {
    const cells = new Map(
      item.getChildren("field").map((f) => [f.attrs.var as string, f.getChildText("value")]),
    );
    return columns
      .map((name) => cells.get(`hats#${name}`) ?? "")
      .join(" ")
      .trim();
  });
}

/** A refusal in one line: `type/condition`, XEP-0050's own condition if there is one, and the text. */
export function refusalOf(answer: Element): string {
  const error = answer.getChild("error");
  if (error === undefined) return `not refused: ${String(answer)}`;
  const names = error.children.filter((child): child is Element => typeof child !== "string");
  const condition = names.find((child) => child.attrs.xmlns === NS_STANZAS && child.name !== "text");
  const specific = names.find((child) => child.attrs.xmlns === NS_COMMANDS);
  const text = error.getChildText("text", NS_STANZAS);
  const kind = `${error.attrs.type}/${condition?.name}`;
  return kind + (specific === undefined ? "" : `+${specific.name}`) + (text === null ? "" : ` ${text}`);
}

/** The hats that a presence shows, as `title uri hue` each, in the order they stand in. */
export function shownHats(presence: Element, xmlns = NS_HATS): string[] {
  const all = presence.getChildren("hats", xmlns);
  if (all.length > 1) throw new Error(`hats twice in ${String(presence)}`);
  const hats = all[0]?.getChildren("hat") ?? [];
  return hats.map(({ attrs }) => `${attrs.title} ${attrs.uri} ${attrs.hue ?? ""}`.trim());
}

/** Everything that a person got from a room while something happened, and not a stanza of what comes later. */
export async function receivedDuring(
  person: TestClient,
  room: string,
  action: () => Promise<unknown>,
): Promise<Element[]> {
  await roundTrip(person, room);
  const before = person.received.length;
  await action();
  const answer = await roundTrip(person, room);
  return person.received.slice(before).filter((stanza) => stanza !== answer);
}

/** Whatever the room sent before is there when this resolves: a stream keeps its order. */
function roundTrip(person: TestClient, room: string): Promise<Element> {
  const query = xml("query", { xmlns: "http://jabber.org/protocol/disco#info" });
  return person.demand(xml("iq", { type: "get", to: room }, query));
}

/** The presences of one occupant among what somebody got. */
export function presencesOf(received: readonly Element[], occupant: string): Element[] {
  return received.filter((stanza) => stanza.name === "presence" && stanza.attrs.from === occupant);
}

/** Asks all of this of the server in one turn of its event loop: it is frozen until everything has been sent. */
export async function inOneTurn(
  server: TestServer,
  person: TestClient,
  requests: readonly Element[],
): Promise<Element[]> {
  server.freeze();
  const answers = requests.map((request) => person.request(request));
  await person.send(xml("presence"));
  server.thaw();
  return Promise.all(answers);
}

/** The folder that Prosody keeps the rooms of a server in, a file each. */
export function folderOfRooms(server: TestServer): string {
  return join(server.dir, "data", server.mucService.replaceAll(".", "%2e"), "config");
}

/** Runs while no room can be saved. */
export async function withoutSaving(server: TestServer, action: () => Promise<unknown>): Promise<void> {
  const folder = folderOfRooms(server);
  await rename(folder, `${folder}.away`);
  await writeFile(folder, "in the way");
  try {
    await action();
  } finally {
    await rm(folder);
    await rename(`${folder}.away`, folder);
  }
}

/** Somebody's own room with them and a member in it, who wears Teacher and Assistant. */
export async function roomWithWearer(
  server: TestServer,
  name: string,
  owner: TestClient,
  member: TestClient,
  configuration = {},
): Promise<{ room: string; hats: HatAdmin }> {
  const room = server.room(name);
  await owner.createRoom(room, "olga", configuration);
  await owner.setAffiliation(room, member.bareJid, "member");
  await member.join(room, "carol");
  const hats = hatAdmin(owner, room);
  await hats.create("urn:x:t", "Teacher", "171.430664");
  await hats.create("urn:x:a", "Assistant");
  for (const uri of ["urn:x:t", "urn:x:a"]) await hats.assign(member.bareJid, uri);
  return { room, hats };
}
