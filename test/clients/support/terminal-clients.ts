/** Clients of the terminal, set up to log in at a test server, in a folder that goes with them. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestServer } from "../../../src/testing/index.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/* Poezio does not run as root; Debian's user for nothing in particular. */
const NOBODY = "65534";

interface Setup {
  /** What is written, by path below the folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly restsInLastRow: boolean;
}

/** Starts Profanity, logged in with an account whose password is the user name. */
export function startProfanity(server: TestServer, user: string): Promise<Terminal> {
  const jid = `${user}@${server.domain}`;
  return startIn({
    files: {
      "data/profanity/accounts": `[${jid}]
enabled=true
jid=${jid}
password=${user}
resource=profanity
server=127.0.0.1
port=${server.c2sPort}
tls.policy=disable
`,
      "config/profanity/profrc":
        "[ui]\nsplash=false\noccupants=false\nroster=false\n[logging]\nchlog=false\n",
    },
    command: ["profanity", "-a", jid],
    restsInLastRow: true,
  });
}

/** Starts Poezio, logged in with an account whose password is the user name. */
export function startPoezio(server: TestServer, user: string): Promise<Terminal> {
  const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return startIn({
    files: {
      "config/poezio/poezio.cfg": `[Poezio]
jid = ${user}@${server.domain}
password = ${user}
custom_host = 127.0.0.1
custom_port = ${server.c2sPort}
force_encryption = false
rooms =
`,
    },
    command: [...(process.getuid?.() === 0 ? asNobody : []), "poezio"],
    restsInLastRow: false,
  });
}

async function startIn({ files, command, restsInLastRow }: Setup): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), "milliner-client-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  if (command.includes("setpriv")) spawnSync("chown", ["-R", `${NOBODY}:${NOBODY}`, folder]);
  const env = {
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_DATA_HOME: join(folder, "data"),
    XDG_CACHE_HOME: join(folder, "cache"),
    LC_ALL: "C.UTF-8",
    TERM: "screen-256color",
  };
  const terminal = await openTerminal({ command, env, folder, restsInLastRow });
  return {
    ...terminal,
    async close() {
      await terminal.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
