/**
 * What a bot tells a room about hats, overheard on the wire between them.
 *
 * Each command that gives or takes a hat is kept with what the room said to it: done, refused, or nothing because the
 * wire broke. Reads text, not stanzas: the bot's side of a connection without TLS, as it is written by this program.
 */

/** One command that gives or takes a hat of a person. */
export interface ToldHat {
  readonly verb: "give" | "take";
  readonly user: string;
  readonly hat: string;
  /** When it was heard. */
  readonly at: Date;
  outcome: "done" | "refused" | "unknown";
}

/* XEP-0317's commands and those of ejabberd before it, by the last word of the node. */
const VERBS: Readonly<Record<string, ToldHat["verb"]>> = {
  assign: "give",
  unassign: "take",
  add: "give",
  remove: "take",
};
const COMMAND = /<iq\b([^>]*)><command\b([^>]*[^>/])>(.*?)<\/command><\/iq>/gs;
const ANSWER = /<iq\b([^>]*)>/g;
const FIELD = /<field\b[^>]*var=["']([^"']*)["'][^>]*><value>([^<]*)<\/value>/g;
/* Longer than any stanza here that is not whole yet. */
const REST = 1 << 16;

/** Listens to both sides of a bot's connections. */
export class HatEar {
  readonly told: ToldHat[] = [];
  readonly #room: string;
  readonly #unanswered = new Map<string, ToldHat>();

  constructor(room: string) {
    this.#room = room;
  }

  /** A new connection: what was not answered on an earlier one never will be. */
  listen(): { fromClient(bytes: Buffer): void; fromServer(bytes: Buffer): void } {
    this.#unanswered.clear();
    return {
      fromClient: matcher(COMMAND, (match) => this.#tell(match)),
      fromServer: matcher(ANSWER, ([, attributes = ""]) => this.#answer(attributes)),
    };
  }

  #tell([, iq = "", command = "", form = ""]: RegExpMatchArray): void {
    const verb = VERBS[attribute(command, "node").split(/[:#]/).at(-1) ?? ""];
    if (verb === undefined || attribute(iq, "to") !== this.#room) return;
    const fields = new Map([...form.matchAll(FIELD)].map(([, name = "", value = ""]) => [name, value]));
    const user = fields.get("hats#jid") ?? fields.get("jid");
    const hat = fields.get("hats#uri") ?? fields.get("hat") ?? fields.get("hat_uri");
    if (user === undefined || hat === undefined) return;
    const told: ToldHat = { verb, user, hat, at: new Date(), outcome: "unknown" };
    this.told.push(told);
    this.#unanswered.set(attribute(iq, "id"), told);
  }

  #answer(attributes: string): void {
    const told = this.#unanswered.get(attribute(attributes, "id"));
    const type = attribute(attributes, "type");
    if (told !== undefined) told.outcome = type === "result" ? "done" : "refused";
  }
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`\\b${name}=["']([^"']*)["']`).exec(attributes)?.[1] ?? "";
}

/* Calls back for each match in a text that comes in pieces. */
function matcher(pattern: RegExp, onMatch: (match: RegExpMatchArray) => void): (bytes: Buffer) => void {
  let text = "";
  return (bytes) => {
    text += bytes.toString("utf8");
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      onMatch(match);
      end = match.index + match[0].length;
    }
    text = text.slice(Math.max(end, text.length - REST));
  };
}
