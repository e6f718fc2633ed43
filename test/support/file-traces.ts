/** What a folder looks like from outside, so that a test sees whether anybody touched it. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Each name with what a writer would change: the file behind it, its owner, mode, time and content. */
export function tracesOf(folder: string): Readonly<Record<string, readonly string[]>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return Object.fromEntries(
    ["", ...names].map((name) => {
      const path = join(folder, name);
      const { ino, uid, mode, mtimeNs } = lstatSync(path, { bigint: true });
      const content = lstatSync(path).isFile() ? readFileSync(path, "latin1") : "";
      return [name, [...[ino, uid, mode, mtimeNs].map(String), content]];
    }),
  );
}
