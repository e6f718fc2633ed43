/** How a mistake in the configuration is named, and in a file that it names. */
import { OperatorError } from "../core/errors.ts";
import { reasonUnreadable } from "../store/files/folder.ts";

/** `where` is a file, a key or a variable. */
export function invalid(where: string, reason: string): OperatorError {
  return new OperatorError("config-invalid", `${where}: ${reason}`);
}

/** Reads a file that the configuration names, or refuses it; `origin` is where it is named. */
export function readNamed(path: string, origin: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch (error) {
    throw invalid(origin, `${path} cannot be read: ${reasonUnreadable(error)}`);
  }
}
