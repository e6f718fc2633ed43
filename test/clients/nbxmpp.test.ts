/** The scenario of docs/clients.md by nbxmpp, the library of Gajim. */
import { startNbxmpp } from "../support/nbxmpp.ts";
import { eachServer } from "../support/servers.ts";
import { playScenario } from "./support/adhoc-scenario.ts";
import { ONE_KIND } from "./support/client-lab.ts";

eachServer(
  (kind) =>
    playScenario(
      {
        client: "Gajim (nbxmpp)",
        debianPackage: "python3-nbxmpp",
        start: startNbxmpp,
        sendsWithoutRequired: false,
      },
      kind,
    ),
  ONE_KIND,
);
