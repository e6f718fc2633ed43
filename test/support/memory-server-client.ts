/** A person at a client of the server in memory, of the same shape as one on a real server (src/testing/test-client.ts). */
import { randomUUID } from "node:crypto";
import { xml, type Element } from "../../src/stanza/xml.ts";
import { openInbox } from "../../src/testing/inbox.ts";
import { roomActions } from "../../src/testing/room-actions.ts";
import type { StanzaExchange } from "../../src/testing/stanza-exchange.ts";
import type { TestClient } from "../../src/testing/test-client.ts";
import { bareOf, isRequest, type OpenSession } from "./memory-server-session.ts";

/** Connects a person, who answers pings and refuses every other request as @xmpp/client does. */
export function memoryClient(openSession: OpenSession, user: string, resource: string): TestClient {
  const received: Element[] = [];
  const inbox = openInbox(user);
  const answers = openInbox(user);
  const asked = new Set<string>();
  let isOpen = true;
  let tellDisconnected: (reason: Error) => void = () => undefined;
  const disconnected = new Promise<Error>((resolve) => {
    tellDisconnected = resolve;
  });

  const uplink = openSession(user, resource, (stanza) => {
    if (!isOpen) return;
    received.push(stanza);
    const isAnswer = stanza.name === "iq" && asked.delete(String(stanza.attrs["id"]));
    (isAnswer ? answers : inbox).put(stanza);
    const reply = replyTo(stanza);
    if (reply !== undefined) uplink.send(reply);
  });
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    uplink.end();
    const reason = new Error(`the connection of ${user} ended`);
    for (const box of [inbox, answers]) box.end(reason);
    tellDisconnected(reason);
  };
  const exchange: StanzaExchange = {
    jid: uplink.jid,
    send: async (stanza) => uplink.send(stanza),
    async request(iq, deadline) {
      const id = String((iq.attrs["id"] ??= randomUUID()));
      asked.add(id);
      uplink.send(iq);
      return answers.next((answer) => answer.attrs["id"] === id, deadline);
    },
    async demand(iq, deadline) {
      const answer = await exchange.request(iq, deadline);
      if (answer.attrs["type"] === "error")
        throw new Error(`${uplink.jid} asked ${String(iq)} and got ${String(answer)}`);
      return answer;
    },
    next: inbox.next,
  };
  uplink.send(xml("presence"));
  return {
    ...exchange,
    ...roomActions(exchange),
    bareJid: bareOf(uplink.jid),
    received,
    forget: inbox.forget,
    disconnected,
    close: async () => end(),
    cut: end,
  };
}

function replyTo(stanza: Element): Element | undefined {
  if (!isRequest(stanza)) return undefined;
  const { id, from } = stanza.attrs as Record<string, string | undefined>;
  if (stanza.getChild("ping", "urn:xmpp:ping") !== undefined)
    return xml("iq", { type: "result", id, to: from });
  const condition = xml("service-unavailable", { xmlns: "urn:ietf:params:xml:ns:xmpp-stanzas" });
  return xml("iq", { type: "error", id, to: from }, xml("error", { type: "cancel" }, condition));
}
