/** How a mistake in the configuration is named, and in a file that it names. */
import { OperatorError } from "../core/errors.ts";
import { errorCode } from "../store/files/folder.ts";

/** `where` is a file, a key or a variable. A cause from node:fs is named by its code, since its text may hold more. */
export function invalid(where: string, reason: string, cause?: unknown): OperatorError {
  const code = errorCode(cause);
  return new OperatorError("config-invalid", `${where}: ${reason}${code === "" ? "" : ` (${code})`}`);
}

/** Reads a file that the configuration names, or refuses it; `origin` is where it is named. */
export function readNamed(path: string, origin: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch (error) {
    throw invalid(origin, `${path} cannot be read`, error);
  }
}
