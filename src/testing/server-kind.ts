/**
 * The kinds of server that the tests run against, and what each is made of.
 *
 * A kind is a release line whose behaviour towards rooms and hats differs from the others'. Leaves out which of them
 * a test run uses (test/support/servers.ts) and how one is started (prosody.ts, ejabberd.ts).
 */

/** Every kind of server that can be started, oldest first for each software. */
export const SERVER_KINDS = ["prosody-0.12", "prosody-13", "ejabberd-23", "ejabberd-26"] as const;

/** One release line of one server software. */
export type ServerKind = (typeof SERVER_KINDS)[number];

const SOFTWARES = ["prosody", "ejabberd"] as const;

/** The software behind a kind. */
export type ServerSoftware = (typeof SOFTWARES)[number];

/** Tells whether a text names a kind of server. */
export function isServerKind(text: string): text is ServerKind {
  return (SERVER_KINDS as readonly string[]).includes(text);
}

/** Refuses what is neither a kind nor a software; from JavaScript, or a command line, anything may come. */
export function assertServer(name: string): void {
  const known: readonly string[] = [...SOFTWARES, ...SERVER_KINDS];
  if (!known.includes(name)) throw new Error(`no server is called ${name}; there are ${known.join(", ")}`);
}

/** The software that a kind belongs to. */
export function softwareOf(kind: ServerKind): ServerSoftware {
  return kind.startsWith("prosody") ? "prosody" : "ejabberd";
}

/** The release line of a kind as its package version begins: `0.12`, `13`, `23`, `26`. */
export function releaseLineOf(kind: ServerKind): string {
  return kind.slice(kind.indexOf("-") + 1);
}
