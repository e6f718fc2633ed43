/**
 * A client that costs as little as a client can, so that a benchmark measures the bot and the server and not the one
 * who asks: strings out, and of what comes in only the borders of the stanzas are looked for.
 *
 * It logs in by SASL PLAIN on loopback without TLS (RFC 6120, sections 4 to 7) and takes well-formed input for granted.
 */
import { connect, type Socket } from "node:net";
import type { TestServer } from "../../src/testing/index.ts";

/** A logged in client. */
export interface LeanClient {
  readonly bareJid: string;
  /** Sends an IQ of this type and payload; resolves with the answer's text, rejects where it is an error. */
  ask(type: "get" | "set", to: string, payload: string): Promise<string>;
  /** Resolves with the next presence from this address that passes. */
  nextPresence(from: string, passes: (presence: string) => boolean): Promise<string>;
  send(text: string): void;
  /** What was asked or waited for and did not come, and what came last: for whoever finds nothing going on. */
  readonly outstanding: string;
  close(): void;
}

/** Logs in with an account that exists; the password is the user name. */
export async function leanClient(server: TestServer, user: string): Promise<LeanClient> {
  const socket = connect(server.c2sPort, "127.0.0.1").setNoDelay(true).setEncoding("utf8");
  const header = `<stream:stream to='${server.domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
  const login = Buffer.from(`\0${user}\0${user}`).toString("base64");
  await exchange(socket, header, "</stream:features>");
  await exchange(
    socket,
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${login}</auth>`,
    "<success",
  );
  await exchange(socket, header, "</stream:features>");
  const client = talk(socket, `${user}@${server.domain}`);
  const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind>`;
  await client.ask("set", "", bind);
  client.send("<presence/>");
  return client;
}

function exchange(socket: Socket, text: string, end: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = "";
    const listen = (chunk: string): void => {
      heard += chunk;
      if (heard.includes("failure")) reject(new Error(heard));
      if (!heard.includes(end)) return;
      socket.off("data", listen);
      resolve();
    };
    socket.on("data", listen);
    socket.write(text);
  });
}

interface Waiter {
  readonly passes: (stanza: string) => boolean;
  readonly resolve: (stanza: string) => void;
}

/* An answer that is waited for. */
interface Asked {
  readonly resolve: (stanza: string) => void;
  readonly reject: (reason: Error) => void;
}

const LAST_BYTES = 300;

function talk(socket: Socket, bareJid: string): LeanClient {
  const asked = new Map<string, Asked>();
  const presences = new Map<string, Waiter[]>();
  let lastId = 0;

  const receive = (stanza: string): void => {
    const head = stanza.slice(0, stanza.indexOf(">"));
    if (stanza.startsWith("<iq")) answer(attribute(head, "id"), stanza);
    if (!stanza.startsWith("<presence")) return;
    const from = attribute(head, "from");
    const waiters = presences.get(from) ?? [];
    const passed = waiters.find(({ passes }) => passes(stanza));
    if (passed === undefined) return;
    presences.set(
      from,
      waiters.filter((waiter) => waiter !== passed),
    );
    passed.resolve(stanza);
  };
  const answer = (id: string, stanza: string): void => {
    const question = asked.get(id);
    asked.delete(id);
    if (/^<iq[^>]* type=["']error/.test(stanza)) question?.reject(new Error(stanza));
    else question?.resolve(stanza);
  };
  let lastHeard = "";
  let buffer = "";
  socket.on("data", (chunk: string) => {
    buffer += chunk;
    lastHeard = chunk;
    for (let end = stanzaEnd(buffer); end > 0; end = stanzaEnd(buffer)) {
      receive(buffer.slice(0, end));
      buffer = buffer.slice(end);
    }
  });
  const outstanding = (): string => {
    const waiting = [...presences].flatMap(([from, { length }]) => (length === 0 ? [] : [from]));
    return `${bareJid}: ${asked.size} unanswered (ids ${[...asked.keys()].join(", ")}), presence awaited from ${
      waiting.join(", ") || "nobody"
    }; last heard: ${lastHeard.slice(-LAST_BYTES)}`;
  };
  socket.on("error", () => undefined);
  socket.on("close", () => {
    for (const { reject } of asked.values()) reject(new Error(`the connection ended. ${outstanding()}`));
  });
  return {
    bareJid,
    ask: (type, to, payload) =>
      new Promise((resolve, reject) => {
        const id = String((lastId += 1));
        asked.set(id, { resolve, reject });
        const address = to === "" ? "" : ` to='${to}'`;
        socket.write(`<iq type='${type}' id='${id}'${address}>${payload}</iq>`);
      }),
    nextPresence: (from, passes) =>
      new Promise((resolve) => {
        presences.set(from, [...(presences.get(from) ?? []), { passes, resolve }]);
      }),
    send: (text) => void socket.write(text),
    get outstanding() {
      return outstanding();
    },
    close: () => void socket.destroy(),
  };
}

/* Where the first stanza ends; 0 where it has not all come yet. */
function stanzaEnd(text: string): number {
  const headEnd = text.indexOf(">");
  if (headEnd < 0) return 0;
  if (text[headEnd - 1] === "/") return headEnd + 1;
  const name = /^<([a-z:]+)/.exec(text)?.[1];
  if (name === undefined) return headEnd + 1;
  const end = text.indexOf(`</${name}>`, headEnd);
  return end < 0 ? 0 : end + name.length + 3;
}

function attribute(head: string, name: string): string {
  const start = head.indexOf(` ${name}=`);
  if (start < 0) return "";
  const open = start + name.length + 2;
  return head.slice(open + 1, head.indexOf(head.charAt(open), open + 1));
}
