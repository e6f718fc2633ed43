/**
 * An account whose ad-hoc commands answer what a test says, right or wrong: it shows what a client makes of it.
 *
 * It is the library's client as it comes, since the desk itself would never answer so.
 */
import { NS_COMMANDS, NS_DISCO_INFO, NS_DISCO_ITEMS } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import type { TestServer } from "../../src/testing/index.ts";
import { buildRawClient } from "./raw-client.ts";

/** What one command answers, request by request; what is left over is not asked for. */
export type Script = readonly Element[];

/** The account. */
export interface ScriptedCommands {
  /** Where the commands are. */
  readonly jid: string;
  /** The `<command/>` elements that were asked, in order. */
  readonly asked: readonly Element[];
  close(): Promise<void>;
}

/** Logs in as `bot` and offers these commands by their names. */
export async function offerScripts(
  server: TestServer,
  scripts: Readonly<Record<string, Script>>,
): Promise<ScriptedCommands> {
  await server.register("bot", "secret");
  const raw = buildRawClient(server.service, server.domain);
  const left = new Map(Object.entries(scripts).map(([name, script]) => [name, [...script]]));
  const asked: Element[] = [];
  raw.iqCallee.get(NS_DISCO_INFO, "query", () =>
    xml("query", { xmlns: NS_DISCO_INFO }, xml("feature", { var: NS_COMMANDS })),
  );
  raw.iqCallee.get(NS_DISCO_ITEMS, "query", () => {
    const items = Object.keys(scripts).map((name) => xml("item", { jid, node: name, name }));
    return xml("query", { xmlns: NS_DISCO_ITEMS, node: NS_COMMANDS }, ...items);
  });
  raw.iqCallee.set(NS_COMMANDS, "command", ({ stanza }) => {
    const command = stanza.getChild("command", NS_COMMANDS) ?? stanza;
    asked.push(command);
    return left.get(String(command.attrs["node"]))?.shift() ?? false;
  });
  const jid = String(await raw.start());
  return { jid, asked, close: async () => void (await raw.stop()) };
}
