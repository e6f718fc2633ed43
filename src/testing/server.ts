/**
 * A throw-away XMPP server on loopback: its own folder, its own ports, its own storage.
 *
 * Everything is gone after `stop`, and the server dies with the process that started it. Leaves out installing the
 * software (.ci/setup.mjs) and playing people (test-client.ts).
 */
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "./certificates.ts";
import { startChild, type ChildProcess } from "./child-process.ts";
import { ejabberd } from "./ejabberd.ts";
import { freePort } from "./free-port.ts";
import { findInstallation, type Installation, pathWithin, within } from "./installation.ts";
import { prosody } from "./prosody.ts";
import { makeServerFolder } from "./server-folder.ts";
import { softwareOf, type ServerKind, type ServerSoftware } from "./server-kind.ts";
import { type ServerLayout, type ServerSettings, type Software, WEBSOCKET_PATH } from "./server-software.ts";

/** A server that is, or can again be, running. */
export interface TestServer {
  readonly kind: ServerKind;
  readonly software: ServerSoftware;
  /** The package version, as in `0.12.3-1`. */
  readonly version: string;
  /** The virtual host that accounts live on. */
  readonly domain: string;
  /** The domain that rooms live on. */
  readonly mucService: string;
  /** The JID of a room by its name. */
  room(name: string): string;
  /** Where clients connect: `xmpp://127.0.0.1:PORT`; with TLS it demands STARTTLS. */
  readonly service: string;
  readonly c2sPort: number;
  /** With TLS: where clients connect by direct TLS, `xmpps://127.0.0.1:PORT`. */
  readonly tlsService: string | undefined;
  readonly tlsPort: number | undefined;
  /** With `websocket`: where browsers connect, `ws://127.0.0.1:PORT/PATH`. */
  readonly websocketService: string | undefined;
  /** With TLS: the PEM file of the authority that clients have to trust. */
  readonly caPath: string | undefined;
  /** The server's folder: configuration, storage, copied modules. */
  readonly dir: string;
  /** Makes an account while the server runs, in a few milliseconds; any number at a time. */
  register(user: string, password: string): Promise<void>;
  /** What the server printed since its first start, a line an entry. */
  log(): readonly string[];
  /** Waits for a line of the log since the last start. */
  untilLogged(pattern: RegExp): Promise<string>;
  /** Ends it in good order (SIGTERM) and keeps folder and ports. */
  shutDown(): Promise<void>;
  /** Ends it at once (SIGKILL) and keeps folder and ports; ejabberd may forget the last seconds, but no account. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and ports, after `shutDown` or `kill`; rejects where a port is taken by now. */
  start(): Promise<void>;
  /** Shuts it down in good order and starts it again. */
  restart(): Promise<void>;
  /** Freezes it (SIGSTOP): its connections stay open and silent. */
  freeze(): void;
  /** Lets a frozen server go on. */
  thaw(): void;
  /** Ends it at once and removes its folder; stopping twice is harmless. */
  stop(): Promise<void>;
}

const SOFTWARE: Readonly<Record<ServerSoftware, Software>> = { prosody, ejabberd };

/** Starts a server and resolves when it takes connections; rejects with its last lines when it does not come up. */
export async function startServer(settings: ServerSettings): Promise<TestServer> {
  const layout = await layOut(settings);
  const software = SOFTWARE[softwareOf(settings.kind)];
  const server = runningServer(layout, software);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function layOut(settings: ServerSettings): Promise<ServerLayout> {
  const installation = await findInstallation(settings.kind);
  const temporary = installation.root === "/" ? tmpdir() : join(installation.root, "tmp");
  await mkdir(temporary, { recursive: true });
  const dir = await makeServerFolder(temporary);
  try {
    return await layOutIn(dir, settings, installation);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function layOutIn(
  dir: string,
  settings: ServerSettings,
  installation: Installation,
): Promise<ServerLayout> {
  const domain = settings.domain ?? "milliner.test";
  const layout = {
    settings,
    installation,
    domain,
    mucService: `rooms.${domain}`,
    dir,
    innerDir: pathWithin(installation, dir),
    c2sPort: await freePort(),
    accountsPort: await freePort(),
    ...(settings.websocket ? { websocketPort: await freePort() } : {}),
  };
  if (!settings.tls) return layout;
  const certificates = await makeCertificates(dir, [domain, layout.mucService, "localhost"]);
  return { ...layout, tlsPort: await freePort(), certificates };
}

/* Who connects to a port that is somebody else's would talk to somebody else's server. */
function assertPorts({ lines }: ChildProcess, { portTaken }: Software): void {
  const problem = portTaken && lines.find((line) => portTaken.test(line));
  if (problem !== undefined) throw new Error(`the server did not get its ports: ${problem}`);
}

function runningServer(layout: ServerLayout, software: Software): TestServer {
  const { settings, installation, domain, mucService, dir, c2sPort, tlsPort, websocketPort } = layout;
  const earlier: string[] = [];
  const passwords = new Map<string, string>();
  let killed = false;
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined) return;
    child.signal(signal);
    // A frozen one hears of it only when it goes on.
    child.signal("SIGCONT");
    await child.ended;
    earlier.push(...child.lines);
    child = undefined;
  };
  const running = (): ChildProcess => {
    if (child === undefined) throw new Error(`the ${settings.kind} server is not running`);
    return child;
  };
  const server: TestServer = {
    kind: settings.kind,
    software: softwareOf(settings.kind),
    version: installation.version,
    domain,
    mucService,
    room: (name) => `${name}@${mucService}`,
    service: `xmpp://127.0.0.1:${c2sPort}`,
    c2sPort,
    tlsService: tlsPort === undefined ? undefined : `xmpps://127.0.0.1:${tlsPort}`,
    tlsPort,
    websocketService:
      websocketPort === undefined ? undefined : `ws://127.0.0.1:${websocketPort}${WEBSOCKET_PATH}`,
    caPath: layout.certificates?.caPath,
    dir,
    async register(user, password) {
      await software.register(layout, user, password);
      passwords.set(user, password);
    },
    log: () => [...earlier, ...(child?.lines ?? [])],
    untilLogged: (pattern) => running().until(pattern),
    shutDown: () => end("SIGTERM"),
    async kill() {
      killed = true;
      await end("SIGKILL");
    },
    async start() {
      if (child !== undefined) throw new Error(`the ${settings.kind} server is running already`);
      await software.writeConfig(layout);
      child = startChild(within(installation, software.commandLine(layout)));
      try {
        await child.until(software.ready(layout));
        assertPorts(child, software);
      } catch (error) {
        await end("SIGKILL");
        throw error;
      }
      if (killed) await software.restoreAccounts(layout, passwords);
      killed = false;
    },
    async restart() {
      await server.shutDown();
      await server.start();
    },
    freeze: () => running().signal("SIGSTOP"),
    thaw: () => running().signal("SIGCONT"),
    async stop() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return server;
}
