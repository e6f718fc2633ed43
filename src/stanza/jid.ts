/**
 * Addresses: RFC 7622, prepared so that two spellings of one address are one string.
 *
 * The local part is prepared by Nodeprep (RFC 6122, appendix A), which today's servers use: case folding, then SASLprep's
 * tables by a library and Nodeprep's own exclusions. The domain goes through UTS 46 (node:url) into Unicode,
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
 * Characters that Unicode 3.2, whose tables servers prepare addresses by, did not know, and that later versions fold or
 * decompose: `ₐlice` is a later Unicode's `alice`, and somebody else's account on a server. And five that it decomposed
 * into other ones.
 */
const LATER =
  /[\u023a-\u024e\u0370-\u0372\u0376\u037f\u03cf\u03f7-\u03ff\u04f6\u04fa-\u04fe\u0510-\u052e\u10c6-\u10cf\u10f9\u10fa\u10fc-\u10ff\u13f5-\u13ff\u1c80-\u1dbf\u1e9e\u1efa-\u1efe\u2090-\u209c\u213b\u213c\u2150-\u2152\u2184-\u2189\u2c00-\u2d6f\u321d\u321e\u3244-\u3250\u327c-\u327e\u32cc-\u32cf\u32ff\u3377-\u337a\u33de\u33df\u33ff\ua4c7-\uab69\ufa2e\ufa2f\ufa6b-\ufad9\ufe10-\ufe19\ufe47\ufe48\u{10426}\u{10427}\u{1044e}-\u{1ccf9}\u{1d4c1}\u{1d6a4}\u{1d6a5}\u{1d7ca}\u{1d7cb}\u{1e030}-\u{1fbf9}\u{2f868}\u{2f874}\u{2f91f}\u{2f95f}\u{2f9bf}]/u;
/* Letters of Unicode 3.2 that it had no small ones of, and the dotless ı, whose capital is another letter's. */
const UNFOLDED = /[\u0131\u04c0\u10a0-\u10c5\u13a0-\u13f4\u2132\u2183]/;
const MARKS = /\p{M}/gu;
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

/** Reads a person's address and makes it bare, or refuses it naming `user`. */
export function parseUserJid(text: string): BareJid {
  const jid = parseJid(text.trim());
  if (jid === undefined || jid.local === "") throw badField("user", "not-a-jid");
  return jid.bare as BareJid;
}

/** Reads a room's address and makes it bare, or refuses it naming `room`. */
export function parseRoomJid(text: string): RoomJid {
  const jid = parseJid(text.trim());
  if (jid === undefined || jid.local === "") throw badField("room", "not-a-room-jid");
  return jid.bare as RoomJid;
}

/** The domain of a prepared bare address. */
export function domainOf(jid: BareJid | RoomJid): string {
  return jid.slice(jid.indexOf("@") + 1);
}

/** Whether two addresses are one after preparation. */
export function isSameJid(a: string, b: string): boolean {
  if (a === b) return true;
  const left = parseJid(a);
  return left !== undefined && left.full === parseJid(b)?.full;
}

function prepareLocal(text: string): string | undefined {
  if (text.length <= PART_LIMIT && PLAIN_LOCAL.test(text)) return text;
  const prepared = prepare(text.replace(/./gsu, foldCharacter));
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

/*
 * RFC 3454, table B.2. It comes before normalization, or else an accent goes to another letter: `ᾳ` with an acute is `αί`
 * and not `άι`. By way of the capital, so that ß meets ss; one character at a time, so that no final sigma comes out.
 * What is a capital only in another shape, as in ㎒, is folded all the way.
 */
function foldCharacter(character: string): string {
  if (UNFOLDED.test(character)) return character;
  const small = toSmall(character);
  const plain = small.normalize("NFKC");
  const plainSmall = toSmall(plain).normalize("NFKC");
  return plainSmall === plain ? small : plainSmall;
}

function toSmall(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/*
 * Whether every server prepares it so: what only later tables change has to come as it stays. They also put marks in
 * order that Unicode 3.2 did not know: an `a` under such a mark and above a dot is somebody else's account than an `ạ`
 * under that mark.
 */
function isAgreed(text: string, prepared: string): boolean {
  return prepared === text || (!LATER.test(text) && (text.match(MARKS) ?? []).every(isOldMark));
}

function isOldMark(mark: string): boolean {
  try {
    /* Of a variation selector nothing is left, and of nothing it says that it is bad. */
    saslprep(`a${mark}`);
    return true;
  } catch {
    return false;
  }
}

function isWithinLimit(part: string): boolean {
  return part !== "" && Buffer.byteLength(part) <= PART_LIMIT;
}
