/**
 * The log's lines on their way out: those of one turn of the event loop are one write.
 *
 * The write is done before the turn goes on to what follows from the lines: the line of a change is out before its
 * answer is. So an end of the process at any moment, also by SIGKILL, loses no line of anything that somebody was told.
 */
import { type DestinationStream, pino } from "pino";

/** Writes lines to stdout. */
export function logLines(): DestinationStream {
  const out = pino.destination({ fd: 1, sync: true });
  let held = "";
  function flush(): void {
    const lines = held;
    held = "";
    if (lines !== "") out.write(lines);
  }
  process.on("exit", flush);
  return {
    write(line) {
      if (held === "") process.nextTick(flush);
      held += line;
    },
  };
}
