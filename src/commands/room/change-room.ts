/**
 * What the commands have in common that change something of a room by one decision: which hat, who did it, and what
 * they hear.
 */
import type { Change } from "../../core/change.ts";
import type { BareJid } from "../../core/jid.ts";
import { keptRoom } from "../../core/kept-room.ts";
import type { HatId, RoomView, View } from "../../core/model.ts";
import type { Receipt } from "../../desk/desk.ts";
import { readRequired } from "../answers.ts";
import { type Answers, NOTHING_TO_ASK, type Outcome, type Question, type Skip } from "../command.ts";
import { authorOf } from "./author.ts";
import { readHatNamed } from "./hat-named.ts";
import { roomHatOptions } from "./hat-options.ts";
import { nameSeveral, peopleOf } from "./people.ts";
import { assertStillGranted } from "./room-access.ts";
import type { Scene, Services } from "./scene.ts";

/** A decision about a room. */
export interface RoomChange {
  readonly command: string;
  /** Those whose affiliation it asks for. */
  readonly users?: readonly BareJid[];
  /** The number of the entry that this takes back. */
  readonly undoes?: number;
  readonly reason?: string | undefined;
  /** The view knows the affiliations of `users`; the room is what it says of this one. */
  decide(view: View, room: RoomView): readonly Change[];
}

/** Makes a decision durable, unless the requester lost the right to it meanwhile. */
export function changeRoom(services: Services, scene: Scene, change: RoomChange): Promise<Receipt> {
  const { command, users = [], reason, undoes } = change;
  const request = { room: scene.room, users, author: authorOf(scene.asker), command, reason, undoes };
  return services.desk.transact(request, (view) => {
    assertStillGranted(services, scene, command);
    return change.decide(view, keptRoom(view, scene.room));
  });
}

/** Asks for one of the room's hats, where it has any. */
export function askHat(services: Services, scene: Scene): Question | Skip {
  const options = roomHatOptions(services, scene);
  return options.length === 0 ? NOTHING_TO_ASK : { ask: new Map([["hat", { options }]]) };
}

/** The hat that the field `hat` names; whether the room knows a URI is not asked. Throws HatsError bad-field. */
export function readHat(services: Services, scene: Scene, answers: Answers): HatId {
  return readHatNamed(services, scene, readRequired(answers, "hat"));
}

/** Says that there are no hats to choose from, to somebody who was to choose one step by step. */
export function sayNoHats(services: Services, { room, asker }: Scene): Outcome | undefined {
  if (asker.isOneShot || services.desk.durableRoom(room).hats.size > 0) return undefined;
  return { kind: "text", severity: "info", lines: [`${asker.phrases.say("hats-in-none", { room })}.`] };
}

/** A note on what became of it, whether the room still has to be told, and whose hats it changed itself. */
export function tellOf(
  services: Services,
  scene: Scene,
  receipt: Receipt,
  lines: readonly string[],
): Outcome {
  const isUntold = receipt.changes.length > 0 && !services.rooms.isReachable(scene.room);
  const untold = isUntold ? [scene.asker.phrases.say("room-untold")] : [];
  const crossed = tellCrossed(services, scene, receipt);
  return { kind: "text", severity: "info", lines: [...lines, ...crossed, ...untold] };
}

/* Whom the requester may not know of is left to be told to somebody else. */
function tellCrossed(services: Services, scene: Scene, { changes }: Receipt): string[] {
  const changed: BareJid[] = [];
  for (const change of changes) if (change.kind === "user") changed.push(change.user);
  if (changed.length === 0) return [];
  const { room, asker } = scene;
  const people = peopleOf(services, scene);
  const known = changed.filter((user) => people.name(user) !== undefined);
  const crossed = services.care.tellCrossed(room, known);
  if (crossed.length === 0) return [];
  const users = nameSeveral(people, crossed, asker.phrases);
  return [asker.phrases.say("crossed", { users, room })];
}
