/** How a mistake in the configuration is named. */
import { OperatorError } from "../core/errors.ts";

/** `where` is a file, a key or a variable. A cause from node:fs is named by its code, since its text may hold more. */
export function invalid(where: string, reason: string, cause?: unknown): OperatorError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new OperatorError("config-invalid", `${where}: ${reason}${code}`);
}
