/** The room's own commands for hats, past the desk, with everything that its lists say. */
import type { HatId } from "../../src/core/model.ts";
import { buildSubmission } from "../../src/stanza/data-form.ts";
import { parseAssignedTable, parseHatTable, PROSODY_HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import type { TestClient } from "../../src/testing/index.ts";
import { commandOf, hatsCommand, NS_COMMANDS, NS_DATA_FORM } from "./hat-room.ts";
import type { Showing } from "./presence-stage.ts";

/** What somebody can do to a room's hats; each rejects where the room refuses. */
export interface RoomsOwnHats {
  /** Makes a hat known, or gives it another title; absent where a hat need not be known. */
  readonly create?: (hat: HatId, title: string) => Promise<unknown>;
  /** Makes the room forget a hat, and takes it off everybody; absent as `create`. */
  readonly destroy?: (hat: HatId) => Promise<unknown>;
  /** Gives a hat; the title counts where it is the wearer's. */
  assign(jid: string, hat: HatId, title: string): Promise<unknown>;
  unassign(jid: string, hat: HatId): Promise<unknown>;
  /** `hat title` of each hat that is known. */
  list(): Promise<string[]>;
  /** `jid hat title` of each hat that somebody has. */
  assigned(): Promise<string[]>;
}

/** Lets somebody use them. */
export function roomsOwnHats(dialect: Showing["dialect"], person: TestClient, room: string): RoomsOwnHats {
  return dialect === "prosody-hats" ? prosodyHats(person, room) : xep0317(person, room);
}

function xep0317(person: TestClient, room: string): RoomsOwnHats {
  const ask = async (node: string): Promise<Element> =>
    tableOf(await person.demand(hatsCommand(room, node, undefined, { action: "execute" })));
  const run = (node: string, fields: Record<string, string>): Promise<unknown> =>
    person.demand(hatsCommand(room, node, fields, { action: "complete" }));
  /* Both vars for the hat: XEP-0317 registers one, ejabberd asks for the other. */
  const whom = (jid: string, hat: string) => ({ "hats#jid": jid, "hats#uri": hat, hat });
  return {
    create: (hat, title) => run("create", { "hats#uri": hat, "hats#title": title }),
    destroy: (hat) => run("destroy", { "hats#uri": hat, hat }),
    assign: (jid, hat) => run("assign", whom(jid, hat)),
    unassign: (jid, hat) => run("unassign", whom(jid, hat)),
    list: async () => (parseHatTable(await ask("list")) ?? []).map(({ uri, title }) => `${uri} ${title}`),
    assigned: async () => assignedIn(await ask("list-assigned")),
  };
}

function prosodyHats(person: TestClient, room: string): RoomsOwnHats {
  const run = async (node: string, fields?: Readonly<Record<string, string>>): Promise<Element> => {
    const values = Object.entries(fields ?? {}).map(([name, value]): [string, string[]] => [name, [value]]);
    const form = fields && buildSubmission(new Map(values));
    const command = xml(
      "command",
      { xmlns: NS_COMMANDS, node, action: fields ? "complete" : "execute" },
      form,
    );
    return person.demand(xml("iq", { type: "set", to: room }, command));
  };
  return {
    assign: (jid, hat, title) => run(PROSODY_HAT_NODES.assign, { jid, hat_title: title, hat_uri: hat }),
    unassign: (jid, hat) => run(PROSODY_HAT_NODES.unassign, { jid, hat_uri: hat }),
    list: async () => [],
    assigned: async () => assignedIn(tableOf(await run(PROSODY_HAT_NODES.listAssigned))),
  };
}

function tableOf(answer: Element): Element {
  const x = commandOf(answer).getChild("x", NS_DATA_FORM);
  if (x === undefined) throw new Error(`no table in ${String(answer)}`);
  return x;
}

function assignedIn(x: Element): string[] {
  const { hats = [] } = parseAssignedTable(x) ?? {};
  return hats.map(({ jid, uri, title }) => `${jid} ${uri} ${title}`).toSorted();
}
