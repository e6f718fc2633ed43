/** Where Converse is, the client in the browser: its built files are served as they came. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** An installed Converse. */
export interface Converse {
  readonly version: string;
  /** The folder of what a page loads. */
  readonly dist: string;
}

/** Finds Converse, or undefined where it is not installed: it is only for development. */
export function findConverse(from: string = import.meta.url): Converse | undefined {
  try {
    const dist = dirname(createRequire(from).resolve("converse.js/dist/converse.min.js"));
    const { version } = JSON.parse(readFileSync(join(dist, "../package.json"), "utf8")) as {
      version: string;
    };
    return { version, dist };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}
