/** Logging as a port; a pino logger fits as it is. No password and no stanza goes through it. */

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Where a connection tells what happened to it. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const ignore: Write = () => undefined;

/** Tells nobody. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
