/** The namespaces of every protocol the desk speaks, each with where it is defined. */

/** RFC 6120 */
export const NS_CLIENT = "jabber:client";
/** RFC 6120, section 8.3 */
export const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";
/** RFC 6121, section 2 */
export const NS_ROSTER = "jabber:iq:roster";
/** XEP-0004 */
export const NS_DATA_FORM = "jabber:x:data";
/** XEP-0030 */
export const NS_DISCO_INFO = "http://jabber.org/protocol/disco#info";
/** XEP-0030 */
export const NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
/** XEP-0045 */
export const NS_MUC = "http://jabber.org/protocol/muc";
/** XEP-0045 */
export const NS_MUC_USER = "http://jabber.org/protocol/muc#user";
/** XEP-0045 */
export const NS_MUC_ADMIN = "http://jabber.org/protocol/muc#admin";
/** XEP-0045 */
export const NS_MUC_OWNER = "http://jabber.org/protocol/muc#owner";
/** XEP-0050 */
export const NS_COMMANDS = "http://jabber.org/protocol/commands";
/** XEP-0092 */
export const NS_VERSION = "jabber:iq:version";
/** XEP-0115 */
export const NS_CAPS = "http://jabber.org/protocol/caps";
/** XEP-0122 */
export const NS_VALIDATE = "http://jabber.org/protocol/xdata-validate";
/** XEP-0203 */
export const NS_DELAY = "urn:xmpp:delay";
/** XEP-0199 */
export const NS_PING = "urn:xmpp:ping";
/** XEP-0317 */
export const NS_HATS = "urn:xmpp:hats:0";
/** COMPAT: what Prosody 0.12 and ejabberd up to 25.02 call hats in presence. */
export const NS_HATS_LEGACY = "xmpp:prosody.im/protocol/hats:1";
/** XEP-0421 */
export const NS_OCCUPANT_ID = "urn:xmpp:occupant-id:0";
/** The desk's own: hats carried in the bot's presence, and the FORM_TYPE of its forms. */
export const NS_MILLINER = "urn:milliner:hats:0";
