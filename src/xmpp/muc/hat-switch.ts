/**
 * The switch by which a room shows hats at all, where it has one.
 *
 * COMPAT: ejabberd 21.12 and later have the room option `enable_hats`, on by default since 26.01; its name is the
 * literal field of the configuration form. Prosody has none.
 */
import { buildConfigurationQuery, buildSwitch, parseSwitch } from "../../stanza/room-configuration.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { AskRoom } from "./ask-room.ts";

const SWITCH = "enable_hats";

/** Whether hats are switched on; undefined where there is no switch, the bot is no owner, or the room does not say. */
export async function readHatSwitch(ask: AskRoom): Promise<boolean | undefined> {
  try {
    return parseSwitch(await ask("get", buildConfigurationQuery()), SWITCH);
  } catch (error) {
    if (error instanceof StanzaError) return undefined;
    throw error;
  }
}

/** Switches the room's hats on; rejects as `ask` does. */
export async function switchHatsOn(ask: AskRoom): Promise<void> {
  await ask("set", buildSwitch(SWITCH, true));
}
