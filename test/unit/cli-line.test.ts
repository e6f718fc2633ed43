/** The command line as it is typed: what is wrong is said before anybody is asked, and nothing is taken in silence. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readFields } from "../../src/cli/fields.ts";
import { run } from "../../src/cli.ts";
import { SERVICE_SHAPE } from "../../src/xmpp/stream/service.ts";
import { runForHelp } from "../support/cli-help.ts";

const DESK = "hats@example.org/milliner";
const AS = ["--as", "alice@example.org"];

interface Scene {
  folder: string;
}

const line = suite<Scene>("a command line");

line.before.each((scene) => {
  scene.folder = mkdtempSync(join(tmpdir(), "milliner-line-"));
});
line.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** Nobody listens there, so whatever gets as far as a connection ends with 3. */
const NOWHERE = { MILLINER_PASSWORD: "secret", MILLINER_SERVICE: "xmpp://127.0.0.1:1" };

async function told(argv: readonly string[], env: Record<string, string> = NOWHERE) {
  const stderr: string[] = [];
  const status = await run(argv, { out: () => undefined, err: (text) => void stderr.push(text) }, env);
  return [status, stderr.join("\n")] as const;
}

line("without a subcommand shows the help, and ends as a wrong one does", async () => {
  const { status, help, stderr } = await runForHelp([]);
  assert.is(status, 2);
  assert.match(help, /^ {2}exec <to> <node>/m);
  assert.equal(stderr, ["say one of start, exec, commands, check, backup"]);
});

line("that says help shows it, and that of a subcommand", async () => {
  for (const [asked, meant] of [
    [["help"], ["--help"]],
    [
      ["help", "exec"],
      ["exec", "--help"],
    ],
  ] as const) {
    const shown = await runForHelp(asked);
    assert.is(shown.status, 0);
    assert.equal(shown, await runForHelp(meant));
  }
});

line("with a word too few is told which, with an example", async () => {
  const example = `as in: milliner exec ${DESK} list-room-hats `;
  for (const [argv, word] of [
    [["exec"], "TO"],
    [["exec", DESK], "NODE"],
  ] as const) {
    const [status, stderr] = await told([...argv, ...AS]);
    assert.is(status, 2);
    assert.ok(stderr.startsWith(`${word} is missing, ${example}`), stderr);
  }
  assert.match((await told(["backup", "/var/lib/milliner"]))[1], /^TO is missing, as in: milliner backup /);
});

line("with what a subcommand does not take is told where to look it up", async () => {
  for (const [argv, reason] of [
    [["start", "--loud"], "Unknown option `--loud`; milliner start --help tells more"],
    [["check", "milliner.json"], "Unused args: `milliner.json`; milliner check --help tells more"],
    [["start", "--config"], "option `--config <file>` value is missing; milliner start --help tells more"],
  ] as const) {
    assert.equal(await told(argv), [2, reason]);
  }
});

line("that names a folder for a file is told so", async ({ folder }) => {
  const reason = `${folder} cannot be read: it is a folder`;
  assert.equal(await told(["commands", DESK, ...AS, "--password-file", folder]), [
    2,
    `--password-file: ${reason}`,
  ]);
  const config = `the configuration is wrong: ${folder}: cannot be read: it is a folder`;
  assert.equal(await told(["check", "--config", folder]), [2, config]);
});

line("asks only who may be a desk", async () => {
  for (const to of ["notajid", "a@b@c", "list-hats"]) {
    const reason = `TO: ${to} is not the address of a desk, such as ${DESK}`;
    assert.equal(await told(["exec", to, "list-hats", ...AS]), [2, reason]);
    assert.equal(await told(["commands", to, ...AS]), [2, reason]);
  }
});

line("with a service that is none is refused, wherever it was said", async () => {
  const reason = `must be ${SERVICE_SHAPE}`;
  for (const service of ["foo", "http://example.org", ""]) {
    const env = { ...NOWHERE, MILLINER_SERVICE: service };
    assert.equal(await told(["commands", DESK, ...AS], env), [2, `MILLINER_SERVICE: ${service} ${reason}`]);
  }
  assert.equal(await told(["commands", DESK, ...AS, "--service", "foo"]), [2, `--service: foo ${reason}`]);
});

