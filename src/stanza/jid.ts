/**
 * Addresses: RFC 7622, prepared so that two spellings of one address are one string.
 *
 * The local part is prepared by Nodeprep (RFC 6122, appendix A), which today's servers use: SASLprep's tables by a
 * library, then case folding and Nodeprep's own exclusions. The domain goes through UTS 46 (node:url) into Unicode,
 * without its trailing dot. The resource is SASLprep's as well: Resourceprep has the same tables.
 * Leaves out XEP-0106 escaping: escaped local parts are compared as they stand.
 */
import { domainToASCII, domainToUnicode } from "node:url";
import { saslprep } from "@mongodb-js/saslprep";
import { badField } from "../core/errors.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";

/** The parts of a prepared JID; an absent local part or resource is the empty string. */
export interface Jid {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
  /** `local@domain`, or the domain alone. */
  readonly bare: string;
  /** The whole address. */
  readonly full: string;
}

const PART_LIMIT = 1023;
/* Three parts with what stands between them. */
const LIMIT = 3 * PART_LIMIT + 2;
const PLAIN_LOCAL = /^[a-z0-9._-]+$/;
const PLAIN_DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;
const PLAIN_RESOURCE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const NOT_IN_LOCAL = /["&'/:<>@\s]/;
const NOT_IN_DOMAIN = /[\s"&'/:<>@#%?\\]/;
/*
 * Characters that Unicode 3.2, whose tables servers prepare addresses by, did not know, or knew no small letter of, and
 * that later versions fold or decompose: `ₐlice` is a later Unicode's `alice`, and somebody else's account on a server.
 */
const LATER =
  /[\u023a-\u024e\u0370-\u0372\u0376\u037f\u03cf\u03f7-\u03ff\u04c0\u04f6\u04fa-\u04fe\u0510-\u052e\u10a0-\u13f5\u1c80-\u1dbf\u1e9e\u1efa-\u1efe\u2090-\u209c\u2132\u213b\u213c\u2150-\u2152\u2183-\u2189\u2c00-\u2d6f\u321d\u321e\u3244-\u3250\u327c-\u327e\u32cc-\u32cf\u32ff\u3377-\u337a\u33de\u33df\u33ff-\uab69\ufa2e\ufa2f\ufa6b-\ufad9\ufe10-\ufe19\ufe47\ufe48\u{10426}-\u{1ccf9}\u{1d4c1}\u{1d6a4}\u{1d6a5}\u{1d7ca}\u{1d7cb}\u{1e030}-\u{1fbf9}]/u;
const IPV6 = /^\[[0-9a-f:.]+\]$/i;

/** Reads a JID, or returns undefined where it is none. */
export function parseJid(text: string): Jid | undefined {
  if (text.length > LIMIT) return undefined;
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const at = address.indexOf("@");
  const givenLocal = address.slice(0, Math.max(at, 0));
  const givenDomain = address.slice(at + 1);
  const givenResource = slash < 0 ? "" : text.slice(slash + 1);
  const local = at < 0 ? "" : prepareLocal(givenLocal);
  const domain = prepareDomain(givenDomain);
  const resource = slash < 0 ? "" : prepareResource(givenResource);
  if (local === undefined || domain === undefined || resource === undefined) return undefined;
  /* Most addresses are prepared already, and stay the string that they are: nobody has to put it together and hash it. */
  const isSame = local === givenLocal && domain === givenDomain;
  const bare = isSame ? address : local === "" ? domain : `${local}@${domain}`;
  if (isSame && resource === givenResource) return { local, domain, resource, bare, full: text };
  return { local, domain, resource, bare, full: resource === "" ? bare : `${bare}/${resource}` };
}

/** Reads a person's address and makes it bare, or refuses it naming `field`. */
export function parseUserJid(text: string, field = "user"): BareJid {
  const jid = parseJid(text.trim());
  if (jid === undefined || jid.local === "") throw badField(field, "not-a-jid");
  return jid.bare as BareJid;
}

/** Reads a room's address and makes it bare, or refuses it naming `field`. */
export function parseRoomJid(text: string, field = "room"): RoomJid {
  const jid = parseJid(text.trim());
  if (jid === undefined || jid.local === "") throw badField(field, "not-a-room-jid");
  return jid.bare as RoomJid;
}

/** Whether two addresses are one after preparation. */
export function isSameJid(a: string, b: string): boolean {
  if (a === b) return true;
  const left = parseJid(a);
  return left !== undefined && left.full === parseJid(b)?.full;
}

function prepareLocal(text: string): string | undefined {
  if (text.length <= PART_LIMIT && PLAIN_LOCAL.test(text)) return text;
  const folded = prepare(text)?.replace(/./gsu, foldCharacter);
  const prepared = folded === undefined ? undefined : prepare(folded);
  if (prepared === undefined || NOT_IN_LOCAL.test(prepared) || !isAgreed(text, prepared)) return undefined;
  return isWithinLimit(prepared) ? prepared : undefined;
}

function prepareDomain(text: string): string | undefined {
  const domain = text.endsWith(".") ? text.slice(0, -1) : text;
  if (domain.length <= PART_LIMIT && PLAIN_DOMAIN.test(domain) && !domain.includes("xn--")) return domain;
  if (IPV6.test(domain)) return domain.toLowerCase();
  /* IDNA takes time by the square of the length. */
  if (domain.length > PART_LIMIT) return undefined;
  if (!isDomain(text)) return undefined;
  const mapped = domainToASCII(domain) === "" ? "" : domainToUnicode(domain);
  /* Other scripts have dots of their own, and wide forms of what no domain may hold. */
  const unicode = mapped.endsWith(".") ? mapped.slice(0, -1) : mapped;
  return isDomain(mapped) && isWithinLimit(unicode) && isAgreed(domain, unicode) ? unicode : undefined;
}

function isDomain(text: string): boolean {
  return !NOT_IN_DOMAIN.test(text) && !text.startsWith(".") && !text.includes("..");
}

function prepareResource(text: string): string | undefined {
  if (text.length <= PART_LIMIT && PLAIN_RESOURCE.test(text)) return text;
  const prepared = prepare(text);
  return prepared !== undefined && isWithinLimit(prepared) ? prepared : undefined;
}

/* SASLprep throws on what is prohibited. Unassigned code points are let through: newer scripts and emoji are in use. */
function prepare(text: string): string | undefined {
  try {
    return saslprep(text, { allowUnassigned: true });
  } catch {
    return undefined;
  }
}

/* Folds by way of the capital, so that ß meets ss; one character at a time, so that no final sigma comes out. The
   dotless ı has the capital of another letter: RFC 3454, table B.2, leaves it as it is. */
function foldCharacter(character: string): string {
  return character === "ı" ? character : character.toUpperCase().toLowerCase();
}

/* Whether every server prepares it so: what only later tables change has to come as it stays. */
function isAgreed(text: string, prepared: string): boolean {
  return prepared === text || !LATER.test(text);
}

function isWithinLimit(part: string): boolean {
  return part !== "" && Buffer.byteLength(part) <= PART_LIMIT;
}
