/**
 * Prosody 0.12 and 13 as a throw-away server: its configuration, command line and accounts.
 *
 * Accounts are files of the `internal_plain` authentication, read by Prosody at each login, so that making one costs
 * nothing. Leaves out server-to-server connections, so that nothing can leave the machine.
 */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerLayout, Software } from "./server-software.ts";

const HOST_MODULES = (
  "roster saslauth disco smacks ping time uptime version adhoc admin_adhoc " +
  "pep private blocklist carbons vcard4 vcard_legacy"
).split(" ");

// Debian's own values.
const RATE_LIMITS = [`limits = { c2s = { rate = "10kb/s" } }`];

/** Prosody, of whatever release. */
export const prosody: Software = {
  async writeConfig(layout) {
    const { dir, settings } = layout;
    await Promise.all(
      ["data", "certs", "plugins"].map((name) => mkdir(join(dir, name), { recursive: true })),
    );
    for (const folder of settings.prosody?.pluginFolders ?? [])
      await cp(folder, join(dir, "plugins"), { recursive: true });
    await writeFile(join(dir, "prosody.cfg.lua"), `${configLines(layout).join("\n")}\n`);
  },

  commandLine({ innerDir }) {
    return { command: "prosody", args: ["--config", join(innerDir, "prosody.cfg.lua"), "-F"] };
  },

  // Prosody opens its ports while it reads the hosts, but serves them only when all is loaded.
  ready: ({ websocketPort }) =>
    websocketPort === undefined ? /Activated service 'c2s_direct_tls'/ : /Activated service 'https'/,

  portTaken: /Failed to open server port/,

  async register(layout, user, password) {
    const accounts = join(layout.dir, "data", storageName(layout.domain), "accounts");
    await mkdir(accounts, { recursive: true });
    await writeFile(
      join(accounts, `${storageName(user)}.dat`),
      `return { ["password"] = ${lua(password)} };\n`,
    );
  },

  async restoreAccounts() {
    // Files do not forget.
  },
};

function configLines(layout: ServerLayout): string[] {
  const { domain, mucService, innerDir, settings } = layout;
  const own = settings.prosody ?? {};
  const limits = settings.rateLimits ? ["limits"] : [];
  const tls = settings.tls ? ["tls"] : [];
  const websocket = settings.websocket ? ["websocket"] : [];
  return [
    `run_as_root = true`,
    `pidfile = ${lua(join(innerDir, "prosody.pid"))}`,
    `data_path = ${lua(join(innerDir, "data"))}`,
    `certificates = ${lua(join(innerDir, "certs"))}`,
    `plugin_paths = ${luaList([join(innerDir, "plugins")])}`,
    `log = { info = "*console" }`,
    `interfaces = { "127.0.0.1" }`,
    `c2s_ports = { ${layout.c2sPort} }`,
    ...["s2s", "s2s_direct_tls", "https", "component"].map((service) => `${service}_ports = {}`),
    ...httpLines(layout),
    `modules_enabled = ${luaList([...HOST_MODULES, ...limits, ...tls, ...websocket, ...(own.modules ?? [])])}`,
    `modules_disabled = { "s2s" }`,
    `authentication = "internal_plain"`,
    `allow_unencrypted_plain_auth = true`,
    `admins = ${luaList((settings.admins ?? []).map((user) => `${user}@${domain}`))}`,
    ...tlsLines(layout),
    ...(settings.rateLimits ? RATE_LIMITS : []),
    ...(own.globalLines ?? []),
    `VirtualHost ${lua(domain)}`,
    `Component ${lua(mucService)} "muc"`,
    `restrict_room_creation = false`,
    `muc_room_locking = false`,
    `muc_room_default_persistent = true`,
    `modules_enabled = ${luaList(own.mucModules ?? [])}`,
    ...(own.mucLines ?? []),
  ];
}

/* Browsers name the address they connect to, which is no host of the server. */
function httpLines({ websocketPort, domain }: ServerLayout): string[] {
  if (websocketPort === undefined) return [`http_ports = {}`];
  return [
    `http_ports = { ${websocketPort} }`,
    `http_interfaces = { "127.0.0.1" }`,
    `http_default_host = ${lua(domain)}`,
  ];
}

function tlsLines({ certificates, tlsPort, innerDir }: ServerLayout): string[] {
  if (certificates === undefined) return [`c2s_require_encryption = false`, `c2s_direct_tls_ports = {}`];
  const certificate = lua(join(innerDir, certificates.certificate));
  const key = lua(join(innerDir, certificates.key));
  return [
    `c2s_require_encryption = true`,
    `c2s_direct_tls_ports = { ${tlsPort} }`,
    `ssl = { certificate = ${certificate}, key = ${key} }`,
    `c2s_direct_tls_ssl = { certificate = ${certificate}, key = ${key} }`,
  ];
}

/** A name as Prosody's storage writes it into file names. */
function storageName(name: string): string {
  return [...Buffer.from(name)].map(storedByte).join("");
}

function storedByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0")}`;
}

function lua(text: string): string {
  return `"${text.replace(/[\\"\n]/g, "\\$&")}"`;
}

function luaList(texts: readonly string[]): string {
  return `{ ${texts.map(lua).join(", ")} }`;
}
