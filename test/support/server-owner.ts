/**
 * A process that starts a server of the kind in its argument, sends the server's port to its parent and waits for its
 * own end.
 */
import { startServer, type ServerKind } from "../../src/testing/index.ts";

const server = await startServer({ kind: process.argv[2] as ServerKind });
process.send?.(server.c2sPort);
