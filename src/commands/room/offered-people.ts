/**
 * Who went by which nick when a form offered it: by the time that the form comes back, it may be somebody else.
 *
 * Only where people are known by nick; a real JID is always the same person. In one stanza nothing was offered.
 */
import { badField } from "../../core/errors.ts";
import type { BareJid } from "../../core/jid.ts";
import { asLine } from "../../core/text.ts";
import type { Answers, Filling } from "../command.ts";
import type { Scene, Services } from "./scene.ts";

/* Among the answers; no field, so that it is the desk's own word. A line is a real JID, a space, and the option's value. */
const OFFERED = "offered-people";

/** What is to be known of the people whom a form offers now. */
export function offeredPeople({ rooms }: Services, { room }: Scene, { options = [] }: Filling): Answers {
  const users = new Map(rooms.occupants(room).map(({ nick, realJid }) => [`${room}/${nick}`, realJid]));
  const lines = options.flatMap(({ value }) => {
    const user = users.get(value);
    return user === undefined ? [] : [`${user} ${value}`];
  });
  return new Map([[OFFERED, lines]]);
}

/** Refuses a nick that meant somebody else when it was offered. Throws HatsError bad-field. */
export function assertSamePerson(
  { room, asker }: Scene,
  answers: Answers,
  nick: string,
  user: BareJid,
): void {
  const before = asker.isOneShot ? undefined : offeredAs(answers, `${room}/${nick}`);
  if (before !== undefined && before !== user) throw badField("user", "other-person", { nick: asLine(nick) });
}

function offeredAs(answers: Answers, address: string): string | undefined {
  const line = answers.get(OFFERED)?.find((known) => known.slice(known.indexOf(" ") + 1) === address);
  return line?.slice(0, line.indexOf(" "));
}
