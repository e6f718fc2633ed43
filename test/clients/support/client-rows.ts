/** The table of clients in docs/clients.md, held by the tests that play them: it says what they saw, and no more. */
import { spawnSync } from "node:child_process";
import * as assert from "uvu/assert";
import { tableUnder } from "../../support/markdown.ts";

const FILE = "docs/clients.md";
const HEADING = "What each shows";

/** How well a client does at a step. */
export type Verdict = "cannot" | "good" | "usable";

/** What was seen of one client, in the version that is installed. */
export interface ClientRows {
  /** Notes what a step showed; line breaks are written as spaces. */
  note(step: string, shows: string, verdict: Verdict): void;
  /** Fails unless the client's rows in the table are those that were noted, in that order. */
  assertDocumented(): void;
}

/** The rows of a client that a Debian package brings. */
export function clientRows(client: string, debianPackage: string): ClientRows {
  const version = upstreamVersion(debianPackage);
  const seen: string[] = [];
  return {
    note(step, shows, verdict) {
      seen.push(rowOf([client, version, step, shows.replaceAll(/\s+/g, " "), verdict]));
    },
    assertDocumented() {
      const documented = tableUnder(FILE, HEADING).filter(([name]) => name === client);
      assert.equal(documented.map(rowOf), seen);
    },
  };
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function upstreamVersion(name: string): string {
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f=${Version}", name], { encoding: "utf8" });
  return stdout.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}
