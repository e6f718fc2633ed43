/** The requester's side of commands against a desk in memory: what goes over the wire is built, measured and read again. */
import * as assert from "uvu/assert";
import type { Source } from "../../src/commands/engine/engine.ts";
import { buildCommandResponse, parseCommandRequest } from "../../src/stanza/command.ts";
import { buildStanzaError, parseStanzaError } from "../../src/stanza/stanza-error.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import type { IqSender } from "../../src/xmpp/adhoc-client.ts";
import { type HatDesk, OWNER } from "./hat-desk.ts";

/** Where the commands are. */
export const DESK = "hats@example.org/milliner";
const STANZA_BYTES = 128 * 1024;

/** Sends to the commands of a desk as this source; each request is noted, and none is longer than a stanza may be. */
export function senderTo(at: HatDesk, sent: string[] = [], source: Source = OWNER): IqSender {
  return {
    async request(to, type, payload) {
      const iq = xml("iq", { type, to, from: source.address, id: "1" }, payload);
      const { action, node } = payload.attrs as Record<string, string>;
      sent.push(`${node} ${action}`);
      assert.ok(bytesOf(iq) < STANZA_BYTES, `${bytesOf(iq)} bytes`);
      const answer = await answerTo(at, source, iq, payload);
      assert.ok(bytesOf(answer) < STANZA_BYTES, `${bytesOf(answer)} bytes`);
      if (answer.attrs["type"] === "error") throw parseStanzaError(answer);
      return answer;
    },
  };
}

async function answerTo(at: HatDesk, source: Source, iq: Element, payload: Element): Promise<Element> {
  try {
    const response = await at.engine.handle(source, parseCommandRequest(iq, payload));
    return xml("iq", { type: "result", from: DESK, id: "1" }, buildCommandResponse(response));
  } catch (error) {
    return xml("iq", { type: "error", from: DESK, id: "1" }, buildStanzaError(error));
  }
}

/* Some servers write quotation marks as entities wherever they stand. */
function bytesOf(stanza: Element): number {
  return Buffer.byteLength(stanza.toString().replace(/"/g, "&quot;"));
}
