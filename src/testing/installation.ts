/**
 * Where each kind of server is installed: on this machine, or in a system tree of its own under the cache folder.
 *
 * The tree is made by `.ci/setup.mjs matrix`. Leaves out installing anything.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CommandLine } from "./child-process.ts";
import {
  assertServer,
  isServerKind,
  releaseLineOf,
  SERVER_KINDS,
  softwareOf,
  type ServerKind,
  type ServerSoftware,
} from "./server-kind.ts";

const run = promisify(execFile);
const LOCAL_PROSODY: readonly ServerKind[] = ["prosody-0.12", "prosody-13"];

/* Only a clone has it; the package leaves installing to whoever uses it. */
const SETUP = fileURLToPath(new URL("../../.ci/setup.mjs", import.meta.url));

/** A system tree that holds a server: `/`, or the folder of a tree to chroot into. */
export interface Installation {
  readonly root: string;
  /** The package version, as in `0.12.3-1`. */
  readonly version: string;
}

/* The folder of the tree that holds the newer servers. */
function treeFolder(): string {
  // Empty is as good as unset, says the XDG Base Directory Specification.
  const cache =
    process.env.MILLINER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "milliner");
  return join(cache, "trixie");
}

/** Finds a kind of server, here before the tree; throws, saying what to do, when neither has that release line. */
export async function findInstallation(kind: ServerKind): Promise<Installation> {
  assertServer(kind);
  const seen: string[] = [];
  for (const root of ["/", treeFolder()]) {
    const version = await packageVersion(root, softwareOf(kind));
    if (version === undefined) continue;
    if (isOfLine(version, kind)) return { root, version };
    seen.push(`${version} in ${root}`);
  }
  const found = seen.length === 0 ? "none" : seen.join(", ");
  throw new Error(`no ${kind} here (found: ${found}); ${howToGet(kind)}`);
}

/** The kind that is meant: this one, or the first of its software, or of any, that is installed; throws as above. */
export async function chooseKind(wanted?: ServerKind | ServerSoftware): Promise<ServerKind> {
  if (wanted !== undefined && isServerKind(wanted)) {
    await findInstallation(wanted);
    return wanted;
  }
  if (wanted !== undefined) assertServer(wanted);
  const kinds = SERVER_KINDS.filter((kind) => wanted === undefined || softwareOf(kind) === wanted);
  const failures: string[] = [];
  for (const kind of kinds) {
    try {
      await findInstallation(kind);
      return kind;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  const lines = kinds.join(", ");
  throw new Error(`none of ${lines} is installed here; run: ${installCommand(wanted ?? "prosody")}`, {
    cause: failures,
  });
}

function howToGet(kind: ServerKind): string {
  const isNewer = kind === "prosody-13" || kind === "ejabberd-26";
  if (existsSync(SETUP)) return `run: node .ci/setup.mjs ${isNewer ? "matrix" : "test"}`;
  return `run: ${installCommand(softwareOf(kind))}, and ask for "${softwareOf(kind)}", of whatever release`;
}

function installCommand(software: ServerSoftware): string {
  const asRoot = process.getuid?.() === 0 ? "" : "sudo ";
  return `${asRoot}apt-get install -y --no-install-recommends ${software}`;
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
