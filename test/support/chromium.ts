/**
 * Debian's chromium without a screen, in the hands of playwright-core; it can reach this machine's loopback only.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { DEADLINE_MS } from "./deadline.ts";

const LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";

/** A browser in which several people can sit, each in a tab of their own. */
export interface OpenBrowser {
  readonly context: BrowserContext;
  /** The addresses that something was got from, WebSockets included, each once. */
  readonly reached: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Starts the browser; whatever is waited for in it fails after 20 s. */
export async function openBrowser(): Promise<OpenBrowser> {
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [LOOPBACK_ONLY, ...asRoot],
  });
  const context = await browser.newContext({
    viewport: { width: 1000, height: 700 },
    locale: "en",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(DEADLINE_MS);
  const reached = new Set<string>();
  context.on("response", (response) => reached.add(new URL(response.url()).host));
  context.on("page", (page) => {
    page.on("websocket", (socket) => reached.add(new URL(socket.url()).host));
  });
  return { context, reached, close: () => browser.close() };
}

function findChromium(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, "chromium")).find((file) => existsSync(file));
  if (found === undefined) throw new Error("no chromium here; `node .ci/setup.mjs browser` installs it");
  return found;
}
