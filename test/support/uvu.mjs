/**
 * uvu, but a `before` or `after` that throws is told, and a suite whose tests nobody runs.
 *
 * COMPAT: uvu 0.5.6 returns out of a `finally`, so that the error of such a hook is lost and its tests just do not run.
 * Of a suite without its `.run()` it knows nothing at all.
 */
import * as uvu from "uvu";

/** Errors of hooks since they were last taken; read by test-worker.mjs. */
const HOOK_ERRORS = Symbol.for("milliner.test.hookErrors");
globalThis[HOOK_ERRORS] = [];

/** Suites that hold tests which no `run` has taken yet; read by test-worker.mjs. */
const WAITING_SUITES = Symbol.for("milliner.test.waitingSuites");
globalThis[WAITING_SUITES] = new Set();

export const suite = (name, ...args) => counting(telling(uvu.suite(name, ...args)), name);
export const test = counting(telling(uvu.test), "test");
export const exec = uvu.exec;

function counting(test, name) {
  const waiting = globalThis[WAITING_SUITES];
  const entry = { name };
  const counted = (addTest) =>
    function (...args) {
      waiting.add(entry);
      addTest(...args);
    };
  return Object.assign(counted(test), test, {
    only: counted(test.only),
    skip: counted(test.skip),
    run() {
      waiting.delete(entry);
      test.run();
    },
  });
}

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
