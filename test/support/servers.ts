/**
 * Which kinds of server this test run uses, chosen by MILLINER_TEST_SERVERS.
 *
 * The variable is a list with commas, or `all`; the runner leaves test/servers out when it is `none`.
 */
import { isServerKind, SERVER_KINDS, type ServerKind } from "../../src/testing/index.ts";

/** Tells test-worker.mjs that a file without tests is meant so. */
const FOR_OTHER_SERVERS = Symbol.for("milliner.test.forOtherServers");
const DEFAULT_KINDS = "prosody-0.12,ejabberd-23";

/** The kinds of this run, in the order of SERVER_KINDS. */
export function chosenKinds(): readonly ServerKind[] {
  const wanted = process.env.MILLINER_TEST_SERVERS ?? DEFAULT_KINDS;
  if (wanted === "all") return SERVER_KINDS;
  const names = wanted.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !isServerKind(name));
  if (unknown !== undefined) throw new Error(`MILLINER_TEST_SERVERS names the unknown kind "${unknown}"`);
  return SERVER_KINDS.filter((kind) => names.includes(kind));
}

/** Calls back once a chosen kind, so that a file can make one suite for each; `only` narrows to some kinds. */
export function eachServer(
  define: (kind: ServerKind) => void,
  only: readonly ServerKind[] = SERVER_KINDS,
): void {
  const kinds = chosenKinds().filter((kind) => only.includes(kind));
  if (kinds.length === 0) Reflect.set(globalThis, FOR_OTHER_SERVERS, true);
  for (const kind of kinds) define(kind);
}
