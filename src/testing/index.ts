/**
 * Throw-away XMPP servers, people and a desk, for tests that want to see the real thing.
 *
 * @example
 * ```ts
 * import { executeCommand } from "milliner/adhoc";
 * import { startLab } from "milliner/testing";
 *
 * await using lab = await startLab({ rooms: { team: { owner: "alice", members: ["bob"] } } });
 * await executeCommand(lab.sender("alice"), {
 *   to: lab.desk,
 *   node: "add-user-hat",
 *   values: { room: lab.room("team"), user: lab.jid("bob"), title: "Teacher" },
 * });
 * ```
 */
export { freePort } from "./free-port.ts";
export type { Deadline, StanzaTest } from "./inbox.ts";
export { chooseKind, findInstallation, findLocalProsody, type Installation } from "./installation.ts";
export { type Lab, startLab } from "./lab.ts";
export type { LabDesk, LabRoom, LabSettings } from "./lab-settings.ts";
export { senderOf } from "./person-sender.ts";
export {
  statusCodes,
  type AffiliationItem,
  type RoomActions,
  type RoomAffiliation,
  type RoomConfiguration,
} from "./room-actions.ts";
export { isServerKind, SERVER_KINDS, type ServerKind, type ServerSoftware } from "./server-kind.ts";
export type { EjabberdSettings, ProsodySettings, ServerSettings } from "./server-software.ts";
export { startServer, type TestServer } from "./server.ts";
export {
  connectClient,
  registerAndConnect,
  type TestClient,
  type TestClientSettings,
} from "./test-client.ts";
export { shownHats } from "./shown-hats.ts";
export type { StanzaExchange } from "./stanza-exchange.ts";
export { type Element, xml } from "../stanza/xml.ts";
