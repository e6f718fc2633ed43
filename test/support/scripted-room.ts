/**
 * A room in memory with commands for hats, as the desk's bot sees it.
 *
 * It does what ejabberd does, in the order in which it is asked, answers a moment later, and keeps a record of what it
 * was told. A test can make it refuse, stay silent, or change it behind the bot's back.
 */
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Affiliation } from "../../src/core/model.ts";
import type { Occupant } from "../../src/core/occupant.ts";
import type { RoomLink, RoomLinkEvents, RoomLinkListener } from "../../src/presence/room-link.ts";
import { buildCommandResponse, findCommand, parseCommandRequest } from "../../src/stanza/command.ts";
import { buildForm, buildTable } from "../../src/stanza/data-form.ts";
import { buildDiscoItems } from "../../src/stanza/disco.ts";
import {
  DON_HAT_NODES,
  HAT_NODES,
  type OlderHatNodes,
  PROSODY_HAT_NODES,
} from "../../src/stanza/hat-commands.ts";
import { buildHats } from "../../src/stanza/hats.ts";
import { NS_COMMANDS, NS_HATS, NS_HATS_LEGACY } from "../../src/stanza/namespaces.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { RequestTimeout } from "../../src/xmpp/requests.ts";
import { StreamDownError } from "../../src/xmpp/stream/stream.ts";

/** Which commands the room has, and for XEP-0317 under which var it asks for the hat. */
export type RoomKind = "hat" | "hats#uri" | OlderKind | "no-commands";

type OlderKind = keyof typeof OLDER_VERBS;

/** What becomes of a command instead of being done and answered. */
export type Mishap = StanzaError | "lost-before" | "lost-after";

export interface CatalogueHat {
  title: string;
  hue: string;
}

type Verb = "create" | "destroy" | "assign" | "unassign" | "list" | "list-assigned" | "form" | "disco";

const XEP_VERBS = new Map<string, Verb>([
  [HAT_NODES.create, "create"],
  [HAT_NODES.destroy, "destroy"],
  [HAT_NODES.assign, "assign"],
  [HAT_NODES.unassign, "unassign"],
  [HAT_NODES.list, "list"],
  [HAT_NODES.listAssigned, "list-assigned"],
]);

const olderVerbs = (nodes: OlderHatNodes): ReadonlyMap<string, Verb> =>
  new Map<string, Verb>([
    [nodes.assign, "assign"],
    [nodes.unassign, "unassign"],
    [nodes.listAssigned, "list-assigned"],
  ]);

const OLDER_VERBS = {
  "prosody-hats": olderVerbs(PROSODY_HAT_NODES),
  "xep-0317-0.2": olderVerbs(DON_HAT_NODES),
};

/** Whether a room has a title for each wearer of a hat, and no catalogue. */
export function isTitledByWearer(kind: RoomKind): kind is OlderKind {
  return kind in OLDER_VERBS;
}

/** A room and its record. */
export class ScriptedRoom implements RoomLink {
  readonly room: RoomJid;
  kind: RoomKind;
  isJoined = false;
  isSameRoom = true;
  isInterrupted = false;
  ownNick = "hats";
  ownAffiliation: Affiliation = "owner";
  /** Every command that changes something, as `assign bob@example.org urn:x:a`, in the order they came. */
  told: string[] = [];
  /** Everything else that was asked. */
  asked: Verb[] = [];
  /** Every payload of the bot's own presence, as text; empty for none. */
  payloads: string[] = [];
  readonly catalogue = new Map<string, CatalogueHat>();
  readonly assigned = new Map<BareJid, Map<string, string>>();
  /** Decides on what is asked, before it is done. */
  mishap: (command: string) => Mishap | undefined = () => undefined;
  /** What the list of who has which hat lacks. */
  half: "more to come" | "a row without its hat" | undefined;
  /** How many requests were unanswered at the same time, at most. */
  mostInFlight = 0;
  readonly #occupants = new Map<string, Occupant>();
  readonly #listeners = new Map<string, Set<(...values: never[]) => void>>();
  readonly #inFlight = new Set<(error: Error) => void>();

  constructor(room: RoomJid, kind: RoomKind) {
    this.room = room;
    this.kind = kind;
  }

