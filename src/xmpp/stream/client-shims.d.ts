// COMPAT: @types/xmpp__client 0.14 imports these two without an extension, which nodenext cannot resolve; without
// the shims every handler context would silently become `any`.
declare module "@xmpp/iq/callee" {
  export type { IQCallee } from "@xmpp/iq/callee.js";
}
declare module "@xmpp/iq/caller" {
  export type { IQCaller } from "@xmpp/iq/caller.js";
}
