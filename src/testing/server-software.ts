/**
 * What a server software has to answer so that server.ts can run it, and the settings that a test may choose.
 *
 * Leaves out the life of the process, which is the same for all software (server.ts).
 */
import type { CommandLine } from "./child-process.ts";
import type { Certificates } from "./certificates.ts";
import type { Installation } from "./installation.ts";
import type { ServerKind } from "./server-kind.ts";

/** What a test may ask of its server; everything has a default. */
export interface ServerSettings {
  readonly kind: ServerKind;
  /** The virtual host; default `milliner.test`. The rooms are at `rooms.` before it. */
  readonly domain?: string;
  /** With TLS the c2s port demands STARTTLS and a second port takes direct TLS; default no TLS at all. */
  readonly tls?: boolean;
  /** A port for clients in browsers (RFC 7395), without TLS; default none. */
  readonly websocket?: boolean;
  /** Debian's default rate limits, which delay clients; default off. */
  readonly rateLimits?: boolean;
  /** User names (local parts) that are admins of the server; default none. */
  readonly admins?: readonly string[];
  readonly prosody?: ProsodySettings;
  readonly ejabberd?: EjabberdSettings;
}

/** Settings that only Prosody takes. */
export interface ProsodySettings {
  /** Folders with modules; they are copied into the server's folder at each start. */
  readonly pluginFolders?: readonly string[];
  /** Modules for the virtual host, besides the usual ones. */
  readonly modules?: readonly string[];
  /** Modules for the MUC component. */
  readonly mucModules?: readonly string[];
  /** Lines of configuration for the MUC component. */
  readonly mucLines?: readonly string[];
  /** Lines of configuration for the global section. */
  readonly globalLines?: readonly string[];
}

/** Settings that only ejabberd takes. */
export interface EjabberdSettings {
  /** Merged over `default_room_options`, as in `{ enable_hats: false }`. */
  readonly roomOptions?: Readonly<Record<string, unknown>>;
  /** Merged over the options of `mod_muc`, as in `{ max_users_presence: 10 }`. */
  readonly mucOptions?: Readonly<Record<string, unknown>>;
  /** Merged over the whole configuration, key by key at the top level. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Everything a software needs to know to write its configuration. */
export interface ServerLayout {
  readonly settings: ServerSettings;
  readonly installation: Installation;
  readonly domain: string;
  readonly mucService: string;
  /** The server's own folder, as this process sees it. */
  readonly dir: string;
  /** The same folder as the server sees it. */
  readonly innerDir: string;
  readonly c2sPort: number;
  /** Present with TLS. */
  readonly tlsPort?: number;
  /** Present with `websocket`; the path there is WEBSOCKET_PATH. */
  readonly websocketPort?: number;
  /** A port without TLS and limits for making accounts; only ejabberd opens it. */
  readonly accountsPort: number;
  readonly certificates?: Certificates;
}

/** Where on its port a server takes XMPP over WebSocket. */
export const WEBSOCKET_PATH = "/xmpp-websocket";

/** One server software. */
export interface Software {
  /** Writes the configuration into the server's folder; called before each start. */
  writeConfig(layout: ServerLayout): Promise<void>;
  /** The command that runs the server in the foreground, as it reads inside the installation. */
  commandLine(layout: ServerLayout): CommandLine;
  /** The line it prints when its last port is open. */
  ready(layout: ServerLayout): RegExp;
  /** The line by which it says that a port is taken, where it goes on without that port; others end by themselves. */
  readonly portTaken?: RegExp;
  /** Makes an account while the server runs. */
  register(layout: ServerLayout, user: string, password: string): Promise<void>;
  /** Makes again those of these accounts that did not outlive a kill. */
  restoreAccounts(layout: ServerLayout, passwords: ReadonlyMap<string, string>): Promise<void>;
}
