// runner: deadline 600 s
/**
 * Plays every conversation of test/conversations on each real server.
 *
 * On Prosody with the companion module; those in which hats are seen also on Prosody without it. Passwords go in plain
 * over TLS, because SCRAM would cost more time than the conversations.
 */
import { fileURLToPath } from "node:url";
import { type ServerKind, type ServerSettings, startServer } from "../../src/testing/index.ts";
import type { Conversation } from "../support/conversation.ts";
import type { Dialect } from "../support/conversation-dialects.ts";
import { readConversations, showsHats } from "../support/conversation-files.ts";
import { serverWorld } from "../support/conversation-server-world.ts";
import { conversationSuite } from "../support/conversation-suite.ts";
import { eachServer } from "../support/servers.ts";

/** A server as somebody might run it. */
interface Setting {
  readonly name: string;
  readonly dialect: Dialect;
  readonly mucModules?: readonly string[];
  readonly roomOptions?: Readonly<Record<string, unknown>>;
  readonly plays: (conversation: Conversation) => boolean;
}

const MODULE_FOLDER = fileURLToPath(new URL("../../src/prosody", import.meta.url));
const WITH_MODULE: Setting = {
  name: "with the module",
  dialect: "xep-0317",
  mucModules: ["muc_hats_commands"],
  plays: () => true,
};
const WITHOUT_MODULE: Setting = { name: "without the module", dialect: "own-presence", plays: showsHats };

const SETTINGS: Readonly<Record<ServerKind, readonly Setting[]>> = {
  "prosody-0.12": [WITH_MODULE, WITHOUT_MODULE],
  "prosody-13": [WITH_MODULE, WITHOUT_MODULE],
  "ejabberd-23": [
    { name: "with hats on", dialect: "prosody-hats", roomOptions: { enable_hats: true }, plays: () => true },
  ],
  "ejabberd-26": [{ name: "as it is", dialect: "xep-0317", plays: () => true }],
};

const SCRAM = ["1", "256", "512"].flatMap((bits) => [`SCRAM-SHA-${bits}`, `SCRAM-SHA-${bits}-PLUS`]);

function settingsFor(kind: ServerKind, { mucModules = [], roomOptions = {} }: Setting): ServerSettings {
  return {
    kind,
    tls: true,
    prosody: {
      pluginFolders: [MODULE_FOLDER],
      mucModules,
      globalLines: [`disable_sasl_mechanisms = { ${SCRAM.map((name) => `"${name}"`).join(", ")} }`],
    },
    ejabberd: { roomOptions, config: { disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2", ...SCRAM] } },
  };
}

eachServer((kind) => {
  for (const setting of SETTINGS[kind]) {
    const starting = startServer(settingsFor(kind, setting));
    const test = conversationSuite({
      name: `conversations on ${kind} ${setting.name}`,
      conversations: readConversations().filter(setting.plays),
      world: async () => serverWorld(await starting, setting.dialect),
      atATime: 6,
    });
    test.after(async () => (await starting).stop());
    test.run();
  }
});
