/**
 * A server, a room, its people and the bot, all of which can be disturbed.
 *
 * The bot is a process of its own behind a wire that can be cut; people reconnect when the server was restarted. What
 * happens, and when, is events.ts's; what must hold afterwards is at-rest.ts's and reasons.ts's.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCommandResponse } from "../../../src/stanza/command.ts";
import { NS_DISCO_INFO } from "../../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../../src/stanza/xml.ts";
import {
  connectClient,
  type RoomAffiliation,
  startServer,
  type TestClient,
  type TestServer,
} from "../../../src/testing/index.ts";
import { type ChildProcess, startChild } from "../../../src/testing/child-process.ts";
import { buildOneShot, type Fields, rowsOf } from "../desk-client.ts";
import { commandOf } from "../hat-room.ts";
import type { Showing } from "../presence-stage.ts";
import { TcpProxy } from "../tcp-proxy.ts";
import { HatEar } from "./told-hats.ts";

const HURRIED_BOT = fileURLToPath(new URL("./hurried-bot.ts", import.meta.url));
/* COMPAT: Prosody else keeps the name of a room that was destroyed for a month. */
const NO_TOMBSTONES = "muc_tombstones = false";
const MOST_UNANSWERED = 24;
/* Longer than any disturbance lasts. */
const COMMAND_TIMEOUT = { timeout: 120_000 };

export const WEARERS: readonly string[] = ["ada", "ben", "cem", "dov", "eva", "fay"];
export const HATS: readonly string[] = ["urn:x:a", "urn:x:b", "urn:x:c", "urn:x:d"];
/** Everybody with a client: the owner, the configuration's admin, the watcher, a guest, and the wearers. */
const PEOPLE: readonly string[] = ["olga", "ops", "zed", "mallory", ...WEARERS];

/** A person's client, and where they are in the room. */
export interface Person {
  readonly name: string;
  client: TestClient;
  /** Undefined while not in the room. */
  nick: string | undefined;
}

export class ChaosWorld {
  readonly showing: Showing;
  readonly server: TestServer;
  readonly room: string;
  readonly ear: HatEar;
  readonly people = new Map<string, Person>();
  /** Hats that somebody gave or took by the room's own commands. */
  readonly native: { readonly user: string; readonly hat: string; readonly at: Date }[] = [];
  /** Whose affiliation ended, and between when and when. */
  readonly lost: { readonly user: string; readonly from: Date; readonly until: Date }[] = [];
  /** How often the room's hats were switched off or on. */
  switches = 0;
  readonly #wire: TcpProxy;
  readonly #folder = mkdtempSync(join(tmpdir(), "milliner-chaos-"));
  readonly #unanswered = new Set<Promise<unknown>>();
  #bot: ChildProcess | undefined;
  readonly #logs: string[] = [];

