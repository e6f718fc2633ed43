/** Logging as a port; a pino logger fits as it is. */

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Where the desk tells its operator what happened. */
export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const ignore: Write = () => undefined;

/** Tells nobody. */
export const silentLog: Log = { info: ignore, warn: ignore, error: ignore };
