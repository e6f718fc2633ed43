/**
 * Debian packages of this machine, and where it gets them from.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, step } from "./step.mjs";

const POLICY = "/usr/sbin/policy-rc.d";
/** Tells Debian's packages not to start their services. */
export const NO_SERVICES = "#!/bin/sh\nexit 101\n";
/** A mirror's index may be older than its stated validity, by the machine's clock. */
export const APT_OPTIONS = [
  "-o",
  "Acquire::Check-Valid-Until=false",
  "-o",
  "DPkg::Lock::Timeout=600",
  "-q",
  "-y",
];
export const QUIETLY = { DEBIAN_FRONTEND: "noninteractive" };

export const isDebian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
export const isRoot = process.getuid?.() === 0;

/** The packages among these that are not installed. */
export function missingPackages(names) {
  if (!isDebian) return names;
  const query = ["-W", "-f=${db:Status-Status} ${Package}\n", ...names];
  const { stdout } = spawnSync("dpkg-query", query, { encoding: "utf8" });
  const installed = new Set(stdout.split("\n").map((line) => /^installed (\S+)$/.exec(line)?.[1]));
  return names.filter((name) => !installed.has(name));
}

/** Installs packages without starting or enabling their services; throws a SetupError saying the command if it may not. */
export async function installPackages(names) {
  const command = `apt-get update && apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (!isDebian) throw new SetupError(`Missing: ${names.join(", ")}. On Debian 12, as root: ${command}`);
  if (!isRoot) throw new SetupError(`Missing: ${names.join(", ")}. Run: sudo sh -c '${command}'`);
  await step("Reading Debian's package lists", "apt-get", [...APT_OPTIONS, "update"], { mayFail: true });
  await withoutServices(async () => {
    const install = [...APT_OPTIONS, "install", "--no-install-recommends", ...names];
    const enabled = new Set(enabledServices());
    await step(`Installing ${names.join(", ")}`, "apt-get", install, { env: QUIETLY });
    for (const link of enabledServices()) if (!enabled.has(link)) rmSync(link);
  });
}

/** The links by which services start with the machine. */
function enabledServices() {
  const folder = "/etc/systemd/system";
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.wants\/./.test(name)).map((name) => join(folder, name));
}

/** Keeps services from being started meanwhile; a policy that the machine has itself stays untouched. */
async function withoutServices(work) {
  if (existsSync(POLICY)) return work();
  const restore = () => rmSync(POLICY, { force: true });
  const onSignal = (signal) => {
    restore();
    process.kill(process.pid, signal);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, onSignal);
  writeFileSync(POLICY, NO_SERVICES, { mode: 0o755 });
  try {
    return await work();
  } finally {
    restore();
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, onSignal);
  }
}

/** The address this machine gets its own Debian release from. */
export function debianMirror() {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const entry = aptSources().find(
    ({ uri, suites }) => /^(https?|file):/.test(uri) && suites.includes(codename),
  );
  if (entry === undefined)
    throw new SetupError(`This machine's apt sources name no mirror of Debian ${codename}.`);
  return entry.uri;
}

function aptSources() {
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(folder).map((name) => join(folder, name))];
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => parseSources(file, readFileSync(file, "utf8")));
}

function parseSources(file, text) {
  return file.endsWith(".sources")
    ? text.split(/\n\s*\n/).flatMap(parseStanza)
    : text.split("\n").flatMap(parseLine);
}

/** One entry of the deb822 format (sources.list(5)). */
function parseStanza(stanza) {
  const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, "im").exec(stanza)?.[1].trim().split(/\s+/) ?? [];
  if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
  return field("URIs").map((uri) => ({ uri, suites: field("Suites") }));
}

/** One entry of the one-line format (sources.list(5)). */
function parseLine(line) {
  const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
  return match === null ? [] : [{ uri: match[1], suites: [match[2]] }];
}
