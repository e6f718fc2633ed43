/**
 * The folder of a throw-away server, and the removal of those whose process was killed before it could tidy up.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const NAME = /^milliner-server-(\d+)-/;

/** Makes a new folder inside an existing one, after removing those of processes that are gone. */
export async function makeServerFolder(parent: string): Promise<string> {
  await removeAbandoned(parent);
  return mkdtemp(join(parent, `milliner-server-${process.pid}-`));
}

async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent);
  const abandoned = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  const removals = abandoned.map((name) => rm(join(parent, name), { recursive: true, force: true }));
  // Those of another user stay: they are that user's to remove, and no reason not to start.
  await Promise.allSettled(removals);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
