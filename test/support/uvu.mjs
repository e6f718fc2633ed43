/**
 * uvu, but a `before` or `after` that throws is told.
 *
 * COMPAT: uvu 0.5.6 returns out of a `finally`, so that the error of such a hook is lost and its tests just do not run.
 */
import * as uvu from "uvu";

/** Errors of hooks since they were last taken; read by test-worker.mjs. */
const HOOK_ERRORS = Symbol.for("milliner.test.hookErrors");
globalThis[HOOK_ERRORS] = [];

export const suite = (...args) => telling(uvu.suite(...args));
export const test = telling(uvu.test);
export const exec = uvu.exec;

function telling(test) {
  test.before = Object.assign(tellingHook(test.before), { each: tellingHook(test.before.each) });
  test.after = Object.assign(tellingHook(test.after), { each: tellingHook(test.after.each) });
  return test;
}

function tellingHook(addHook) {
  return (handler) =>
    addHook(async (state) => {
      try {
        await handler(state);
      } catch (error) {
        globalThis[HOOK_ERRORS].push(error);
        throw error;
      }
    });
}
