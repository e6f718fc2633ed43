/**
 * Identifiers of sessions: unguessable, and recognisable long after the session is gone.
 *
 * XEP-0050 (section 4.4) tells an ended session apart from one that never was. Remembering every ended one would cost
 * memory without bound, so each identifier carries a keyed hash of itself and its owner's address: what bears a right
 * one was once given to that address by this process.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

const NONCE_BYTES = 15;
const TAG_BYTES = 12;
const SECRET_BYTES = 32;

/** Makes identifiers, and tells its own from others. */
export interface SessionIds {
  mint(address: string): string;
  /** Whether this was minted here for that address. */
  isMinted(sessionid: string, address: string): boolean;
}

/** Identifiers under a secret of this process; `random` gives so many unpredictable bytes. */
export function sessionIds(random: (bytes: number) => Buffer): SessionIds {
  const secret = random(SECRET_BYTES);
  const tagOf = (nonce: string, address: string): Buffer =>
    createHmac("sha256", secret).update(`${nonce}\0${address}`).digest().subarray(0, TAG_BYTES);
  return {
    mint(address) {
      const nonce = random(NONCE_BYTES).toString("base64url");
      return `${nonce}.${tagOf(nonce, address).toString("base64url")}`;
    },
    isMinted(sessionid, address) {
      const [nonce = "", text = "", ...rest] = sessionid.split(".");
      const tag = Buffer.from(text, "base64url");
      if (rest.length > 0 || tag.length !== TAG_BYTES) return false;
      return timingSafeEqual(tag, tagOf(nonce, address));
    },
  };
}
