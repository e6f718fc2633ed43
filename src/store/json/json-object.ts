/** JSON objects, told from all else that a JSON text may be. */

/** A JSON object as it was parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
