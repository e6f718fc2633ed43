/**
 * ejabberd 23 and 26 as a throw-away server: its configuration, command line and accounts.
 *
 * It runs in a bare Erlang node without a name, so that no port mapper daemon is started. Accounts are made by in-band
 * registration on a port of their own. Leaves out server-to-server connections, so that nothing can leave the machine.
 */
import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { registerInBand } from "./in-band-registration.ts";
import type { Installation } from "./installation.ts";
import { type ServerLayout, type Software, WEBSOCKET_PATH } from "./server-software.ts";

const MODULES = (
  "mod_adhoc mod_blocking mod_caps mod_carboncopy mod_configure mod_disco mod_last mod_ping mod_privacy mod_private " +
  "mod_roster mod_stream_mgmt mod_time mod_vcard mod_version"
).split(" ");

// An idle Erlang node would otherwise keep a core busy after each piece of work, waiting for the next one.
const NODE_FLAGS = "-noinput +K true +sbwt none +sbwtdcpu none +sbwtdio none".split(" ");

/** ejabberd, of whatever release. */
export const ejabberd: Software = {
  async writeConfig(layout) {
    await mkdir(join(layout.dir, "database"), { recursive: true });
    // JSON is YAML too.
    await writeFile(join(layout.dir, "ejabberd.yml"), JSON.stringify(config(layout), undefined, 1));
  },

  commandLine(layout) {
    const { innerDir, installation } = layout;
    const env = {
      EJABBERD_CONFIG_PATH: join(innerDir, "ejabberd.yml"),
      EJABBERD_LOG_PATH: join(innerDir, "ejabberd.log"),
      ERL_LIBS: librariesOf(installation),
      ERL_CRASH_DUMP_SECONDS: "0",
      HOME: innerDir,
    };
    const database = ["-mnesia", "dir", `"${join(innerDir, "database")}"`];
    return {
      command: "erl",
      args: [...NODE_FLAGS, ...database, "-s", "ejabberd"],
      env,
    };
  },

  // The accounts port is the last of the listeners.
  ready: ({ accountsPort }) =>
    new RegExp(`Start accepting TCP connections at 127\\.0\\.0\\.1:${accountsPort} `),

  register({ accountsPort, domain }, user, password) {
    return registerInBand({ port: accountsPort, domain, user, password });
  },

  // COMPAT: ejabberd 23.01 and 26.07 keep the last seconds of their writes in memory only.
  async restoreAccounts({ accountsPort: port, domain }, passwords) {
    const accounts = [...passwords].map(([user, password]) => ({
      port,
      domain,
      user,
      password,
      mayExist: true,
    }));
    await Promise.all(accounts.map(registerInBand));
  },
};

/** The folder above `ejabberd-VERSION`, whose name depends on the machine's architecture. */
function librariesOf({ root }: Installation): string {
  const lib = join(root, "usr/lib");
  const folder = readdirSync(lib).find(
    (name) => name.endsWith("-linux-gnu") && holdsEjabberd(join(lib, name)),
  );
  if (folder === undefined) throw new Error(`ejabberd's libraries are not under ${lib}`);
  return join("/usr/lib", folder);
}

function holdsEjabberd(folder: string): boolean {
  return readdirSync(folder).some((name) => /^ejabberd-\d/.test(name));
}

function config(layout: ServerLayout): Record<string, unknown> {
  const { settings, domain, certificates } = layout;
  const files = certificates === undefined ? [] : [certificates.certificate, certificates.key];
  return {
    hosts: [domain],
    loglevel: "info",
    listen: listeners(layout),
    certfiles: files.map((name) => join(layout.innerDir, name)),
    s2s_access: "none",
    auth_password_format: "plain",
    registration_timeout: "infinity",
    disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"],
    acl: { admin: { user: (settings.admins ?? []).map((user) => `${user}@${domain}`) } },
    access_rules: { configure: { allow: "admin" } },
    // Debian's own values.
    shaper: { normal: { rate: 3000, burst_size: 20_000 } },
    shaper_rules: { c2s_shaper: "normal" },
    modules: modules(layout),
    ...settings.ejabberd?.config,
  };
}

function listeners(layout: ServerLayout): unknown[] {
  const { c2sPort, tlsPort, accountsPort, certificates, settings } = layout;
  const shaper = settings.rateLimits ? "c2s_shaper" : "none";
  const common = { ip: "127.0.0.1", module: "ejabberd_c2s", access: "all", max_stanza_size: 262_144 };
  const open = { ...common, port: accountsPort, shaper: "none" };
  if (certificates === undefined)
    return [...websocketListeners(layout), { ...common, port: c2sPort, shaper }, open];
  return [
    ...websocketListeners(layout),
    { ...common, port: c2sPort, shaper, starttls_required: true },
    { ...common, port: tlsPort, shaper, tls: true },
    open,
  ];
}

function websocketListeners({ websocketPort: port }: ServerLayout): unknown[] {
  if (port === undefined) return [];
  const request_handlers = { [WEBSOCKET_PATH]: "ejabberd_http_ws" };
  return [{ ip: "127.0.0.1", port, module: "ejabberd_http", request_handlers }];
}

function modules({ mucService, settings }: ServerLayout): Record<string, unknown> {
  return {
    ...Object.fromEntries(MODULES.map((name) => [name, {}])),
    mod_register: { access: "all", ip_access: "all" },
    mod_muc: {
      host: mucService,
      access: "all",
      access_admin: { allow: "admin" },
      access_create: "all",
      access_persistent: "all",
      default_room_options: { persistent: true, ...settings.ejabberd?.roomOptions },
      ...settings.ejabberd?.mucOptions,
    },
  };
}
