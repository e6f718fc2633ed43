/** Holds what the command line prints as JSON against docs/exec-output.schema.json. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const schema = JSON.parse(
  readFileSync(new URL("../../docs/exec-output.schema.json", import.meta.url), "utf8"),
) as object;
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
const isAsPromised = ajv.compile(schema);
const isAsDescribed = ajv.compile(closed(schema));

/** What is wrong with an output, a line a fault; empty where the schema describes it, each of its members. */
export function faultsOf(output: unknown): string[] {
  return faults(isAsDescribed, output);
}

/** What is wrong with an output for a script, which takes members that the schema does not know. */
export function faultsForScripts(output: unknown): string[] {
  return faults(isAsPromised, output);
}

function faults(isValid: ValidateFunction, output: unknown): string[] {
  if (isValid(output)) return [];
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/* The schema promises that members may be added; what is printed now has none that it does not describe. */
function closed(part: unknown): object {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    const walked = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
    const isObject = "type" in value && value.type === "object" && "required" in value;
    return isObject ? { ...walked, additionalProperties: false } : walked;
  };
  return { ...(walk(part) as object), $id: "urn:milliner:exec-output:closed" };
}
