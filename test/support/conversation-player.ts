/**
 * Plays a conversation on a server, in memory or real, and fails at the first line that does not come true.
 *
 * Nothing is proved by waiting: "gets nothing" asks the bot and the room something first, and their answers arrive
 * behind all that was on its way.
 */
import { type Element, xml } from "../../src/stanza/xml.ts";
import { type Conversation, ConversationError, type Step } from "./conversation.ts";
import { isMatch, type Match, matchStanza } from "./conversation-matcher.ts";
import { type Bindings, fillIn, matchText } from "./conversation-placeholders.ts";
import { type Actor, roundTrip, setStage, sightOf, type Stage, untaken } from "./conversation-stage.ts";
import type { World } from "./conversation-world.ts";
import { copyStanza } from "./memory-server-session.ts";
import { indentStanza } from "./xml-text.ts";

type StepOf<Kind extends Step["kind"]> = Extract<Step, { readonly kind: Kind }>;
type Play = { readonly [Kind in Step["kind"]]: (step: StepOf<Kind>) => Promise<void> };

/** A request whose answer no step has looked at. */
interface OpenRequest {
  readonly line: number;
  readonly to: string | undefined;
  readonly answer: Promise<Element>;
}

/** Plays a conversation; `serial` tells this play from all others on the same server. */
export async function playConversation(
  conversation: Conversation,
  world: World,
  serial: string,
): Promise<void> {
  const stage = await setStage(conversation, world, serial).catch((cause: unknown) => {
    throw new ConversationError(conversation.file, 1, `the stage could not be set: ${textOf(cause)}`);
  });
  try {
    await new Player(stage).playAll();
  } finally {
    await stage.clear();
  }
}

