/**
 * The version of what is in the files, and the steps from older ones.
 *
 * A store of an older version is migrated as a whole when it is opened, and written anew at once.
 */

/** From one version to the next. */
export interface Migration {
  /** Takes the parsed hats.json, whole. */
  readonly snapshot: (raw: unknown) => unknown;
  /** Takes one parsed entry of the journal. */
  readonly entry: (raw: unknown) => unknown;
}

/** A version, with the migrations that lead to it; a key is the version a migration starts from. */
export interface Format {
  readonly version: number;
  readonly migrations: ReadonlyMap<number, Migration>;
}

/** What this program writes. */
export const FORMAT: Format = { version: 1, migrations: new Map() };

/** The migrations from a version up to the present one; undefined where there is no way. */
export function migrationsFrom(format: Format, version: number): readonly Migration[] | undefined {
  const steps: Migration[] = [];
  for (let at = version; at < format.version; at++) {
    const step = format.migrations.get(at);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps;
}
