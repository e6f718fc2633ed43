/** The password of the bot's account: the environment's before the file's, whichever of the two keys each uses. */
import { resolve } from "node:path";
import { invalid, readNamed } from "./fault.ts";
import type { Values } from "./keys.ts";
import { environmentName, type Origins, originOf, placesOf } from "./origins.ts";

/** A password, and where it is. */
export interface Secret {
  readonly password: string;
  /** The file that holds the password, where one does. */
  readonly secretFile?: string;
  /** Where the password was found, in words for the operator. */
  readonly passwordFrom: string;
}

type SecretKey = "password" | "passwordFile";

/**
 * Finds the password.
 *
 * @throws OperatorError config-invalid
 */
export function readSecret(origins: Origins, read: (path: string) => string): Secret {
  const { file, fromFile, fromEnv } = origins;
  const isInEnv = keysIn(fromEnv).length > 0;
  const overridden = isInEnv ? keysIn(fromFile) : [];
  const values = isInEnv ? fromEnv : fromFile;
  const key = onlyKey(values, origins);
  const value = values[key] ?? "";
  const where = isInEnv ? environmentName(key) : `${key} in ${file}`;
  const instead = overridden.length === 0 ? "" : `; it overrides ${overridden.join(" and ")} in ${file}`;
  if (key === "password") {
    const secretFile = isInEnv ? {} : { secretFile: resolve(file) };
    return { password: value, ...secretFile, passwordFrom: `${where}${instead}` };
  }
  const password = readFileOf(value, originOf(origins, key), read);
  return { password, secretFile: value, passwordFrom: `${value}, by ${where}${instead}` };
}

function keysIn(values: Values): SecretKey[] {
  return (["password", "passwordFile"] as const).filter((key) => values[key] !== undefined);
}

function onlyKey(values: Values, origins: Origins): SecretKey {
  const [key, other] = keysIn(values);
  if (key === undefined) {
    const mend = `name a file that holds the password, ${placesOf(origins, "passwordFile")}`;
    throw invalid("passwordFile", `is missing; ${mend}`);
  }
  if (other === undefined) return key;
  const names = [key, other].map((name) => (values === origins.fromEnv ? environmentName(name) : name));
  throw invalid(originOf(origins, key), `give either ${names.join(" or ")}, not both`);
}

function readFileOf(path: string, origin: string, read: (path: string) => string): string {
  const password = readNamed(path, origin, read).replace(/\r?\n$/, "");
  if (password === "") throw invalid(origin, `${path} is empty; write the password into it`);
  return password;
}