  /** How many requests are unanswered now. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  occupants(): readonly Occupant[] {
    return [...this.#occupants.values()];
  }

  request(type: "get" | "set", payload: Element): Promise<Element> {
    if (!this.isJoined) return Promise.reject(new StreamDownError());
    const outcome = this.#do(payload);
    return new Promise((resolve, reject) => {
      this.#inFlight.add(reject);
      this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight.size);
      setImmediate(() => {
        this.#inFlight.delete(reject);
        if (outcome instanceof Error) reject(outcome);
        else resolve(xml("iq", { type: "result", from: this.room, id: type }, outcome));
      });
    });
  }

  async setOwnPayload(payload: Element | undefined): Promise<void> {
    if (!this.isJoined) throw new StreamDownError();
    this.payloads.push(String(payload ?? ""));
  }

  on<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as (...values: never[]) => void));
  }

  off<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void {
    this.#listeners.get(name)?.delete(listener as (...values: never[]) => void);
  }

  emit<Name extends keyof RoomLinkEvents>(name: Name, ...values: RoomLinkEvents[Name]): void {
    const listeners = Array.from(this.#listeners.get(name) ?? []) as ((...values: unknown[]) => void)[];
    for (const listener of listeners) listener(...values);
  }

  join(): void {
    this.isJoined = true;
    this.emit("joined");
  }

  leave(): void {
    this.isJoined = false;
    for (const reject of this.#inFlight) reject(new Error("the bot left the room"));
    this.#inFlight.clear();
    this.emit("left");
  }

  /** Somebody comes in, or changes; the presence shows their hats, or what is given instead. */
  enter(
    nick: string,
    realJid: string | undefined,
    more: Partial<Occupant> = {},
    payload: Element | undefined = this.#hatsOf(realJid),
  ): void {
    const occupant: Occupant = {
      nick,
      affiliation: "member",
      role: "participant",
      realJid: realJid as BareJid | undefined,
      occupantId: undefined,
      ...more,
    };
    this.#occupants.set(nick, occupant);
    this.emit("occupant", occupant, xml("presence", { from: `${this.room}/${nick}` }, payload));
  }

  /** Gives or takes a hat by the room's own commands, in somebody else's hands. */
  change(verb: "assign" | "unassign", jid: string, uri: string, title = uri): void {
    if (verb === "unassign") this.assigned.get(jid as BareJid)?.delete(uri);
    else {
      if (!isTitledByWearer(this.kind) && !this.catalogue.has(uri))
        this.catalogue.set(uri, { title, hue: "" });
      this.assign(jid, uri, isTitledByWearer(this.kind) ? title : this.catalogue.get(uri)?.title);
    }
  }

  exit(nick: string): void {
    this.#occupants.delete(nick);
    this.emit("occupant-left", nick);
  }

  /** What the room shows: hat and title by person. */
  shown(): Record<string, Record<string, string>> {
    const people = Array.from(this.assigned).filter(([, hats]) => hats.size > 0);
    return Object.fromEntries(people.map(([jid, hats]) => [jid, Object.fromEntries(hats)]));
  }

  /** Gives a hat without the bot. */
  assign(jid: string, uri: string, title = uri): void {
    const hats = this.assigned.get(jid as BareJid) ?? new Map<string, string>();
    this.assigned.set(jid as BareJid, hats.set(uri, title));
  }

