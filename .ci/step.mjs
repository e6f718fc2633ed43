/**
 * One step of setting up: a command that is waited for with something to look at.
 */
import { spawn } from "node:child_process";

const LINES_SHOWN_ON_FAILURE = 40;

/** Raised for what the person at the keyboard can mend; its message is all they need to see. */
export class SetupError extends Error {}

/**
 * Runs a command, printing its title, a dot every two seconds and the time it took.
 *
 * Throws a SetupError with the end of its output when it fails; with `mayFail` it says so and goes on.
 */
export async function step(title, command, args, { env, mayFail = false } = {}) {
  const started = performance.now();
  process.stdout.write(`${title} `);
  const dots = setInterval(() => process.stdout.write("."), 2000);
  const { failure, output } = await run(command, args, env);
  clearInterval(dots);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(failure === undefined ? ` ${seconds} s` : ` ${failure}`);
  if (failure === undefined || mayFail) return;
  throw new SetupError(
    `${output.split("\n").slice(-LINES_SHOWN_ON_FAILURE).join("\n")}\n${command}: ${failure}`,
  );
}

function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => resolve({ failure: error.message, output }));
    child.once("close", (code, signal) =>
      resolve({ failure: code === 0 ? undefined : `failed with ${signal ?? code}`, output }),
    );
  });
}
