/** Does something without the rights of root, which no mode of a file stops. */

const NOBODY = 65_534;

/** Does it as an ordinary user; whoever is one already stays it. */
export async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}
