/**
 * Module hooks (node:module `register`) that give test files test/support/uvu.mjs where they import uvu.
 */
const WRAPPER = new URL("uvu.mjs", import.meta.url).href;

export function resolve(specifier, context, nextResolve) {
  const isTestFile = specifier === "uvu" && context.parentURL !== WRAPPER;
  return isTestFile
    ? { url: WRAPPER, format: "module", shortCircuit: true }
    : nextResolve(specifier, context);
}
