/** Holds what the command line prints as JSON against docs/exec-output.schema.json. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const schema = JSON.parse(
  readFileSync(new URL("../../docs/exec-output.schema.json", import.meta.url), "utf8"),
) as object;
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
const isValid = ajv.compile(schema);

/** What is wrong with an output, a line a fault; empty where it is as the schema says. */
export function faultsOf(output: unknown): string[] {
  if (isValid(output)) return [];
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
