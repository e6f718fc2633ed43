/**
 * The hats of a room of the server in memory, managed by the room's own commands.
 *
 * XEP-0317 0.3.1, sections 3.1 to 3.7, for owners and admins of the room; each command takes the filled form at once
 * or asks for it. A stand-in for ejabberd 26 and for Prosody with our module, on which the same conversations are
 * played. Leaves out sessions, limits and values that are no URI.
 */
import { xml, type Element } from "../../src/stanza/xml.ts";
import { bareOf, type Session } from "./memory-server-session.ts";
import { refusal, result } from "./memory-server-replies.ts";

/** What the hats need of their room. */
interface HatRoom {
  readonly jid: string;
  affiliationOf(bareJid: string): string;
  /** Shows everybody all presences of one person. */
  showPerson(bareJid: string): void;
  announce(...codes: readonly string[]): void;
}

interface Hat {
  readonly title: string;
  readonly hue: string | undefined;
}

interface Command {
  readonly name: string;
  /** Vars of the form, in its order; none for the lists. */
  readonly fields: readonly string[];
  /** Does it and gives the table, if there is one; undefined instead where the values do not fit. */
  readonly run: (values: ReadonlyMap<string, string>) => readonly Element[] | undefined;
}

const NS_HATS = "urn:xmpp:hats:0";
const NS_COMMANDS = "http://jabber.org/protocol/commands";
const NS_DATA_FORM = "jabber:x:data";
const NS_DISCO_INFO = "http://jabber.org/protocol/disco#info";
const NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
const FORM_TYPE = "urn:xmpp:hats:commands";
const [JID, URI, TITLE, HUE] = ["hats#jid", "hats#uri", "hats#title", "hats#hue"] as const;

/** The catalogue of a room, and who wears what of it. */
export class MemoryRoomHats {
  readonly #room: HatRoom;
  readonly #catalogue = new Map<string, Hat>();
  readonly #assigned = new Map<string, Set<string>>();
  readonly #commands: ReadonlyMap<string, Command>;

