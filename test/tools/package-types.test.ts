/**
 * The types of the package as somebody else's strict compiler sees them: packed, beside nothing but what it depends on.
 *
 * The sources are checked with skipLibCheck and beside all development packages, so that nothing else would show a
 * declaration that names a package which is not installed along.
 */
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");
/* Every program for Node in TypeScript has these. */
const OF_NODE = ["node_modules/@types/node", "node_modules/undici-types"];

interface Locked {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly peer?: boolean }>>;
}

/* Builds and packs beside the clone, where others may be using what they built, and unpacks into `folder`. */
async function install(folder: string): Promise<void> {
  const staging = join(folder, "staging");
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  for (const name of ["package.json", ...files.filter((file) => file !== "dist")]) {
    cpSync(join(ROOT, name), join(staging, name), { recursive: true });
  }
  await run(TSC, ["-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(staging, "dist")]);
  await run("npm", ["pack", "--ignore-scripts", "--silent"], { cwd: staging });
  const archive = readdirSync(staging).find((name) => name.endsWith(".tgz")) ?? "";
  const installed = join(folder, "node_modules/milliner");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", join(staging, archive), "-C", installed, "--strip-components=1"]);
}

/* As an installation without development packages has them. */
function linkDependencies(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Locked;
  const installed = Object.keys(packages).filter((path) => {
    const { dev = false, peer = false } = packages[path] ?? {};
    return path.lastIndexOf("node_modules/") === 0 && !dev && !peer;
  });
  for (const path of [...installed, ...OF_NODE]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
}

const CONFIGURATION = {
  compilerOptions: {
    module: "nodenext",
    target: "es2023",
    lib: ["es2023"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
    /* Else a package would find what is installed beside it in the clone. */
    preserveSymlinks: true,
  },
  files: ["program.ts"],
};

/* What the documentation says of each entry, as a program would write it. */
const PROGRAM = `
import { openDesk, readOwnHats } from "milliner";
import { executeCommand, iqSender, startCommand, tableOf } from "milliner/adhoc";
import { type Element, shownHats, startLab, xml } from "milliner/testing";

await using desk = await openDesk({
  data: "./data",
  affiliations: { isKept: (room) => room === "team@rooms.example.org", affiliation: async () => "member" },
});
await desk.addUserHat("bob@example.org", "team@rooms.example.org", "urn:example:teacher", { active: true });
const { entries, next } = await desk.history({ room: "team@rooms.example.org", rows: 9, user: "bob@example.org" });
await desk.history({ room: "team@rooms.example.org", rows: 9, before: next });

await using lab = await startLab({ rooms: { team: { owner: "alice" } }, accounts: ["quizbot"] });
const answer = await executeCommand(lab.sender("alice"), {
  to: lab.desk,
  node: "add-user-hat",
  values: { room: lab.room("team"), user: [lab.jid("bob")], active: true },
});
const session = await startCommand(lab.sender("alice"), { to: lab.desk, node: "define-hat" });
await session.complete(new Map([["title", ["Teacher"]]]));
const greeting: Element = xml("message", { to: lab.room("team"), type: "groupchat" }, xml("body", {}, "Hello"));
await lab.person("alice").send(greeting);
const presence = await lab.person("alice").next((stanza) => shownHats(stanza).length > 0);
export const all = [entries, tableOf(answer), iqSender, readOwnHats(presence, { room: lab.room("team"), nick: "hats" })];
`;

const types = suite("the types of the package");

types("hold for a strict program that looks into the declarations of libraries, too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "milliner-types-"));
  try {
    await install(folder);
    linkDependencies(folder);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIGURATION));
    writeFileSync(join(folder, "program.ts"), PROGRAM);
    const found = await run(TSC, ["-p", folder]).then(
      () => "",
      ({ stdout }: { stdout: string }) => stdout,
    );
    assert.is(found, "");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

types.run();
