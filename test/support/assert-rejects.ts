/** Asserts on what a promise rejects with. */
import * as assert from "uvu/assert";

/** Fails unless the promise rejects with an error of this class, which it returns. */
export async function assertRejects<Failure extends Error>(
  promise: Promise<unknown>,
  type: new (...values: never[]) => Failure,
): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, type);
  return error as Failure;
}