  constructor(room: HatRoom) {
    this.#room = room;
    const commands: Record<string, Command> = {
      create: { name: "Create a hat", fields: [TITLE, URI, HUE], run: (values) => this.#create(values) },
      destroy: { name: "Destroy a hat", fields: [URI], run: (values) => this.#destroy(values) },
      assign: { name: "Assign a hat", fields: [JID, URI], run: (values) => this.#assign(values) },
      unassign: { name: "Unassign a hat", fields: [JID, URI], run: (values) => this.#unassign(values) },
      list: { name: "List hats", fields: [], run: () => [this.#tableOfHats()] },
      "list-assigned": { name: "List assigned hats", fields: [], run: () => [this.#tableOfWearers()] },
    };
    this.#commands = new Map(
      Object.entries(commands).map(([name, command]) => [`${FORM_TYPE}:${name}`, command]),
    );
  }

  /** The payload that the room adds to a wearer's presence. */
  worn(bareJid: string): Element | undefined {
    const hats = [...(this.#assigned.get(bareJid) ?? [])]
      .toSorted()
      .map((uri) => xml("hat", { uri, ...this.#catalogue.get(uri) }));
    return hats.length === 0 ? undefined : xml("hats", { xmlns: NS_HATS }, ...hats);
  }

  /** Answers disco#items on the node of the commands. */
  list(from: Session, request: Element): Element {
    if (!this.#mayManage(from)) return refusal(request, "cancel", "item-not-found");
    const items = [...this.#commands].map(([node, { name }]) =>
      xml("item", { jid: this.#room.jid, node, name }),
    );
    return result(request, xml("query", { xmlns: NS_DISCO_ITEMS, node: NS_COMMANDS }, ...items));
  }

  /** Answers disco#info on the node of one command. */
  describe(from: Session, request: Element, { attrs }: Element): Element {
    const node = String(attrs["node"]);
    const command = this.#commands.get(node);
    if (command === undefined || !this.#mayManage(from)) return refusal(request, "cancel", "item-not-found");
    const identity = xml("identity", {
      category: "automation",
      type: "command-node",
      name: command.name,
    });
    const features = [NS_COMMANDS, NS_DATA_FORM].map((name) => xml("feature", { var: name }));
    return result(request, xml("query", { xmlns: NS_DISCO_INFO, node }, identity, ...features));
  }

  /** Runs a command, or asks for its form. */
  run(from: Session, request: Element, given: Element): Element {
    const node = String(given.attrs["node"]);
    const command = this.#commands.get(node);
    if (command === undefined) return refusal(request, "cancel", "item-not-found");
    if (!this.#mayManage(from)) return refusal(request, "auth", "forbidden");
    const form = given.getChild("x", NS_DATA_FORM);
    const answer = (status: string, ...payload: readonly Element[]): Element =>
      result(request, xml("command", { xmlns: NS_COMMANDS, node, sessionid: "s", status }, ...payload));
    if (given.attrs["action"] === "cancel") return answer("canceled");
    if (command.fields.length > 0 && form === undefined) return answer("executing", this.#form(command));
    const done = command.run(form === undefined ? new Map() : readValues(form));
    return done === undefined ? refusal(request, "modify", "bad-request") : answer("completed", ...done);
  }

  #mayManage({ bareJid }: Session): boolean {
    const affiliation = this.#room.affiliationOf(bareJid);
    return affiliation === "owner" || affiliation === "admin";
  }

  #form({ name, fields }: Command): Element {
    const formType = xml("field", { var: "FORM_TYPE", type: "hidden" }, xml("value", {}, FORM_TYPE));
    const asked = fields.map((field) =>
      xml(
        "field",
        { var: field, type: field === JID ? "jid-single" : "text-single", label: field },
        field === HUE ? undefined : xml("required"),
      ),
    );
    return xml("x", { xmlns: NS_DATA_FORM, type: "form" }, xml("title", {}, name), formType, ...asked);
  }

  #create(values: ReadonlyMap<string, string>): readonly Element[] | undefined {
    const [uri, title, hue] = [values.get(URI), values.get(TITLE), values.get(HUE)];
    if (uri === undefined || title === undefined) return undefined;
    const known = this.#catalogue.get(uri);
    if (known?.title === title && known.hue === hue) return [];
    this.#catalogue.set(uri, { title, hue });
    this.#showWearersOf(uri);
    this.#room.announce("104");
    return [];
  }

  #destroy(values: ReadonlyMap<string, string>): readonly Element[] | undefined {
    const uri = values.get(URI);
    if (uri === undefined) return undefined;
    const wearers = [...this.#assigned].filter(([, uris]) => uris.delete(uri)).map(([jid]) => jid);
    this.#catalogue.delete(uri);
    for (const jid of wearers) this.#room.showPerson(jid);
    this.#room.announce("104");
    return [];
  }

  #assign(values: ReadonlyMap<string, string>): readonly Element[] | undefined {
    const [jid, uri] = [values.get(JID), values.get(URI)];
    if (jid === undefined || uri === undefined || !this.#catalogue.has(uri)) return undefined;
    const uris = this.#assigned.get(bareOf(jid)) ?? new Set();
    this.#assigned.set(bareOf(jid), uris.add(uri));
    this.#room.showPerson(bareOf(jid));
    return [];
  }

  #unassign(values: ReadonlyMap<string, string>): readonly Element[] | undefined {
    const [jid, uri] = [values.get(JID), values.get(URI)];
    if (jid === undefined || uri === undefined) return undefined;
    if (this.#assigned.get(bareOf(jid))?.delete(uri)) this.#room.showPerson(bareOf(jid));
    return [];
  }

  #tableOfHats(): Element {
    const rows = [...this.#catalogue].map(([uri, { title, hue }]) => [title, uri, hue ?? ""]);
    return buildTable("Hats List", [TITLE, URI, HUE], rows);
  }

  #tableOfWearers(): Element {
    const rows = [...this.#assigned].flatMap(([jid, uris]) =>
      [...uris].map((uri) => [jid, uri, this.#catalogue.get(uri)?.title ?? ""]),
    );
    return buildTable("Assigned Hats List", [JID, URI, TITLE], rows);
  }

  #showWearersOf(uri: string): void {
    for (const [jid, uris] of this.#assigned) if (uris.has(uri)) this.#room.showPerson(jid);
  }
}

function buildTable(title: string, vars: readonly string[], rows: readonly (readonly string[])[]): Element {
  const reported = vars.map((name) => xml("field", { var: name }));
  const items = rows.map((row) => {
    const cells = vars.map((name, at) => xml("field", { var: name }, xml("value", {}, row[at])));
    return xml("item", {}, ...cells);
  });
  return xml(
    "x",
    { xmlns: NS_DATA_FORM, type: "result" },
    xml("title", {}, title),
    xml("reported", {}, ...reported),
    ...items,
  );
}

/* `hat` is what XEP-0317's form for destroying and ejabberd call `hats#uri`. */
function readValues(form: Element): Map<string, string> {
  const values = new Map<string, string>();
  for (const field of form.getChildren("field")) {
    const name = field.attrs["var"] === "hat" ? URI : String(field.attrs["var"]);
    const value = field.getChildText("value");
    if (value !== null && value !== "") values.set(name, value);
  }
  return values;
}