class Player {
  readonly #stage: Stage;
  readonly #requests = new Map<string, OpenRequest[]>();
  #bindings: Bindings;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#bindings = stage.bindings;
  }

  async playAll(): Promise<void> {
    for (const step of this.#stage.conversation.steps) {
      try {
        // The table has one entry a kind, which TypeScript cannot see through a union.
        await (this.#play[step.kind] as (step: Step) => Promise<void>)(step);
      } catch (error) {
        throw new ConversationError(this.#stage.conversation.file, step.line, textOf(error));
      }
    }
    for (const [who, [unread]] of this.#requests) {
      if (unread === undefined) continue;
      const problem = `nothing says what ${who} gets in answer to this`;
      throw new ConversationError(this.#stage.conversation.file, unread.line, problem);
    }
  }

  readonly #play: Play = {
    sends: async ({ who, stanzas, line }) => {
      for (const stanza of stanzas)
        await this.#send(this.#actor(who), fillInStanza(stanza, this.#bindings), line);
    },
    gets: async ({ who, patterns }) => {
      for (const pattern of patterns) {
        if (isAnswer(pattern)) await this.#getAnswer(who, pattern);
        else await this.#getStanza(this.#actor(who), pattern);
      }
    },
    refused: async ({ who, type, condition, application, text }) => {
      const answer = await this.#nextAnswer(who);
      const error = answer.getChild("error");
      const found = describeError(error);
      const wanted = `${type}/${condition}${application === undefined ? "" : ` + ${application}`}`;
      if (found !== wanted) throw new Error(`${who} got ${found}:\n${indentStanza(answer)}`);
      if (text === undefined) return;
      const said = error?.getChildText("text") ?? "";
      const captured = matchText(text, said, this.#bindings);
      if (captured === undefined) throw new Error(`${who} was refused with the text "${said}"`);
      this.#bindings = captured;
    },
    "gets nothing": async ({ who }) => {
      const actor = this.#actor(who);
      await roundTrip(this.#stage, actor);
      const [unexpected] = untaken(actor);
      if (unexpected !== undefined) throw new Error(`${who} got\n${indentStanza(unexpected)}`);
    },
    sees: async ({ who, whom, titles, room }) => {
      const present = [...this.#stage.actors.values()].filter(({ nicks }) => nicks.has(room));
      const observers = who === undefined ? present : [this.#actor(who)];
      for (const observer of observers) {
        await observer.hats.waitFor(sightOf(this.#stage, whom, room), titles).catch((cause: unknown) => {
          throw new Error(`${observer.name} does not see that; ${textOf(cause)}`);
        });
      }
    },
    joins: async ({ who, nick, room }) => {
      const { client, nicks, taken } = this.#actor(who);
      const presence = await client.join(this.#stage.roomJid(room), nick);
      taken.add(presence);
      nicks.set(room, nick);
      const sight = sightOf(this.#stage, who, room);
      for (const { hats } of this.#stage.actors.values()) hats.forget(sight);
      this.#actor(who).hats.lookAtOwn(sight, presence);
    },
    leaves: async ({ who, room }) => {
      const { client, nicks } = this.#actor(who);
      await client.leave(this.#stage.roomJid(room), nicks.get(room) ?? "");
      nicks.delete(room);
    },
    kicks: async ({ who, whom, room }) => {
      const nick = this.#actor(whom).nicks.get(room);
      const item = xml("item", { nick, role: "none" });
      const query = xml("query", { xmlns: "http://jabber.org/protocol/muc#admin" }, item);
      await this.#actor(who).client.demand(xml("iq", { type: "set", to: this.#stage.roomJid(room) }, query));
      this.#actor(whom).nicks.delete(room);
    },
    makes: async ({ who, whom, affiliation, room }) => {
      const { client, nicks } = this.#actor(whom);
      await this.#actor(who).client.setAffiliation(this.#stage.roomJid(room), client.bareJid, affiliation);
      if (affiliation === "outcast") nicks.delete(room);
    },
    time: async ({ ms }) => this.#stage.bot?.passTime(ms),
  };

  async #send(actor: Actor, stanza: Element, line: number): Promise<void> {
    const { type, to } = stanza.attrs as Record<string, string | undefined>;
    if (stanza.name !== "iq" || (type !== "get" && type !== "set")) {
      await actor.client.send(stanza);
      return;
    }
    const answer = actor.client.request(stanza);
    // Whoever reads the answer hears of a failure; one that comes earlier must not end the process.
    answer.catch(() => undefined);
    this.#requests.set(actor.name, [...(this.#requests.get(actor.name) ?? []), { line, to, answer }]);
  }

  async #nextAnswer(who: string): Promise<Element> {
    const [request, ...later] = this.#requests.get(who) ?? [];
    if (request === undefined) throw new Error(`${who} has no request without an answer`);
    this.#requests.set(who, later);
    const answer = await request.answer;
    const from: unknown = answer.attrs["from"];
    if (from !== request.to && request.to !== undefined)
      throw new Error(`the answer comes from ${String(from)}, not from ${request.to}`);
    return answer;
  }

  async #getAnswer(who: string, pattern: Element): Promise<void> {
    const answer = await this.#nextAnswer(who);
    const match = matchStanza(pattern, answer, this.#bindings);
    if (!isMatch(match)) throw new Error(`${match.why}, in what ${who} got:\n${indentStanza(answer)}`);
    this.#bindings = match.bindings;
  }

  async #getStanza({ name, client, taken }: Actor, pattern: Element): Promise<void> {
    const misses: { readonly match: Match; readonly stanza: Element }[] = [];
    const stanza = await client
      .next((candidate) => {
        const match = matchStanza(pattern, candidate, this.#bindings);
        if (!isMatch(match)) misses.push({ match, stanza: candidate });
        return isMatch(match);
      })
      .catch(() => {
        throw new Error(`${name} did not get that${describeMisses(misses)}`);
      });
    taken.add(stanza);
    const match = matchStanza(pattern, stanza, this.#bindings);
    if (isMatch(match)) this.#bindings = match.bindings;
  }

  #actor(name: string): Actor {
    const actor = this.#stage.actors.get(name);
    if (actor === undefined) throw new Error(`${name} is not on stage`);
    return actor;
  }
}

function fillInStanza(stanza: Element, bindings: Bindings): Element {
  const filled = copyStanza(stanza);
  fillInElement(filled, bindings);
  return filled;
}

function fillInElement(element: Element, bindings: Bindings): void {
  const attributes: Record<string, string> = element.attrs;
  for (const [name, value] of Object.entries(attributes)) attributes[name] = fillIn(value, bindings);
  element.children = element.children.map((child) =>
    typeof child === "string" ? fillIn(child, bindings) : child,
  );
  for (const child of element.children) if (typeof child !== "string") fillInElement(child, bindings);
}

function isAnswer({ name, attrs }: Element): boolean {
  return name === "iq" && (attrs["type"] === "result" || attrs["type"] === "error");
}

function describeError(error: Element | undefined): string {
  if (error === undefined) return "no error";
  const names = error.children.flatMap((child) =>
    typeof child === "string" || child.name === "text" ? [] : [child.name],
  );
  return `${String(error.attrs["type"])}/${names.join(" + ")}`;
}

function describeMisses(misses: readonly { readonly match: Match; readonly stanza: Element }[]): string {
  const told = misses.flatMap(({ match, stanza }) => (isMatch(match) ? [] : [{ ...match, stanza }]));
  const closest = told.toSorted((one, other) => other.depth - one.depth)[0];
  if (closest === undefined) return "";
  return `; the closest is this, but ${closest.why}:\n${indentStanza(closest.stanza)}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
