/** Reads the JSON files of a folder, each checked as it is read. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

/** All files of a folder by their names, none where there is no folder; throws an Error that names file and place. */
export function readFolder<Schema extends v.GenericSchema>(
  folder: string,
  schema: Schema,
): v.InferOutput<Schema>[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".json")).toSorted();
  return files.map((name) => readSource(join(folder, name), schema));
}

function readSource<Schema extends v.GenericSchema>(file: string, schema: Schema): v.InferOutput<Schema> {
  const read = v.safeParse(schema, JSON.parse(readFileSync(file, "utf8")));
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new Error(`${file}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}`);
}
