/** The scripts under docs/examples do what they say, over TLS, against a real server. */
// runner: deadline 600 s
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Lab, startLab } from "../../src/testing/index.ts";
import { eachServer } from "../support/servers.ts";

interface Scene {
  lab: Lab<"team">;
  room: string;
  /** A folder with `milliner` in it, as an installed package would have it. */
  bin: string;
}

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Debian's Python, which has Debian's slixmpp; another one may come first in PATH. */
const PYTHON = "/usr/bin/python3";

eachServer((kind) => {
  const examples = suite<Scene>(`docs/examples on ${kind}`);

  examples.before(async (scene) => {
    scene.bin = mkdtempSync(join(tmpdir(), "milliner-bin-"));
    const milliner = join(scene.bin, "milliner");
    const line = `exec ${process.execPath} --import ${import.meta.resolve("tsx")} ${ROOT}src/cli.ts "$@"`;
    writeFileSync(milliner, `#!/bin/sh\n${line}\n`);
    chmodSync(milliner, 0o755);
  });
  examples.before.each(async (scene) => {
    scene.lab = await startLab({
      server: kind,
      serverSettings: { tls: true },
      rooms: { team: { owner: "alice", members: ["bob", "carol"] } },
      people: ["mallory"],
    });
    scene.room = scene.lab.room("team");
  });
  examples.after.each(({ lab }) => lab.stop());
  examples.after(({ bin }) => rmSync(bin, { recursive: true }));

  /** Runs an example as somebody, with what is piped in. */
  async function run(
    scene: Scene,
    name: string,
    words: readonly string[],
    piped = "",
    user = "alice",
  ): Promise<Run> {
    const { lab, bin } = scene;
    const file = join(ROOT, "docs/examples", name);
    const [command, args] = name.endsWith(".py") ? [PYTHON, [file, ...words]] : ["sh", [file, ...words]];
    const env = {
      HOME: process.env["HOME"],
      PATH: `${bin}:${process.env["PATH"]}`,
      DESK: lab.desk,
      JID: lab.jid(user),
      PASSWORD: user,
      SERVER: `127.0.0.1:${lab.server.c2sPort}`,
      CA_FILE: lab.server.caPath,
      AS: lab.jid(user),
      MILLINER_PASSWORD: user,
      SERVICE: lab.server.service,
      CA: lab.server.caPath,
    };
    const child = spawn(command, args, { env });
    child.stdin.end(piped);
    const ended = new Promise<number | null>((resolve) => {
      child.once("close", resolve);
    });
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
  }

  const titles = ({ lab, room }: Scene, name: string): string[] => {
    const { hats } = lab.bot.desk.roomHats(room);
    const worn = lab.bot.desk.userHats(lab.jid(name), room);
    return Object.keys(worn).map((id) => worn[id]?.title ?? hats[id]?.title ?? id);
  };

  examples("hats.py gives a hat in one stanza and lists who wears what", async (scene) => {
    const given = await run(scene, "hats.py", ["give", scene.room, scene.lab.jid("bob"), "Teacher"]);
    assert.is(given.status, 0, given.stderr);
    assert.equal(titles(scene, "bob"), ["Teacher"]);
    const listed = await run(scene, "hats.py", ["list", scene.room]);
    assert.is(listed.status, 0, listed.stderr);
    const [title, head, row, ...more] = listed.stdout.trim().split("\n");
    assert.match(title ?? "", /^Who wears what in /);
    assert.match(head ?? "", /^Who +Hat +Title +/i);
    assert.match(row ?? "", /^bob@milliner\.test +urn:uuid:\S+ +Teacher +/);
    assert.equal(more, []);
  });

  examples("hats.py goes through a command step by step", async (scene) => {
    const asked = await run(scene, "hats.py", ["ask", "add-user-hat"], "2\n\nSpeaker\n\n\n\n\n\n\n");
    assert.is(asked.status, 0, asked.stderr);
    assert.match(asked.stdout, /1 {2}alice/);
    const wearer = ["alice", "bob", "carol"].filter((name) => titles(scene, name).includes("Speaker"));
    assert.is(wearer.length, 1, asked.stdout);
    assert.is(asked.stderr.replace(/^Using slower stringprep.*\n/m, ""), "");
    const left = await run(scene, "hats.py", ["ask", "add-user-hat"], "");
    assert.is(left.status, 0, left.stderr);
  });

  examples("hats.py asks again for a number that is none of the choices", async (scene) => {
    const asked = await run(scene, "hats.py", ["ask", "add-user-hat"], "0\n9\n2\n\nSpeaker\n\n\n\n\n\n\n");
    assert.is(asked.status, 0, asked.stderr);
    assert.is(asked.stdout.match(/numbers go from 1 to \d/g)?.length, 2);
    const wearer = ["alice", "bob", "carol"].filter((name) => titles(scene, name).includes("Speaker"));
    assert.is(wearer.length, 1, asked.stdout);
  });

  examples("hats.py does what is to be confirmed after a yes only", async (scene) => {
    await run(scene, "hats.py", ["give", scene.room, scene.lab.jid("bob"), "Teacher"]);
    const left = await run(scene, "hats.py", ["ask", "retire-hat"], "1\n\n");
    assert.match(left.stdout, /Wearers of “Teacher”: bob/);
    assert.equal(titles(scene, "bob"), ["Teacher"]);
    const gone = await run(scene, "hats.py", ["ask", "retire-hat"], "1\ny\n");
    assert.match(gone.stdout, /no longer a hat of/);
    assert.equal(titles(scene, "bob"), []);
  });

  examples("hats.py ends with 1 where it is refused, and says why", async (scene) => {
    const refused = await run(scene, "hats.py", ["list", scene.room], "", "mallory");
    assert.is(refused.status, 1, refused.stderr);
    assert.match(refused.stderr, /^(auth|cancel) forbidden: /m);
  });

  examples("give-hats.sh gives a hat to a whole list, or to nobody", async (scene) => {
    const { lab } = scene;
    const both = `${lab.jid("bob")}\n${lab.jid("carol")}\n`;
    const given = await run(scene, "give-hats.sh", [scene.room, "Speaker"], both);
    assert.is(given.status, 0, given.stderr);
    assert.equal([titles(scene, "bob"), titles(scene, "carol")], [["Speaker"], ["Speaker"]]);
    assert.match(given.stdout, /^carol@milliner\.test +urn:uuid:\S+ +Speaker/m);
    const mixed = await run(
      scene,
      "give-hats.sh",
      [scene.room, "Host"],
      `${lab.jid("bob")}\n${lab.jid("mallory")}\n`,
    );
    assert.is(mixed.status, 1);
    assert.match(
      mixed.stderr,
      /user not affiliated with room: mallory@milliner\.test[\s\S]*Nobody got the hat/,
    );
    assert.equal(titles(scene, "bob"), ["Speaker"]);
  });

  examples("on-call.sh finds who wears it behind the first page, too", async (scene) => {
    const { lab, room } = scene;
    await lab.bot.desk.addUserHat(lab.jid("bob"), room, "https://example.org/hats/on-call", { active: true });
    const others = Array.from({ length: 60 }, (_, number) => [`urn:x:${number}`, {}]);
    await lab.bot.desk.setUserHats(lab.jid("alice"), room, Object.fromEntries(others));
    const handed = await run(scene, "on-call.sh", [room, lab.jid("carol")]);
    assert.is(handed.status, 0, handed.stderr);
    assert.not.ok(titles(scene, "bob").includes("https://example.org/hats/on-call"));
    assert.equal(titles(scene, "carol").length, 1);
    await lab.bot.desk.setUserHats(lab.jid("alice"), room, undefined);
  });

  examples("on-call.sh hands the hat on, however often it is run", async (scene) => {
    const { lab } = scene;
    for (const name of ["bob", "carol", "carol"]) {
      const handed = await run(scene, "on-call.sh", [scene.room, lab.jid(name)]);
      assert.is(handed.status, 0, handed.stderr);
      const wearers = ["alice", "bob", "carol"].filter((each) => titles(scene, each).includes("On call"));
      assert.equal(wearers, [name]);
    }
  });

  examples.run();
});
