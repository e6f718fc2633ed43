/**
 * Whether the names that a lab is asked for are as a server writes them (RFC 7622): answers come from addresses that it
 * has prepared, so that whoever waits for another spelling waits for ever. And whether the desk's own are left to it.
 */
import { parseJid } from "../stanza/jid.ts";
import { affiliationsIn, type LabRoom, type LabSettings, occupantsOf } from "./lab-settings.ts";

const ANY_DOMAIN = "milliner.test";

/** The desk's user name, and its nick unless another is asked for. */
export const DESK = "hats";

/** Refuses names that the server would write otherwise, or would not take, with the error that says so. */
export function assertNames(settings: LabSettings): void {
  const { rooms = {}, people = [], accounts = [], desk, serverSettings = {} } = settings;
  const inRooms = Object.values<LabRoom>(rooms).flatMap(namesIn);
  const ofDesk = desk === false ? [] : (desk?.admins ?? []);
  const ofServer = serverSettings.admins ?? [];
  for (const name of [...Object.keys(rooms), ...inRooms, ...people, ...accounts, ...ofDesk, ...ofServer]) {
    assertName(name);
  }
  if (serverSettings.domain !== undefined) assertDomain(serverSettings.domain);
  if (desk === false) return;
  if ([...inRooms, ...people, ...accounts].includes(DESK)) {
    throw new Error(`${DESK}: the desk's own account; give somebody else another name, or ask for no desk`);
  }
  assertNick(desk?.nick ?? DESK, rooms);
}

/* The desk would come in under another nick, and nobody would know which. */
function assertNick(nick: string, rooms: Readonly<Record<string, LabRoom>>): void {
  for (const [name, room] of Object.entries(rooms)) {
    if (room.desk !== "none" && occupantsOf(room).includes(nick)) {
      throw new Error(`${nick}: the desk's nick, and somebody's in the room ${name}`);
    }
  }
}

function namesIn(room: LabRoom): string[] {
  return [...occupantsOf(room), ...affiliationsIn(room).map(([name]) => name)];
}

function assertName(name: string): void {
  const jid = parseJid(`${name}@${ANY_DOMAIN}`);
  if (jid?.domain !== ANY_DOMAIN || jid.local === "") {
    throw new Error(`${name}: no server takes this as a name, which has no spaces and none of "&'/:<>@`);
  }
  assertSame(name, jid.local);
}

function assertDomain(domain: string): void {
  const jid = parseJid(domain);
  if (jid === undefined || jid.full !== jid.domain) {
    throw new Error(`${domain}: not a domain, such as ${ANY_DOMAIN}`);
  }
  assertSame(domain, jid.domain);
}

function assertSame(name: string, prepared: string): void {
  if (name !== prepared) throw new Error(`${name}: write it as the server does, ${prepared}`);
}
