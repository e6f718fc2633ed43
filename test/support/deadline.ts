/** Waiting for something that must happen, without waiting forever. */

/** Long enough for a machine that is busy with other work; whatever passes waits no longer than it must. */
export const DEADLINE_MS = 60_000;

/** The promise's value, or a failure that names what did not happen in time. */
export async function within<Value>(promise: Promise<Value>, what: string, ms = DEADLINE_MS): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${ms} ms`)), ms);
    timer.unref(); // What lost a race is still waited for when the tests are over.
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves as soon as a condition holds, several turns in a row, so that what one turn sets off is seen. */
export async function untilTrue(condition: () => boolean, what: string, waitMs = DEADLINE_MS): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let turns = 0; turns < 5; turns = condition() ? turns + 1 : 0) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${waitMs} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
