/**
 * Serves the demo's pages and the files of Converse on a port of loopback.
 *
 * A page may load nothing from elsewhere and talk to nobody but this server and the demo's own XMPP server: its
 * Content-Security-Policy says so. Requests for another host are refused, so that no site elsewhere gets in under a
 * name of its own. What is served is looked up in a list made at the start, never in the file system.
 */
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative } from "node:path";
import { buildPages, CONVERSE_PATH, type Scenery } from "./browser-pages.ts";
import type { Converse } from "./converse.ts";

/** Pages that are served. */
export interface BrowserServer {
  /** `http://127.0.0.1:PORT/`, where one chooses who to be. */
  readonly address: string;
  stop(): Promise<void>;
}

interface Content {
  readonly type: string;
  readonly body: string | Buffer;
}

type Contents = ReadonlyMap<string, () => Content | Promise<Content>>;

/* What Converse asks for; source maps stay where they are. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mp3": "audio/mpeg",
  ".ogg": "audio/ogg",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};

/** Starts serving; resolves when the port is open. */
export async function serveBrowser(converse: Converse, scenery: Scenery): Promise<BrowserServer> {
  const contents: Contents = new Map<string, () => Content | Promise<Content>>([
    ...pagesOf(scenery),
    ...(await filesOf(converse)),
  ]);
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const policy = policyFor(scenery.websocket);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, type, body } = await find(contents, host, request);
    response.writeHead(status, { "content-type": type, "content-security-policy": policy });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  server.on("request", (request, response) => void answer(request, response));
  return {
    address: `http://${host}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function pagesOf(scenery: Scenery): [string, () => Content][] {
  return [...buildPages(scenery)].map(([path, page]) => [path, () => page]);
}

async function filesOf({ dist }: Converse): Promise<[string, () => Promise<Content>][]> {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return files.flatMap((file): [string, () => Promise<Content>][] => {
    const type = TYPES[extname(file)];
    if (type === undefined) return [];
    return [[CONVERSE_PATH + relative(dist, file), async () => ({ type, body: await readFile(file) })]];
  });
}

async function find(
  contents: Contents,
  host: string,
  { method = "", url = "", headers }: IncomingMessage,
): Promise<Content & { readonly status: number }> {
  const refuse = (status: number, reason: string) => ({ status, type: "text/plain", body: `${reason}\n` });
  if (headers.host !== host) return refuse(421, `This is ${host}.`);
  if (method !== "GET" && method !== "HEAD") return refuse(405, "Pages can only be read here.");
  const [path = ""] = url.split("?");
  const content = contents.get(path);
  return content === undefined
    ? refuse(404, "There is no such page.")
    : { status: 200, ...(await content()) };
}

function policyFor(websocket: string): string {
  const { origin } = new URL(websocket);
  return [
    "default-src 'self'",
    `connect-src 'self' ${origin}`,
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "frame-ancestors 'none'",
  ].join("; ");
}
