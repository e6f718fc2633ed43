/** `my-hats`: whoever belongs to a room shows those of their own hats that they choose. */
import { badField, HatsError } from "../core/errors.ts";
import { wardrobeOf } from "../core/hats.ts";
import type { BareJid } from "../core/jid.ts";
import type { HatId, RoomView, Wardrobe } from "../core/model.ts";
import { showHats } from "../core/self-service.ts";
import { shownTitle } from "../core/titles.ts";
import { jidOf } from "../desk/access.ts";
import type { Receipt } from "../desk/desk.ts";
import { readList } from "./answers.ts";
import type { Answers, Command, Outcome, Question, Skip } from "./command.ts";
import { quoteTitles } from "./room/change-people.ts";
import { changeRoom, tellOf } from "./room/change-room.ts";
import { readHatNamed } from "./room/hat-named.ts";
import { wornOptions } from "./room/hat-options.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

const NODE = "my-hats";
const FIELD = "shown-hats";

/** Makes the command. */
export function myHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [{ name: "hats", ask: (scene) => ask(services, scene) }],
    run: (scene, answers) => show(services, scene, answers),
  });
}

function ask({ desk }: Services, scene: Scene): Question | Skip {
  const view = desk.viewRoom(scene.room);
  const worn = wardrobeOf(view, ownJid(scene));
  if (worn.size === 0) return { known: new Map([[FIELD, []]]) };
  const options = wornOptions(view, worn);
  /* A hat that cannot be shown as chosen would count as taken off. */
  if (options.length < worn.size) throw badField(FIELD, "own-hats-fill-form");
  return { ask: new Map([[FIELD, { options, values: activeIn(worn) }]]) };
}

async function show(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const own = ownJid(scene);
  if (!answers.has(FIELD)) throw badField(FIELD, "missing-none");
  const named = readList(answers, FIELD).map((value) => readHatNamed(services, scene, value, FIELD));
  const shown = new Set<string>(named);
  const receipt = await changeRoom(services, scene, {
    command: NODE,
    users: [own],
    decide: (view) => showHats(view, own, scene.room, shown, FIELD),
  });
  return tellOf(services, scene, receipt, tell(services, scene, own, receipt));
}

/* Whose hats these are only the room can say of an occupant, and it says so to its owners and admins. */
function ownJid({ asker }: Scene): BareJid {
  const own = jidOf(asker.requester);
  if (own !== undefined) return own;
  throw new HatsError("list-unreadable", { explanation: { code: "unseen-requester" } });
}

function tell({ desk }: Services, scene: Scene, own: BareJid, receipt: Receipt): string[] {
  const { room, asker } = scene;
  const view = desk.viewRoom(room);
  const change = receipt.changes.find((entry) => entry.kind === "user");
  const before = change?.before?.hats ?? wardrobeOf(view, own);
  const after = change?.after?.hats ?? before;
  const say = (key: string, ids: readonly HatId[]): string[] =>
    ids.length === 0 ? [] : [asker.phrases.say(key, { titles: quoteOwn(scene, view, after, ids), room })];
  if (after.size === 0) return [asker.phrases.say("mine-none", { room })];
  const shown = activeIn(after);
  if (change === undefined) {
    return shown.length === 0
      ? [asker.phrases.say("mine-unchanged-none", { room })]
      : say("mine-unchanged", shown);
  }
  return [
    ...say(
      "mine-put-on",
      shown.filter((id) => before.get(id)?.active !== true),
    ),
    ...say(
      "mine-taken-off",
      activeIn(before).filter((id) => after.get(id)?.active !== true),
    ),
  ];
}

function activeIn(worn: Wardrobe): HatId[] {
  return [...worn].filter(([, { active }]) => active === true).map(([id]) => id);
}

function quoteOwn({ asker }: Scene, view: RoomView, worn: Wardrobe, ids: readonly HatId[]): string {
  const hats = ids.map((id) => ({ id, title: shownTitle(view, id, worn.get(id)) }));
  return quoteTitles(hats, asker.phrases);
}
