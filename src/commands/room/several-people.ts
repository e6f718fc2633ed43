/**
 * Several people whom one field names: where the fault is with some of them, the refusal says with whom. Of one person it is
 * clear, and the refusal is the plain one.
 */
import { badField, HatsError } from "../../core/errors.ts";
import type { BareJid } from "../../core/jid.ts";
import { type Affiliation, isAffiliated } from "../../core/model.ts";
import { asLine, inBrief } from "../../core/text.ts";
import type { People } from "./people.ts";

/* How many people are named, and how much of what somebody wrote is repeated to them. */
const MOST_NAMED = 20;
const MOST_QUOTED = 100;

/** Refuses people without an affiliation, by these names. */
export function refuseStrangers(names: readonly string[]): HatsError {
  const users = names.slice(0, MOST_NAMED).join(", ");
  const count = names.length - MOST_NAMED;
  return new HatsError("not-affiliated", {
    explanation:
      count > 0
        ? { code: "strangers-more", values: { users, count } }
        : { code: "strangers", values: { users } },
  });
}

/** Refuses those among several people who have no affiliation, as far as the requester may know of them. */
export function assertAffiliated(
  people: People,
  users: readonly BareJid[],
  affiliationOf: (user: BareJid) => Affiliation,
): void {
  const strangers = users.filter((user) => !isAffiliated(affiliationOf(user)));
  if (strangers.length === 0) return;
  const names = strangers.flatMap((user) => people.name(user) ?? []);
  throw users.length > 1 && names.length > 0 ? refuseStrangers(names) : new HatsError("not-affiliated");
}

/** Whom the values of the field `user` mean, each person once. Throws HatsError as People.find. */
export function findSeveral(people: People, values: readonly string[]): BareJid[] {
  const isOne = values.length === 1;
  return [...new Set(values.map((value) => (isOne ? people.find(value) : findNamed(people, value))))];
}

function findNamed(people: People, value: string): BareJid {
  try {
    return people.find(value);
  } catch (error) {
    if (!(error instanceof HatsError)) throw error;
    const quoted = inBrief(asLine(value), MOST_QUOTED);
    if (error.code === "not-affiliated") throw refuseStrangers([quoted]);
    if (error.code !== "bad-field") throw error;
    throw badField("user", "at", { place: quoted, what: error.explanation });
  }
}
