/**
 * Identifiers of sessions: unguessable, and recognisable long after the session is gone.
 *
 * XEP-0050 (section 4.4) tells an ended session apart from one that never was. Remembering every ended one would cost
 * memory without bound, so each identifier carries a keyed hash of itself and its owner's address: what bears a right
 * one was once given to that address by this process.
 */
import { hash, timingSafeEqual } from "node:crypto";

/* 96 bits of 256: too many to guess, too few to go on hashing from. */
const TAG_LENGTH = 16;

/** Makes identifiers, and tells its own from others. */
export interface SessionIds {
  mint(address: string): string;
  /** Whether this was minted here for that address. */
  isMinted(sessionid: string, address: string): boolean;
}

/** Identifiers under a secret of this process; `random` gives an unpredictable string of at least 120 bits. */
export function sessionIds(random: () => string): SessionIds {
  const secret = random() + random();
  const tagOf = (nonce: string, address: string): string =>
    hash("sha256", `${secret} ${nonce} ${address}`, "base64url").slice(0, TAG_LENGTH);
  return {
    mint(address) {
      const nonce = random();
      return `${nonce}.${tagOf(nonce, address)}`;
    },
    isMinted(sessionid, address) {
      const [nonce = "", tag = "", ...rest] = sessionid.split(".");
      const expected = Buffer.from(tagOf(nonce, address));
      const given = Buffer.from(tag);
      return rest.length === 0 && given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
