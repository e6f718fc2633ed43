/** A file that a flag or a field of the command line names. */
import { readFileSync } from "node:fs";
import { reasonUnreadable } from "../store/files/folder.ts";
import { UsageError } from "./exit.ts";

/** Reads it; `name` is that of the flag or the field. Throws UsageError where it cannot be read. */
export function readNamed(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${name}: ${path} cannot be read: ${reasonUnreadable(error)}`);
  }
}
