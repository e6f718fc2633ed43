/** `milliner check` of a store, beside a server that is not a real one. */
import { check } from "../../src/cli/check.ts";
import type { FakeServer } from "./fake-server.ts";

/** Runs it; the exit status, and all that is printed. */
export async function runCheck(
  { service }: Pick<FakeServer, "service">,
  data: string,
  admins: readonly string[] = ["ops@milliner.test"],
): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const print = (text: string): void => void lines.push(text);
  const env = {
    MILLINER_JID: "hats@milliner.test",
    MILLINER_PASSWORD: "secret",
    MILLINER_SERVICE: service,
    MILLINER_DATA: data,
    MILLINER_ADMINS: JSON.stringify(admins),
  };
  const status = await check({ out: print, err: print }, { env, file: undefined });
  return { status, lines };
}
