/** The README and the pages in docs lead to files and headings that are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const ROOT = new URL("../../", import.meta.url);
const PAGES = ["README.md", ...readdirSync(new URL("docs", ROOT)).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith(".md"),
);

const docs = suite("links of the documentation");

for (const page of PAGES) {
  docs(`in ${page} lead to what is there`, () => {
    for (const target of linksOf(page)) {
      const url = new URL(target, new URL(page, ROOT));
      const anchor = url.hash.slice(1);
      url.hash = "";
      assert.ok(existsSync(fileURLToPath(url)), `${page}: ${target}`);
      if (anchor !== "") assert.ok(anchorsOf(url).includes(anchor), `${page}: ${target}`);
    }
  });
}

docs.run();

function linksOf(page: string): string[] {
  const links = withoutCode(new URL(page, ROOT)).matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/* As GitHub makes them of headings. */
function anchorsOf(url: URL): string[] {
  const headings = withoutCode(url).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function withoutCode(url: URL): string {
  return readFileSync(url, "utf8").replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
}
