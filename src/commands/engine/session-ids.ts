/**
 * Identifiers of sessions: unguessable, and recognisable long after the session is gone.
 *
 * XEP-0050 (section 4.4) tells an ended session apart from one that never was. Remembering every ended one would cost
 * memory without bound, so each identifier carries a checksum of itself and its owner's address under a secret: what
 * bears a right one was once given to that address by this process. It is the nonce that nobody can guess; whoever made
 * up a checksum would only be told that a session ended which never was.
 */
import { crc32 } from "node:zlib";

/** Makes identifiers, and tells its own from others. */
export interface SessionIds {
  mint(address: string): string;
  /** Whether this was minted here for that address. */
  isMinted(sessionid: string, address: string): boolean;
}

/** Identifiers under a secret of this process; `random` gives an unpredictable string of at least 120 bits. */
export function sessionIds(random: () => string): SessionIds {
  const secret = crc32(random());
  const identify = (nonce: string, address: string): string =>
    `${nonce}.${crc32(`${nonce} ${address}`, secret)}`;
  return {
    mint: (address) => identify(random(), address),
    isMinted(sessionid, address) {
      const [nonce = ""] = sessionid.split(".");
      return sessionid === identify(nonce, address);
    },
  };
}
