/**
 * Free TCP ports on loopback for throw-away servers.
 *
 * Ports are drawn from below the range that the system gives to outgoing connections. A port from within that range
 * (which binding port 0 would give) can be taken by any client between the choice and the server's own bind, and
 * again while a server restarts on the same port.
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const LOWEST = 10_000;
const END_OF_RANGE = 32_000;
const ATTEMPTS = 50;

/** Chooses a port of 127.0.0.1 that nothing listens on; throws when 50 draws found none. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, END_OF_RANGE);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port of 127.0.0.1 in ${ATTEMPTS} draws`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once("error", () => resolve(false));
    listener.listen(port, "127.0.0.1", () => listener.close(() => resolve(true)));
  });
}
