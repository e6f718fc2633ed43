/**
 * A foreign client in a test: nbxmpp, the library that Gajim does all of XMPP with, run by test/support/nbxmpp.
 *
 * What Gajim's windows add to it is not here, but one thing: a form that nbxmpp calls invalid is not sent. It logs in without
 * TLS, so the server must not demand it.
 */
import { fileURLToPath } from "node:url";
import type { TestServer } from "../../src/testing/index.ts";
import { startJsonClient } from "./json-client.ts";
import type { AdhocUser } from "./slixmpp.ts";

const SCRIPT = fileURLToPath(new URL("nbxmpp/client.py", import.meta.url));

/** Starts nbxmpp and logs in with an account that exists; the password is the user name unless given. */
export async function startNbxmpp(server: TestServer, user: string, password = user): Promise<AdhocUser> {
  const client = await startJsonClient(SCRIPT, server, user, password);
  return {
    jid: client.jid,
    discover: (jid) => client.ask("discover", { jid }),
    start: (jid, node, values) => client.ask("start", { jid, node, ...(values && { values }) }),
    go: (action, values) => client.ask("go", { action, ...(values && { values }) }),
    close: () => client.close(),
  };
}
