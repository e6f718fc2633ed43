/**
 * An XMPP server in memory: sessions, routing between them, and a room service, enough to play conversations at once.
 *
 * It is a stand-in. Each conversation is also played on real servers (test/servers/conversations.test.ts), and
 * test/conversations/raw-*.txt holds it to what they do in rooms. Stanzas travel as text and in order, each taking a
 * turn of the event loop, so that nobody shares an element with somebody else or is answered in the middle of sending.
 * Leaves out: passwords, rosters (always empty), server-to-server, storage, limits.
 */
import { xml, type Element } from "../../src/stanza/xml.ts";
import type { TestClient } from "../../src/testing/index.ts";
import { memoryClient } from "./memory-server-client.ts";
import { refusal, result } from "./memory-server-replies.ts";
import { MemoryRooms } from "./memory-server-rooms.ts";
import { copyStanza, domainOf, isRequest, type OpenSession, type Session } from "./memory-server-session.ts";
import { MemoryStream } from "./memory-server-stream.ts";

/** What a test may choose. */
export interface MemoryServerSettings {
  readonly domain?: string;
  /** Whether rooms have XEP-0317's commands and show hats by themselves; default false. */
  readonly hats?: boolean;
}

/** A running server. */
export interface MemoryServer {
  readonly domain: string;
  /** The domain that rooms live on. */
  readonly mucService: string;
  /** The JID of a room by its name. */
  room(name: string): string;
  /** Connects a person; any account exists. */
  connect(who: { readonly user: string; readonly resource?: string }): TestClient;
  /** Makes a stream for a bot, which comes online once somebody listens for that. */
  openStream(user: string, resource: string): MemoryStream;
}

/** Starts a server; it needs no stopping. */
export function openMemoryServer({
  domain = "milliner.test",
  hats = false,
}: MemoryServerSettings = {}): MemoryServer {
  const mucService = `rooms.${domain}`;
  const sessions = new Map<string, Session>();
  const rooms = new MemoryRooms(mucService, hats);

  const openSession: OpenSession = (user, resource, receive) => {
    const bareJid = `${user}@${domain}`;
    const jid = `${bareJid}/${resource}`;
    if (sessions.has(jid)) throw new Error(`${jid} is connected already`);
    const session: Session = { jid, bareJid, receive: (stanza) => later(() => receive(copyStanza(stanza))) };
    sessions.set(jid, session);
    return {
      jid,
      send(stanza) {
        const sent = copyStanza(stanza);
        // RFC 6121, section 3: subscriptions are between accounts.
        sent.attrs["from"] = isAboutSubscription(sent) ? bareJid : jid;
        later(() => {
          if (sessions.has(jid)) route(session, sent);
        });
      },
      end() {
        later(() => {
          if (sessions.delete(jid)) rooms.forget(session);
        });
      },
    };
  };

  const route = (from: Session, stanza: Element): void => {
    const to = String(stanza.attrs["to"] ?? domain);
    if (domainOf(to) === mucService) rooms.take(from, stanza);
    else if (to === domain || to === from.bareJid) answerForServer(from, stanza);
    else deliver(from, to, stanza);
  };

  const deliver = (from: Session, to: string, stanza: Element): void => {
    const isAddressed = ({ jid, bareJid }: Session): boolean =>
      to === jid || (to === bareJid && stanza.name !== "iq");
    const receivers = [...sessions.values()].filter(isAddressed);
    for (const receiver of receivers) receiver.receive(stanza);
    if (receivers.length === 0 && isRequest(stanza))
      from.receive(refusal(stanza, "cancel", "service-unavailable"));
  };

  return {
    domain,
    mucService,
    room: (name) => `${name}@${mucService}`,
    connect: ({ user, resource = "test" }) => memoryClient(openSession, user, resource),
    openStream: (user, resource) => new MemoryStream(openSession, user, resource),
  };
}

const SERVER_FEATURES = ["http://jabber.org/protocol/disco#info", "urn:xmpp:ping"];

function answerForServer(from: Session, stanza: Element): void {
  if (!isRequest(stanza)) return;
  const roster = stanza.getChild("query", "jabber:iq:roster");
  if (stanza.getChild("ping", "urn:xmpp:ping") !== undefined) from.receive(result(stanza));
  else if (roster !== undefined) from.receive(result(stanza, xml("query", { xmlns: "jabber:iq:roster" })));
  else if (stanza.getChild("query", "http://jabber.org/protocol/disco#info") !== undefined) {
    const features = SERVER_FEATURES.map((name) => xml("feature", { var: name }));
    const identity = xml("identity", { category: "server", type: "im" });
    from.receive(
      result(stanza, xml("query", { xmlns: "http://jabber.org/protocol/disco#info" }, identity, ...features)),
    );
  } else from.receive(refusal(stanza, "cancel", "service-unavailable"));
}

function isAboutSubscription({ name, attrs }: Element): boolean {
  return name === "presence" && String(attrs["type"]).includes("subscribe");
}

/* One queue for all, in order: what is sent first arrives first, whoever the receivers are. */
const queue: (() => void)[] = [];

function later(act: () => void): void {
  if (queue.push(act) === 1) setImmediate(drain);
}

function drain(): void {
  const due = queue.length;
  for (let done = 0; done < due; done += 1) queue[done]?.();
  queue.splice(0, due);
  if (queue.length > 0) setImmediate(drain);
}
