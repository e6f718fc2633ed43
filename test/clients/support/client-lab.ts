/** The rooms in which every client plays the same scenario. */
import { type Lab, type ServerKind, startLab } from "../../../src/testing/index.ts";

/** Kinds of server that the clients with windows are played on; what they show does not depend on it. */
export const ONE_KIND: readonly ServerKind[] = ["prosody-0.12"];

/** The scene: alice is an admin of both rooms and plays by the client under test, bob is a member of the first. */
export type ClientLab = Lab<"other" | "team">;

/** Puts it up. */
export function startClientLab(server: ServerKind): Promise<ClientLab> {
  return startLab({
    server,
    rooms: {
      team: { owner: "owner", admins: [], members: ["bob"] },
      other: { owner: "owner" },
    },
    accounts: ["alice"],
  });
}

/** Makes alice, who is not connected otherwise, an admin of both rooms. */
export async function appointAlice(lab: ClientLab): Promise<void> {
  const owner = lab.person("owner");
  for (const room of ["team", "other"] as const) {
    await owner.setAffiliation(lab.room(room), lab.jid("alice"), "admin");
  }
}
