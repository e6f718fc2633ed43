/** Whether the file with the bot's password is open to everybody on the machine. */
import { statSync } from "node:fs";
import type { Config } from "../config/config.ts";

const OTHERS_MAY_READ = 0o004;

/** What to do about it, in a sentence; undefined where nothing is wrong, or where the password is in no file. */
export function secretWarning({ secretFile }: Pick<Config, "secretFile">): string | undefined {
  if (secretFile === undefined) return undefined;
  if ((statSync(secretFile).mode & OTHERS_MAY_READ) === 0) return undefined;
  return `${secretFile} holds the password and may be read by everybody on this machine: chmod o-rwx ${secretFile}`;
}
