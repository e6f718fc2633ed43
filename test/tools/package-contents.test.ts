/** What is packed: what the sources say, and nothing that an older build left. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/* A copy, since others may be using what is built in the clone. */
function copyOfProject(folder: string): void {
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  const others = files.filter((file) => file !== "dist");
  for (const name of ["package.json", "tsconfig.json", "tsconfig.build.json", "src", ...others]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

const packed = suite("the package");

packed("holds what was built just now, and nothing of a source that is gone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "milliner-contents-"));
  try {
    copyOfProject(folder);
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist/gone.js"), "");
    await run("npm", ["pack", "--silent"], { cwd: folder });
    const { stdout } = await run("sh", ["-c", "tar -tzf milliner-*.tgz"], { cwd: folder });
    const names = stdout.split("\n");
    for (const name of ["dist/index.js", "dist/testing/index.d.ts", "forms/texts/en.json", "LICENSE"]) {
      assert.ok(names.includes(`package/${name}`), name);
    }
    assert.not.ok(names.includes("package/dist/gone.js"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

packed.run();