line("that finds nobody is told by which flag to say where the server is", async () => {
  const [status, stderr] = await told(["commands", DESK, ...AS]);
  assert.is(status, 3);
  assert.match(stderr, /; if the server is elsewhere, set --service or MILLINER_SERVICE$/);
});

line("takes no empty password, neither from a file nor from the environment", async ({ folder }) => {
  const file = join(folder, "password");
  for (const content of ["", "\n", "\r\n"]) {
    writeFileSync(file, content);
    const argv = ["commands", DESK, ...AS, "--password-file", file];
    assert.equal(await told(argv), [2, `--password-file: ${file} holds no password`]);
  }
  const [status] = await told(["commands", DESK, ...AS], { ...NOWHERE, MILLINER_PASSWORD: "" });
  assert.is(status, 2);
});

line("gives a flag what was typed, also where it looks like a number", async () => {
  for (const typed of ["0123", "0x10", "1e3", "007.50"]) {
    for (const words of [["--password-file", typed], [`--password-file=${typed}`]]) {
      const reason = `--password-file: ${typed} cannot be read: there is no such file`;
      assert.equal(await told(["commands", DESK, ...AS, ...words]), [2, reason]);
    }
  }
});

line("gives no value to a flag that has none, and says a flag's own name", async () => {
  for (const typed of ["--json=no", "--json=false", "--json=true", "--json="]) {
    const answer = await told(["exec", DESK, "list-hats", typed, ...AS]);
    assert.equal(answer, [2, "--json: takes no value; with it or without it"]);
  }
  const twice = ["--password-file", "a", "--password-file", "b"];
  assert.equal(await told(["commands", DESK, ...AS, ...twice]), [2, "--password-file: given twice"]);
});

line("loses nothing behind two hyphens", async () => {
  const argv = ["exec", DESK, "list-hats", ...AS, "--", "room=team@rooms.example.org"];
  assert.equal(await told(argv), [2, "--: it is not needed here, leave it out"]);
});

for (const [words, place] of [
  [["add-user-hat", "title=a\u0001b"], "title"],
  [["add-user-hat", "t\u0001=a"], "t "],
  [["import-hats", "document=@FILE"], "document: line 2"],
  [["list\u0001"], "NODE"],
  [["list-hats", "--lang", "d\u0001"], "--lang"],
] as const) {
  line(
    `with a character that no server takes is refused before anybody is asked: ${place}`,
    async ({ folder }) => {
      const file = join(folder, "list.csv");
      writeFileSync(file, "user,hat\nb\u0002b,urn:x:a\n");
      const typed = words.map((word) => word.replace("@FILE", `@${file}`));
      assert.equal(await told(["exec", DESK, ...typed, ...AS]), [
        2,
        `${place}: holds a character that XML forbids`,
      ]);
    },
  );
}

line.run();

const fields = suite("a field");

const read = async (...words: string[]) => [...(await readFields(words, Readable.from(["a\nb\n"])))];

fields("may be a hyphen, which alone stands for what is piped in", async () => {
  assert.equal(await read("title=-"), [["title", ["a", "b"]]]);
  assert.equal(await read("title=--", "title=---", "title=-a", "title=--a"), [
    ["title", ["-", "--", "-a", "--a"]],
  ]);
});

fields("gets what is piped in only where no other does: it can be read once", async () => {
  for (const words of [
    ["user=-", "hat=-"],
    ["user=-", "user=-"],
  ]) {
    try {
      await read(...words);
      assert.unreachable();
    } catch (error) {
      const [name] = words[1]?.split("=") ?? [];
      const reason = `${name}: what is piped in goes to one field only; give a file, ${name}=@FILE`;
      assert.is((error as Error).message, reason);
    }
  }
});

fields.run();
