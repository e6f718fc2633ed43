/** The room's own commands for hats, in the way each room has them, as somebody uses them past the desk. */
import type { Element } from "../../../src/stanza/xml.ts";
import { xml } from "../../../src/stanza/xml.ts";
import { buildSubmission } from "../../../src/stanza/data-form.ts";
import { commandOf, hatAdmin, NS_COMMANDS, NS_DATA_FORM } from "../hat-room.ts";
import type { Showing } from "../presence-stage.ts";
import type { TestClient } from "../../../src/testing/index.ts";

/** One way of managing a room's hats; each rejects where the room refuses. */
export interface NativeHats {
  give(jid: string, hat: string, title: string): Promise<unknown>;
  take(jid: string, hat: string): Promise<unknown>;
  /** Makes a hat known, or known by another title; undefined where the room has no such command. */
  readonly define?: (hat: string, title: string) => Promise<unknown>;
  /** Makes a hat unknown, and takes it from everybody; undefined where the room has no such command. */
  readonly destroy?: (hat: string) => Promise<unknown>;
  /** What the room has, as `jid hat title`, sorted. */
  assigned(): Promise<string[]>;
}

const SPEECHES: Readonly<
  Record<Showing["dialect"], ((person: TestClient, room: string) => NativeHats) | undefined>
> = {
  "xep-0317": xep0317,
  "prosody-hats": prosodyHats,
  "own-presence": undefined,
};

/** Lets somebody manage a room's hats; undefined where the room has no commands for them. */
export function nativeHats(
  dialect: Showing["dialect"],
  person: TestClient,
  room: string,
): NativeHats | undefined {
  return SPEECHES[dialect]?.(person, room);
}

function xep0317(person: TestClient, room: string): NativeHats {
  const admin = hatAdmin(person, room);
  return {
    async give(jid, hat, title) {
      const known = await admin.list();
      if (!known.some((line) => line.split(" ").includes(hat))) await admin.create(hat, title);
      await admin.assign(jid, hat);
    },
    take: (jid, hat) => admin.unassign(jid, hat),
    define: (hat, title) => admin.create(hat, title),
    destroy: (hat) => admin.destroy(hat),
    async assigned() {
      const lines = await admin.listAssigned();
      return lines.map((line) => line.replace(HUE, "")).toSorted();
    },
  };
}

/* A title may hold spaces, and a hat need have no hue. */
const HUE = / \d+(\.\d+)?$/;

/* COMPAT: ejabberd 23.01; its list names title and URI in each other's place, so a value with a colon is the URI. */
function prosodyHats(person: TestClient, room: string): NativeHats {
  const run = async (node: string, fields?: Readonly<Record<string, string>>): Promise<Element> => {
    const values = Object.entries(fields ?? {}).map(([name, value]): [string, string[]] => [name, [value]]);
    const form = fields && buildSubmission(new Map(values));
    const command = xml("command", { xmlns: NS_COMMANDS, node, ...(fields && { action: "complete" }) }, form);
    return commandOf(await person.demand(xml("iq", { type: "set", to: room }, command)));
  };
  const node = (verb: string) => `http://prosody.im/protocol/hats#${verb}`;
  return {
    give: (jid, hat, title) => run(node("add"), { jid, hat_title: title, hat_uri: hat }),
    take: (jid, hat) => run(node("remove"), { jid, hat_uri: hat }),
    async assigned() {
      const x = (await run("p1:hats#list")).getChild("x", NS_DATA_FORM);
      const rows = x?.getChildren("item").map((item) => {
        const values = item.getChildren("field").map((field) => field.getChildText("value") ?? "");
        const jid = values.find((value) => value.includes("@"));
        const uris = values.filter((value) => value.startsWith("urn:"));
        return [jid, uris[0], values.find((value) => value !== jid && !uris.includes(value)) ?? uris[1]];
      });
      return (rows ?? []).map((row) => row.join(" ")).toSorted();
    },
  };
}
