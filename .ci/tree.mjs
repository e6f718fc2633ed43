/**
 * A small Debian trixie with newer servers than this machine's release has, in the cache folder.
 *
 * It is built beside its place and renamed into it, so that what is there is always complete.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  APT_OPTIONS,
  debianMirror,
  installPackages,
  isDebian,
  isRoot,
  missingPackages,
  NO_SERVICES,
  QUIETLY,
} from "./debian.mjs";
import { SetupError, step } from "./step.mjs";

const RELEASE = "trixie";
const PACKAGES = ["prosody", "ejabberd"];
/** Changes when the tree has to be built anew. */
const RECIPE = `1 ${RELEASE}-backports ${PACKAGES.join(" ")}\n`;
const RECIPE_FILE = "milliner-recipe";

/** Tells whether the tree is there, by this recipe. */
export function hasTree(cache) {
  try {
    return readFileSync(join(cache, RELEASE, RECIPE_FILE), "utf8") === RECIPE;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return false;
  }
}

/** Builds the tree, replacing one of another recipe and what an interrupted build left. */
export async function buildTree(cache) {
  if (!isDebian || !isRoot)
    throw new SetupError("The newer servers need root on Debian: node .ci/setup.mjs matrix");
  if (missingPackages(["debootstrap"]).length > 0) await installPackages(["debootstrap"]);
  for (const name of readdirSync(cache))
    if (name.startsWith(RELEASE)) rmSync(join(cache, name), { recursive: true });
  const tree = join(cache, `${RELEASE}.building`);
  const mirror = debianMirror();
  await step(`Building a Debian ${RELEASE}`, "debootstrap", ["--variant=minbase", RELEASE, tree, mirror]);
  writeFileSync(join(tree, "usr/sbin/policy-rc.d"), NO_SERVICES, { mode: 0o755 });
  writeFileSync(
    join(tree, "etc/apt/sources.list.d/backports.list"),
    `deb ${mirror} ${RELEASE}-backports main\n`,
  );
  const apt = (title, ...args) =>
    step(title, "chroot", [tree, "apt-get", ...APT_OPTIONS, ...args], { env: QUIETLY });
  await apt("Reading its package lists", "update");
  const install = ["install", "--no-install-recommends", "-t", `${RELEASE}-backports`, ...PACKAGES];
  await apt(`Installing ${PACKAGES.join(" and ")} in it`, ...install);
  await apt("Tidying up", "clean");
  rmSync(join(tree, "var/lib/apt/lists"), { recursive: true });
  mkdirSync(join(tree, "tmp"), { recursive: true });
  writeFileSync(join(tree, RECIPE_FILE), RECIPE);
  renameSync(tree, join(cache, RELEASE));
}