  #hatsOf(jid: string | undefined): Element | undefined {
    const hats = this.assigned.get(jid as BareJid);
    if (hats === undefined || hats.size === 0) return undefined;
    const shown = [...hats].map(([uri, title]) => ({ uri, title }));
    return buildHats(shown, this.kind === "prosody-hats" ? NS_HATS_LEGACY : NS_HATS);
  }

  #do(payload: Element): Element | Error {
    if (payload.attrs["node"] === NS_COMMANDS) {
      return this.#outcome("disco", "disco", () =>
        buildDiscoItems(this.#nodes().map((node) => ({ jid: this.room, node }))),
      );
    }
    const command = findCommand(xml("iq", {}, payload)) as Element;
    const { node, action, submission } = parseCommandRequest(xml("iq", {}), command);
    if (action === "cancel") return payload;
    const verb = this.#verbs().get(node);
    if (verb === undefined) return new StanzaError("auth", "forbidden");
    const answer = (x?: Element): Element =>
      buildCommandResponse({
        node,
        sessionid: "s",
        status: x?.attrs["type"] === "form" || this.half === "more to come" ? "executing" : "completed",
        lang: "",
        notes: [],
        ...(x === undefined ? {} : { payload: x }),
      });
    if (verb === "list" || verb === "list-assigned")
      return this.#outcome(verb, verb, () => answer(this.#table(verb)));
    if (submission === undefined)
      return this.#outcome("form", `form ${verb}`, () => answer(this.#form(verb)));
    const value = (...names: string[]): string =>
      names.map((name) => submission.get(name)?.[0]).find((text) => text !== undefined) ?? "";
    const jid = value("hats#jid", "jid") as BareJid;
    const uri = isTitledByWearer(this.kind) ? value("hat_uri") : this.#uri(verb, value);
    if (uri === "") return new StanzaError("modify", "bad-request");
    const title = value("hats#title", "hat_title");
    const shownTitle = title === "" ? [] : [title];
    const line = [verb, ...(jid === "" ? [] : [jid]), uri, ...shownTitle].join(" ");
    return this.#outcome(undefined, line, () => {
      this.#change(verb, jid, uri, { title, hue: value("hats#hue") });
      return answer();
    });
  }

  /* Only the var that this room's form has is read. */
  #uri(verb: Verb, value: (...names: string[]) => string): string {
    return verb === "create" ? value("hats#uri") : value(this.kind);
  }

  #outcome(asked: Verb | undefined, line: string, act: () => Element): Element | Error {
    if (asked === undefined) this.told.push(line);
    else this.asked.push(asked);
    const mishap = this.mishap(line);
    if (mishap instanceof StanzaError) return mishap;
    const done = mishap === "lost-before" ? undefined : act();
    return mishap === undefined ? (done as Element) : new RequestTimeout(this.room, 1_000);
  }

  #change(verb: Verb, jid: BareJid, uri: string, hat: CatalogueHat): void {
    if (verb === "create") {
      this.catalogue.set(uri, hat);
      for (const hats of this.assigned.values()) if (hats.has(uri)) hats.set(uri, hat.title);
    }
    if (verb === "destroy") {
      this.catalogue.delete(uri);
      for (const hats of this.assigned.values()) hats.delete(uri);
    }
    if (verb === "assign") {
      // A room with a catalogue shows nothing of a hat that is not in it.
      const title = isTitledByWearer(this.kind) ? hat.title : this.catalogue.get(uri)?.title;
      if (title !== undefined) this.assign(jid, uri, title);
    }
    if (verb === "unassign") this.assigned.get(jid)?.delete(uri);
  }

  #verbs(): ReadonlyMap<string, Verb> {
    if (this.kind === "no-commands") return new Map();
    return isTitledByWearer(this.kind) ? OLDER_VERBS[this.kind] : XEP_VERBS;
  }

  #nodes(): string[] {
    return [...this.#verbs().keys()];
  }

  #form(verb: Verb): Element {
    const uri = isTitledByWearer(this.kind) ? "hat_uri" : verb === "create" ? "hats#uri" : this.kind;
    const vars = isTitledByWearer(this.kind)
      ? ["jid", "hat_title", uri]
      : verb === "create"
        ? [uri, "hats#title", "hats#hue"]
        : verb === "destroy"
          ? [uri]
          : ["hats#jid", uri];
    return buildForm({ type: "form", fields: vars.map((name) => ({ var: name, type: "text-single" })) });
  }

  #table(verb: "list" | "list-assigned"): Element {
    const names = isTitledByWearer(this.kind)
      ? ["jid", "hat_uri", "hat_title"]
      : ["hats#jid", "hats#uri", "hats#title", "hats#hue"];
    if (verb === "list") names.shift();
    const columns = names.map((name) => ({ var: name, label: name }));
    if (verb === "list")
      return buildTable({
        columns,
        rows: [...this.catalogue].map(([uri, { title, hue }]) => [uri, title, hue]),
      });
    const rows = [
      ...(this.half === "a row without its hat" ? [["bob@example.org", "", "", ""]] : []),
      ...this.#assignedRows(),
    ];
    return buildTable({ columns, rows });
  }

  #assignedRows(): string[][] {
    return [...this.assigned].flatMap(([jid, hats]) =>
      [...hats].map(([uri, title]) => [jid, uri, title, ""]),
    );
  }
}
