/**
 * The demo: a private server, the bot, a room with people in it, and the life of a hat as each of them sees it.
 *
 * `--once` plays and ends, with status 0 only if everything was seen in room presence; otherwise everything stays up
 * until Ctrl-C, with the accounts printed, and Converse in the browser where it is installed.
 */
import { type BrowserServer, serveBrowser } from "./browser-server.ts";
import { findConverse } from "./converse.ts";
import { setStage, type Stage } from "./stage.ts";
import { play } from "./play.ts";

/* As a shell says of who ended by Ctrl-C. */
const INTERRUPTED = 130;
const isOnce = process.argv.includes("--once");

const unknown = process.argv.slice(2).find((word) => word !== "--once");
if (unknown !== undefined) {
  console.error(`${unknown}: the demo knows only --once`);
  process.exit(2);
}

/* Heard from the start: whoever has seen enough in the middle of the play leaves nothing behind either. */
const interrupted = untilInterrupted();
let stage: Stage | undefined;
let browser: BrowserServer | undefined;
try {
  stage = await setStage((line) => console.log(line));
  const isPlayed = await Promise.race([play(stage).then(() => true), interrupted.then(() => false)]);
  if (!isPlayed) process.exitCode = INTERRUPTED;
  else if (!isOnce) {
    browser = await openToBrowsers(stage);
    console.log(stage.howToJoin(browser?.address ?? "none, since Converse is not installed here"));
    await interrupted;
  }
} catch (error) {
  console.error(`\nThe play broke off: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await browser?.stop();
  await stage?.clear();
  if (!isOnce) console.log("Stopped; everything is removed.");
}

async function openToBrowsers({ scenery }: Stage): Promise<BrowserServer | undefined> {
  const converse = findConverse();
  return converse === undefined ? undefined : serveBrowser(converse, scenery);
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
