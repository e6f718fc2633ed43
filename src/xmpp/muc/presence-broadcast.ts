/**
 * Whether a room shows everybody's presence (XEP-0045 1.35, section 15.5.3, `muc#roomconfig_presencebroadcast`).
 *
 * Where it shows some roles only, it keeps to itself what becomes of the affiliations of all others who are in: Prosody
 * does not even tell of a ban.
 */
import { buildConfigurationQuery, parseChoices } from "../../stanza/room-configuration.ts";
import type { AskRoom } from "./ask-room.ts";

const FIELD = "muc#roomconfig_presencebroadcast";
const ROLES = ["moderator", "participant", "visitor"] as const;

/** Asks a room, as its owner; rejects as `ask` does. A room without that option shows everybody. */
export async function showsEverybody(ask: AskRoom): Promise<boolean> {
  const shown = parseChoices(await ask("get", buildConfigurationQuery()), FIELD);
  return shown === undefined || ROLES.every((role) => shown.includes(role));
}
