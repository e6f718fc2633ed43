/** The configuration: what is taken, and how each mistake is named. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Config, loadConfig } from "../../src/config.ts";
import { OperatorError } from "../../src/core/errors.ts";

const GOOD = { jid: "hats@example.org", passwordFile: "/secret" };

/** Loads from files given by path and from the environment. */
function load(file: unknown, env: Record<string, string> = {}, files: Record<string, string> = {}): Config {
  const all: Record<string, string> = { "/secret": "s3cret\n", ...files };
  if (file !== undefined) all["/etc/milliner.json"] = typeof file === "string" ? file : JSON.stringify(file);
  return loadConfig({
    file: file === undefined ? undefined : "/etc/milliner.json",
    env,
    read(path) {
      const text = all[path];
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return text;
    },
  });
}

function refusal(file: unknown, env: Record<string, string> = {}): string {
  try {
    load(file, env);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    assert.is(error.code, "config-invalid");
    assert.is(error.exit, 2);
    return error.message;
  }
  throw new Error("it was taken");
}

const taken = suite("the configuration");

taken("needs an account and a password, and has a default for the rest", () => {
  const config = load(GOOD);
  assert.is(config.jid, "hats@example.org");
  assert.is(config.password, "s3cret");
  assert.is(config.service, "xmpp://example.org:5222");
  assert.is(config.resource, "milliner");
  assert.equal(config.rooms, []);
  assert.equal(config.admins, []);
  assert.is(config.logLevel, "info");
});

taken("gives a room the account's name as nick and presence auto", () => {
  const { rooms } = load({ ...GOOD, rooms: [{ jid: "Team@Rooms.example.org" }] });
  assert.equal(rooms, [{ jid: "team@rooms.example.org", nick: "hats", presence: "auto" }]);
});

taken("comes from the environment alone where there is no file", () => {
  const config = load(undefined, {
    MILLINER_JID: "hats@example.org",
    MILLINER_PASSWORD: "x",
    MILLINER_ADMINS: '["ops@example.org"]',
    MILLINER_ROOMS: '[{"jid":"team@rooms.example.org","nick":"desk","presence":"own"}]',
    MILLINER_LOG_LEVEL: "warn",
  });
  assert.equal(config.admins, ["ops@example.org"]);
  assert.equal(config.rooms, [{ jid: "team@rooms.example.org", nick: "desk", presence: "own" }]);
  assert.is(config.logLevel, "warn");
});

taken("lets the environment win over the file, the password over the file's passwordFile too", () => {
  const config = load(GOOD, { MILLINER_RESOURCE: "other", MILLINER_PASSWORD: "from env" });
  assert.is(config.resource, "other");
  assert.is(config.password, "from env");
});

taken("takes bounds of the history, one or both", () => {
  assert.equal(load(GOOD).history, undefined);
  assert.equal(load({ ...GOOD, history: { days: 30 } }).history, { days: 30 });
  assert.equal(load(GOOD, { MILLINER_HISTORY: '{"days":9,"bytes":1000}' }).history, { days: 9, bytes: 1000 });
});

taken("takes paths in the file as relative to the file", () => {
  const config = load(
    { jid: "hats@example.org", passwordFile: "pw", data: "data", ca: "ca.pem" },
    {},
    { "/etc/pw": "p", "/etc/ca.pem": "PEM" },
  );
  assert.is(config.data, "/etc/data");
  assert.is(config.ca, "PEM");
});

taken.run();

const refused = suite("a mistake in the configuration is refused naming file, key and mend:");

const MISTAKES: readonly [string, unknown, RegExp][] = [
  ["not JSON", "{", /^the configuration is wrong: \/etc\/milliner\.json: is not valid JSON/],
  ["not an object", "[]", /milliner\.json: must hold a JSON object/],
  ["null", "null", /milliner\.json: must hold a JSON object/],
  ["an unknown key", { ...GOOD, colour: 1 }, /milliner\.json: colour: unknown key; known are jid, password/],
  ["__proto__ as a key", '{"__proto__": 1}', /milliner\.json: __proto__: unknown key/],
  ["no account", { password: "x" }, /jid: is missing; set it in milliner\.json or as MILLINER_JID/],
  [
    "an account that is a full JID",
    { ...GOOD, jid: "a@b/c" },
    /milliner\.json: jid: must be a user's bare JID/,
  ],
  ["no password", { jid: "a@b" }, /passwordFile: is missing/],
  ["both passwords", { ...GOOD, password: "x" }, /password: give either password or passwordFile, not both/],
  [
    "a password file that is not there",
    { ...GOOD, passwordFile: "/no" },
    /passwordFile: \/no cannot be read \(ENOENT\)/,
  ],
  ["a service that is no XMPP URI", { ...GOOD, service: "http://x" }, /service: must be xmpp:\/\/host:port/],
  ["an admin that is a full JID", { ...GOOD, admins: ["a@b/c"] }, /admins: 0: must be a user's bare JID/],
  ["an admin that is a domain", { ...GOOD, admins: ["example.org"] }, /admins: 0: must be a user's bare JID/],
  ["rooms that are no list", { ...GOOD, rooms: {} }, /rooms: must be a list of rooms/],
  ["a room without address", { ...GOOD, rooms: [{}] }, /rooms: 0\.jid: is missing/],
  ["a room with an unknown key", { ...GOOD, rooms: [{ jid: "a@b", x: 1 }] }, /rooms: 0\.x: unknown key/],
  [
    "an unknown way of presence",
    { ...GOOD, rooms: [{ jid: "a@b", presence: "on" }] },
    /rooms: 0\.presence: must be auto, own or off/,
  ],
  [
    "a room where the bot has its account",
    { ...GOOD, rooms: [{ jid: "team@example.org" }] },
    /rooms: team@example\.org is no room: the bot or one of its admins has an account at that domain/,
  ],
  [
    "a room where an admin has an account",
    { ...GOOD, admins: ["ops@people.org"], rooms: [{ jid: "team@people.org" }] },
    /rooms: team@people\.org is no room/,
  ],
  ["one room twice", { ...GOOD, rooms: [{ jid: "a@b" }, { jid: "A@b" }] }, /rooms: a@b is named twice/],
  ["a history of no days", { ...GOOD, history: { days: 0 } }, /history: days: must be at least 1/],
  ["an unknown bound of the history", { ...GOOD, history: { size: 9 } }, /history: size: unknown key/],
  ["a limit of nothing", { ...GOOD, limits: { titleLength: 0 } }, /limits: titleLength: must be at least 1/],
  ["a log level there is not", { ...GOOD, logLevel: "loud" }, /logLevel: must be one of trace, debug/],
];

for (const [what, file, message] of MISTAKES) refused(what, () => assert.match(refusal(file), message));

refused("in the environment it is named by its variable", () => {
  assert.match(refusal(GOOD, { MILLINER_ROOMS: "team" }), /MILLINER_ROOMS: is not valid JSON/);
  assert.match(refusal(GOOD, { MILLINER_ADMINS: '["x"]' }), /MILLINER_ADMINS: 0: must be a user's bare JID/);
});

refused("a file that was named but is not there", () => {
  const missing = { file: "/nowhere/milliner.json", env: {} };
  assert.throws(() => loadConfig(missing), /\/nowhere\/milliner\.json: cannot be read \(ENOENT\)/);
});

refused("without ever repeating a password", () => {
  for (const file of [{ jid: "a@b", password: 4711 }, '{"jid": "a@b", "password": "s3cret" oops']) {
    assert.not.match(refusal(file), /4711|s3cret/);
  }
});

refused.run();
