/** Opens a desk over its store. */
import type { Desk, DeskOptions } from "./desk.ts";

/**
 * Opens the desk over the store in `options.data`, which no other process may have open.
 *
 * @throws OperatorError store-locked, store-damaged, store-newer, store-unreadable
 */
export function openDesk(options: DeskOptions): Promise<Desk> {
  return Promise.reject(new Error(`no store at ${options.data} yet`));
}
