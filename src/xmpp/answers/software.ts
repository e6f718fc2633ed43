/** The program as it names itself to others (XEP-0092): its name, and the version of its package. */
import { readFileSync } from "node:fs";
import type { Software } from "./disco-responder.ts";

const { version } = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as Pick<Software, "version">;

export const SOFTWARE: Software = { name: "Milliner", version };
