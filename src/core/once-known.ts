/**
 * Going on with what may be known already.
 *
 * Most of what a command waits for is known when it asks. Waiting all the same costs promises and turns, and in each turn
 * all the other commands that came with it go a step further too: whoever goes on at once still has their own things
 * in the processor's caches.
 */

/** Goes on at once with a value that is here, else when it comes. */
export function onceKnown<Value, Result>(
  value: Value | Promise<Value>,
  goOn: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
