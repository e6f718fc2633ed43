/**
 * Where each kind of server is installed: on this machine, or in a system tree of its own under the cache folder.
 *
 * The tree is made by `.ci/setup.mjs matrix`. Leaves out installing anything.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CommandLine } from "./child-process.ts";
import { releaseLineOf, softwareOf, type ServerKind } from "./server-kind.ts";

const run = promisify(execFile);
const LOCAL_PROSODY: readonly ServerKind[] = ["prosody-0.12", "prosody-13"];

/** A system tree that holds a server: `/`, or the folder of a tree to chroot into. */
export interface Installation {
  readonly root: string;
  /** The package version, as in `0.12.3-1`. */
  readonly version: string;
}

/** The folder of the tree that holds the newer servers. */
export function treeFolder(): string {
  const cache =
    process.env.MILLINER_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "milliner");
  return join(cache, "trixie");
}

/** Finds a kind of server, here before the tree; throws, saying what to do, when neither has that release line. */
export async function findInstallation(kind: ServerKind): Promise<Installation> {
  const seen: string[] = [];
  for (const root of ["/", treeFolder()]) {
    const version = await packageVersion(root, softwareOf(kind));
    if (version === undefined) continue;
    if (isOfLine(version, kind)) return { root, version };
    seen.push(`${version} in ${root}`);
  }
  const found = seen.length === 0 ? "none" : seen.join(", ");
  throw new Error(`no ${kind} here (found: ${found}); \`node .ci/setup.mjs test\` or \`matrix\` installs it`);
}

/** The kind of the Prosody that this machine itself has; throws when it has none, or one of another release line. */
export async function findLocalProsody(): Promise<ServerKind> {
  const version = await packageVersion("/", "prosody");
  const kind = LOCAL_PROSODY.find((candidate) => version !== undefined && isOfLine(version, candidate));
  if (kind === undefined)
    throw new Error(`no Prosody 0.12 or 13 on this machine (found: ${version ?? "none"})`);
  return kind;
}

/** The command line that runs a command inside an installation. */
export function within({ root }: Installation, line: CommandLine): CommandLine {
  return root === "/" ? line : { ...line, command: "chroot", args: [root, line.command, ...line.args] };
}

/** A path of this system as a command inside an installation sees it. */
export function pathWithin({ root }: Installation, path: string): string {
  return root === "/" ? path : path.slice(root.length);
}

async function packageVersion(root: string, name: string): Promise<string | undefined> {
  const admindir = join(root, "var/lib/dpkg");
  if (!existsSync(join(admindir, "status"))) return root === "/" ? versionOutsideDebian(name) : undefined;
  const query = ["--admindir", admindir, "-W", "-f=${db:Status-Status} ${Version}", name];
  const { stdout } = await run("dpkg-query", query).catch(() => ({ stdout: "" }));
  const [status, version] = stdout.split(" ");
  return status === "installed" ? version : undefined;
}

/** Prosody tells its version by itself; the tests of ejabberd need Debian's. */
async function versionOutsideDebian(name: string): Promise<string | undefined> {
  if (name !== "prosody") return undefined;
  const { stdout } = await run("prosodyctl", ["about"]).catch(() => ({ stdout: "" }));
  return /^Prosody (\d\S*)/m.exec(stdout)?.[1];
}

function isOfLine(version: string, kind: ServerKind): boolean {
  return version.startsWith(`${releaseLineOf(kind)}.`);
}
