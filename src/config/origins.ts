/** Where each value of the configuration was said, so that whatever is wrong with it is named by its file or variable. */
import type { ConfigKey, Values } from "./keys.ts";

/** What the file said and what the environment said, each by itself. */
export interface Origins {
  /** The path of the file. */
  readonly file: string;
  readonly isFileThere: boolean;
  readonly fromFile: Values;
  readonly fromEnv: Values;
}

/** Names where a key was said: its variable, or the file with the key. */
export function originOf({ file, fromEnv }: Origins, key: ConfigKey): string {
  return fromEnv[key] === undefined ? `${file}: ${key}` : environmentName(key);
}

/** Where somebody may set a key. */
export function placesOf({ file, isFileThere }: Origins, key: ConfigKey): string {
  return `in ${file}${isFileThere ? "" : ", which is not there,"} or as ${environmentName(key)}`;
}

/** The variable that sets a key: MILLINER_PASSWORD_FILE for passwordFile. */
export function environmentName(key: string): string {
  return `MILLINER_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}
