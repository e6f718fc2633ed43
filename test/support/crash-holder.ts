/** Opens the store in the folder it is given, says `held` or the code of the refusal, and holds it until it is ended. */
import { OperatorError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { Store } from "../../src/store/store.ts";

try {
  await Store.open({
    path: process.argv[2] ?? "",
    log: silentLog,
    now: () => new Date(),
    onDurable: () => undefined,
  });
  console.log("held");
  process.stdin.resume();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.log(error.code);
}
