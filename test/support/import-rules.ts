/**
 * Which source file may import what, and how long a file may be.
 *
 * Imports are read by a real parser, type imports and dynamic ones included. Leaves out what a name that is imported
 * is used for.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/** The layers, highest first; a file may import from its own layer and from lower ones. */
export const LAYERS = [
  "demo",
  "testing",
  "adhoc",
  "index",
  "cli",
  "bot",
  "config",
  "xmpp",
  "presence",
  "commands",
  "desk",
  "store",
  "stanza",
  "core",
] as const;

type Layer = (typeof LAYERS)[number];

const CLIENT_LAYERS: readonly Layer[] = ["xmpp", "testing"];
const STRANGERS: readonly (readonly [Layer, Layer])[] = [
  ["stanza", "store"],
  ["store", "stanza"],
];
const MOST_LINES = 250;
const REASON = /\blong because\b/;

/** Everything that breaks a rule below a folder of sources, a sentence each, in order of files. */
export function brokenRules(sourceFolder: string): string[] {
  const names = readdirSync(sourceFolder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".ts")).toSorted();
  return files.flatMap((file) => {
    const text = readFileSync(join(sourceFolder, file), "utf8");
    const imports = importsOf(file, text);
    return [
      ...imports.flatMap((specifier) => brokenByImport(file, specifier)),
      ...brokenByLength(file, text),
    ];
  });
}

function brokenByImport(file: string, specifier: string): string[] {
  const layer = layerOf(file);
  if (layer === undefined) return [`${file} is in no layer`];
  if (!specifier.startsWith(".")) return brokenByPackage(file, layer, specifier);
  const target = relative(".", join(dirname(file), specifier));
  if (target.startsWith("..")) return [`${file} imports ${target}, which is outside of the sources`];
  const below = layerOf(target);
  if (below === undefined) return [`${file} imports ${target}, which is in no layer`];
  if (LAYERS.indexOf(below) < LAYERS.indexOf(layer)) return [`${file} imports ${target}, which is above it`];
  const areStrangers = STRANGERS.some(([one, other]) => one === layer && other === below);
  return areStrangers ? [`${file} imports ${target}, but ${layer} and ${below} do not know each other`] : [];
}

function brokenByPackage(file: string, layer: Layer, specifier: string): string[] {
  if (layer === "core") return [`${file} imports ${specifier}, but core imports nothing from outside`];
  if (specifier.startsWith("@xmpp/client") && !CLIENT_LAYERS.includes(layer))
    return [`${file} imports ${specifier}, which only ${CLIENT_LAYERS.join(" and ")} may`];
  return [];
}

function brokenByLength(file: string, text: string): string[] {
  const lines = text.trimEnd().split("\n").length;
  if (lines <= MOST_LINES || REASON.test(headerOf(text))) return [];
  return [`${file} has ${lines} lines, and its header does not say that it is "long because"`];
}

function headerOf(text: string): string {
  return /^\s*(?:\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(text)?.[0] ?? "";
}

/** The layer of a file by its folder, or by its name up to the first hyphen where it has no folder. */
function layerOf(file: string): Layer | undefined {
  const name = file.includes("/") ? file.slice(0, file.indexOf("/")) : file.replace(/[-.].*$/, "");
  return LAYERS.find((layer) => layer === name);
}

function importsOf(file: string, text: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const specifiers: string[] = [];
  const keep = (source: { readonly type: string; readonly value?: unknown } | null): void => {
    if (source !== null)
      specifiers.push(typeof source.value === "string" ? source.value : "(a computed name)");
  };
  new Visitor({
    ImportDeclaration: ({ source }) => keep(source),
    ExportNamedDeclaration: ({ source }) => keep(source),
    ExportAllDeclaration: ({ source }) => keep(source),
    ImportExpression: ({ source }) => keep(source),
    TSImportType: ({ source }) => keep(source),
  }).visit(program);
  return specifiers;
}