  private constructor(showing: Showing, server: TestServer, ear: HatEar, wire: TcpProxy) {
    this.showing = showing;
    this.server = server;
    this.room = server.room("team");
    this.ear = ear;
    this.#wire = wire;
    const config = {
      jid: this.botJid,
      password: "hats",
      service: `xmpp://127.0.0.1:${wire.port}`,
      data: "data",
      admins: [this.jid("ops")],
    };
    writeFileSync(this.#config, JSON.stringify(config));
  }

  /** Sets the stage: a room of olga's, the bot an owner of it, the wearers members. */
  static async open(showing: Showing): Promise<ChaosWorld> {
    const prosody = { ...showing.settings?.prosody, mucLines: [NO_TOMBSTONES] };
    const server = await startServer({ ...showing.settings, kind: showing.kind, prosody });
    const ear = new HatEar(server.room("team"));
    const wire = await TcpProxy.start(server.c2sPort, () => ear.listen());
    const world = new ChaosWorld(showing, server, ear, wire);
    await Promise.all([...PEOPLE, "hats"].map((name) => server.register(name, name)));
    for (const name of PEOPLE) {
      world.people.set(name, { name, client: await world.#connect(name), nick: undefined });
    }
    await world.#makeRoom();
    await world.startBot();
    await world.keepRoom();
    return world;
  }

  get botJid(): string {
    return `hats@${this.server.domain}`;
  }

  get history(): string {
    return join(this.#folder, "data", "history.jsonl");
  }

  get #config(): string {
    return join(this.#folder, "milliner.json");
  }

  /** What the bot logged, over all its lives. */
  get log(): readonly string[] {
    return [...this.#logs, ...(this.#bot?.lines ?? [])];
  }

  jid(name: string): string {
    return `${name}@${this.server.domain}`;
  }

  person(name: string): Person {
    const person = this.people.get(name);
    if (person === undefined) throw new Error(`nobody is called ${name}`);
    return person;
  }

  client(name: string): TestClient {
    return this.person(name).client;
  }

  /** Enters the room, or comes back under another nick; whoever may not stays out. */
  async enter(name: string, nick: string): Promise<void> {
    const person = this.person(name);
    await this.#catchUp(person);
    try {
      await person.client.join(this.room, nick);
      person.nick = nick;
    } catch {
      person.nick = undefined;
    }
  }

  async leave(name: string): Promise<void> {
    const person = this.person(name);
    await this.#catchUp(person);
    if (person.nick !== undefined) await person.client.leave(this.room, person.nick);
    person.nick = undefined;
  }

  async setAffiliation(name: string, affiliation: RoomAffiliation): Promise<void> {
    const from = new Date();
    await this.client("olga").setAffiliation(this.room, this.jid(name), affiliation);
    if (affiliation === "none" || affiliation === "outcast")
      this.lost.push({ user: this.jid(name), from, until: new Date() });
    if (affiliation === "outcast" && this.people.has(name)) this.person(name).nick = undefined;
  }

  /** Sends a command to the desk without waiting for its answer, unless many have none yet. */
  async tellDesk(node: string, fields: Fields): Promise<void> {
    const asked = this.askDesk(node, fields).catch(() => undefined);
    this.#unanswered.add(asked);
    void asked.then(() => this.#unanswered.delete(asked));
    if (this.#unanswered.size >= MOST_UNANSWERED) await Promise.race(this.#unanswered);
  }

  /** Asks the desk as the configuration's admin; resolves with the answer, whatever it is. */
  askDesk(node: string, fields: Fields): Promise<Element> {
    const iq = buildOneShot(`${this.botJid}/milliner`, node, { room: this.room, ...fields });
    return this.client("ops").request(iq, COMMAND_TIMEOUT);
  }

  /** The rows of what the desk answers; undefined while it refuses. */
  async deskRows(node: string): Promise<Record<string, string>[] | undefined> {
    const answer = await this.askDesk(node, {});
    if (answer.attrs["type"] !== "result") return undefined;
    const response = parseCommandResponse(commandOf(answer));
    if (response === undefined) throw new Error(`no answer of the desk: ${String(answer)}`);
    return rowsOf(response);
  }

  async startBot(): Promise<void> {
    const bot = startChild({
      command: process.execPath,
      args: ["--import", "tsx", HURRIED_BOT, this.#config],
    });
    this.#bot = bot;
    await bot.until(/"msg":"ready"/);
  }

  /** kill -9. What it had not answered it never will. */
  async killBot(): Promise<void> {
    await this.#endBot("SIGKILL");
    this.#unanswered.clear();
  }

  /** Ends the bot in good order; then all of its history is in one file. */
  async stopBot(): Promise<void> {
    await this.#endBot("SIGTERM");
  }

  /** Has the desk keep the room; the desk refuses where it does already. */
  async keepRoom(): Promise<void> {
    await this.askDesk("manage-room", { nick: "hats" });
  }

  /**
   * Destroys the room and makes another one of its name, with the same rights and the watcher in it.
   *
   * The bot stands still meanwhile: had it just learned that there is a room, it would make one by entering.
   */
  async remakeRoom(): Promise<void> {
    this.#bot?.signal("SIGSTOP");
    await this.#catchUp(this.person("olga"));
    await this.client("olga").destroyRoom(this.room);
    for (const person of this.people.values()) {
      person.nick = undefined;
      await this.#catchUp(person, this.server.domain);
    }
    await this.#makeRoom();
    this.#bot?.signal("SIGCONT");
  }

  async #makeRoom(): Promise<void> {
    const configuration = { "muc#roomconfig_persistentroom": true, ...this.showing.configuration };
    await this.client("olga").createRoom(this.room, "olga", configuration);
    this.person("olga").nick = "olga";
    await this.setAffiliation("hats", "owner");
    for (const name of WEARERS) await this.setAffiliation(name, "member");
    await this.enter("zed", "zed");
  }

  cutBotOff(): void {
    this.#wire.cut();
  }

  /** Restarts the server; everybody comes back, to where they were. */
  async restartServer(): Promise<void> {
    await this.server.restart();
    this.#unanswered.clear();
    for (const person of this.people.values()) {
      person.client = await this.#connect(person.name);
      if (person.nick !== undefined) await this.enter(person.name, person.nick);
    }
  }

  async close(): Promise<void> {
    await this.#endBot("SIGKILL");
    await Promise.all([...this.people.values()].map(({ client }) => client.close().catch(() => undefined)));
    await this.#wire.stop();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /* What the room sent before is there and forgotten: an answer that comes from now on is one to what is asked now. */
  async #catchUp({ client }: Person, to = this.room): Promise<void> {
    const query = xml("query", { xmlns: NS_DISCO_INFO });
    await client.request(xml("iq", { type: "get", to }, query));
    client.forget();
  }

  #connect(name: string): Promise<TestClient> {
    return connectClient({ server: this.server, user: name });
  }

  async #endBot(signal: NodeJS.Signals): Promise<void> {
    const bot = this.#bot;
    this.#bot = undefined;
    bot?.signal(signal);
    await bot?.ended;
    this.#logs.push(...(bot?.lines ?? []));
  }
}
