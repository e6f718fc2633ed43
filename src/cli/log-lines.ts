/**
 * The log's lines on their way out: those of one turn of the event loop are one write.
 *
 * The write is done before the turn goes on to what follows from the lines: the line of a change is out before its
 * answer is. So an end of the process at any moment, also by SIGKILL, loses no line of anything that somebody was told.
 */
import { type DestinationStream, pino } from "pino";

/* Lines that wait for room on the disk; what comes beyond is not kept. */
const KEPT_BYTES = 16 << 20;

/** Writes lines to stdout; where it takes none (a full disk) they wait, and go before the next one that it takes. */
export function logLines(): DestinationStream {
  const out = pino.destination({ fd: 1, sync: true, maxLength: KEPT_BYTES });
  // Without anybody to hear it this would end the program, and people would be without a desk for want of a log.
  out.on("error", () => undefined);
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
