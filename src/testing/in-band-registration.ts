/**
 * Makes an account by in-band registration (XEP-0077 section 3.1) over a plain socket.
 *
 * It reads the stream as text, because it needs no more than to recognise the answer. Leaves out TLS, forms and every
 * field but username and password.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { escapeXML } from "@xmpp/xml";

/** Where and what to register. */
export interface NewAccount {
  /** A port of 127.0.0.1 that takes registrations without TLS. */
  readonly port: number;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  /** Whether an account that is there already is as good; default no. */
  readonly mayExist?: boolean;
}

/** Registers an account; throws when the server refuses. */
export async function registerInBand({ port, domain, user, password, mayExist }: NewAccount): Promise<void> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8").setNoDelay(true);
  await once(socket, "connect");
  const header = `<stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
  const fields = `<username>${escapeXML(user)}</username><password>${escapeXML(password)}</password>`;
  const request = `<iq type='set' id='register'><query xmlns='jabber:iq:register'>${fields}</query></iq>`;
  socket.write(header + request);
  try {
    const answer = await readUntil(socket, /<iq[^>]*?(?:\/>|>.*<\/iq>)/s);
    const isThere = /type=['"]result['"]/.test(answer) || (mayExist && answer.includes("<conflict"));
    if (!isThere) throw new Error(`${user}@${domain} was not registered: ${answer}`);
  } finally {
    socket.destroy();
  }
}

async function readUntil(socket: AsyncIterable<unknown>, pattern: RegExp): Promise<string> {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    const match = pattern.exec(text);
    if (match) return match[0];
  }
  throw new Error(`the stream ended after: ${text}`);
}
