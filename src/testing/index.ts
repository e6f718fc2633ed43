/**
 * Throw-away XMPP servers and plain test clients, for tests that want to see the real thing.
 */
export { freePort } from "./free-port.ts";
export type { Deadline, StanzaTest } from "./inbox.ts";
export { findInstallation, findLocalProsody } from "./installation.ts";
export {
  statusCodes,
  type AffiliationItem,
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
