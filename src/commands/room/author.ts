/** Who a request's changes are put down to. */
import type { Author } from "../../core/entry.ts";
import type { Asker } from "../command.ts";

/** The author of what an asker does, with the full address that they asked from. */
export function authorOf({ requester, address }: Asker): Author {
  if (requester.kind === "account") return { kind: "account", jid: requester.jid, address };
  const { nick, realJid } = requester.occupant;
  return { kind: "occupant", nick, ...(realJid === undefined ? {} : { jid: realJid }), address };
}
