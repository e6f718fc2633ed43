/**
 * The two kinds of address the domain knows.
 *
 * Both are strings that somebody above has already prepared (RFC 7622) and made bare; the brands keep an unprepared
 * string from getting in. Leaves out parsing: stanza/jid.ts makes them.
 */

declare const brand: unique symbol;

/** A person's prepared bare JID, such as `bob@example.org`. */
export type BareJid = string & { readonly [brand]: "BareJid" };

/** A room's prepared bare JID, such as `team@rooms.example.org`. */
export type RoomJid = string & { readonly [brand]: "RoomJid" };
