/** Announcements in rooms of real servers: in the language that the room declares, and none once they are switched off. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { executeCommand } from "../../src/adhoc.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import { xml } from "../../src/stanza/xml.ts";
import { type Lab, startLab } from "../../src/testing/index.ts";
import { PAUSE_MS } from "../../src/xmpp/muc/announcements.ts";
import { within } from "../support/deadline.ts";
import { HastyClock } from "../support/hasty-clock.ts";
import { eachServer } from "../support/servers.ts";

const TEACHER = "https://example.org/hats/teacher";

interface Scene {
  lab: Lab<"team">;
  room: RoomJid;
  clock: HastyClock;
}

/* Alice owns the room, and may have the desk keep it. */
async function run({ lab, room }: Scene, node: string, values: Record<string, string>): Promise<void> {
  const command = { to: lab.desk, node, values: { room, ...values } };
  assert.is((await executeCommand(lab.sender("alice"), command)).status, "completed");
}

function give(scene: Scene, hat: string, title: string): Promise<void> {
  return run(scene, "add-user-hat", { user: scene.lab.jid("bob"), hat, title });
}

/* What bob hears next in the room, the desk's with the language that it says. */
async function heard({ lab, room }: Scene): Promise<string> {
  const message = await lab
    .person("bob")
    .next((stanza) => stanza.attrs["from"]?.startsWith(`${room}/`) && stanza.getChild("body") !== undefined);
  const { from, "xml:lang": lang = "" } = message.attrs;
  return `${from === `${room}/hats` ? `${lang}: ` : ""}${message.getChildText("body")}`;
}

/* The bot asks a room that says it changed what it is now. */
function untilSpoken({ lab, room }: Scene, lang: string): Promise<void> {
  const ask = async (): Promise<void> => {
    while (lab.bot.rooms.link(room)?.lang !== lang) await run({ lab, room } as Scene, "list-hats", {});
  };
  return within(ask(), `${room} speaks ${lang}`);
}

eachServer((kind) => {
  const test = suite<Scene>(`announcements on ${kind}`);

  test.before(async (scene) => {
    scene.clock = new HastyClock(5);
    scene.lab = await startLab({
      server: kind,
      rooms: {
        team: {
          owner: "alice",
          members: ["bob"],
          configuration: { "muc#roomconfig_lang": "de-AT" },
          desk: "none",
        },
      },
      desk: { admins: ["alice"], clock: scene.clock },
    });
    scene.room = scene.lab.room("team") as RoomJid;
    await scene.lab.person("alice").setAffiliation(scene.room, scene.lab.jid("hats"), "owner");
    await run(scene, "manage-room", { announce: "1" });
  });
  test.after(({ lab }) => lab.stop());

  test("a room is told in the language that it declares", async (scene) => {
    await give(scene, TEACHER, "Köchin");
    assert.is(await heard(scene), "de: bob hat jetzt „Köchin“.");
  });

  test("a room that declares another language is told in that one from then on", async (scene) => {
    await scene.lab.person("alice").configureRoom(scene.room, { "muc#roomconfig_lang": "es" });
    await untilSpoken(scene, "es");
    await run(scene, "remove-user-hat", { user: scene.lab.jid("bob"), hat: TEACHER });
    assert.is(await heard(scene), "es: bob ya no tiene «Köchin».");
  });

  test("what waits to be told is not told once announcements are switched off", async (scene) => {
    const { lab, room, clock } = scene;
    await give(scene, "urn:x:first", "First");
    assert.is(await heard(scene), "es: bob ahora tiene «First».");
    await give(scene, "urn:x:second", "Second");
    await run(scene, "manage-room", { announce: "0" });
    await new Promise<void>((resolve) => clock.after(2 * PAUSE_MS, resolve));
    await run(scene, "list-hats", {});
    await lab
      .person("alice")
      .send(xml("message", { to: room, type: "groupchat" }, xml("body", {}, "that is all")));
    assert.is(await heard(scene), "that is all");
  });

  test.run();
});
