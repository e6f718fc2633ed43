/** The scenario of docs/clients.md by slixmpp's ad-hoc client. */
import { eachServer } from "../support/servers.ts";
import { startSlixmpp } from "../support/slixmpp.ts";
import { playScenario } from "./support/adhoc-scenario.ts";

eachServer((kind) =>
  playScenario(
    { client: "slixmpp", debianPackage: "python3-slixmpp", start: startSlixmpp, sendsWithoutRequired: true },
    kind,
  ),
);
