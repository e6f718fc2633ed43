/** The configuration: what is taken, and how each mistake is named. */
import { rootCertificates } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { OperatorError } from "../../src/core/errors.ts";

const [PEM = ""] = rootCertificates;
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

function refusal(
  file: unknown,
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): string {
  try {
    load(file, env, files);
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

taken("takes a nick and a resource as servers write them", () => {
  const rooms = [{ jid: "team@rooms.example.org", nick: "Hu\u0308te" }];
  const config = load({ ...GOOD, resource: "\ufb01tters", rooms });
  assert.is(config.rooms[0]?.nick, "H\u00fcte");
  assert.is(config.resource, "fitters");
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
    { "/etc/pw": "p", "/etc/ca.pem": PEM },
  );
  assert.is(config.data, "/etc/data");
  assert.is(config.ca, PEM);
});

taken("says where the password was found and what that overrides, and not the password", () => {
  const file = "/etc/milliner.json";
  const inFile = { jid: "hats@example.org", password: "s3cret" };
  const cases: readonly (readonly [file: unknown, env: Record<string, string>, from: string])[] = [
    [GOOD, {}, `/secret, by passwordFile in ${file}`],
    [inFile, {}, `password in ${file}`],
    [GOOD, { MILLINER_PASSWORD: "s3cret" }, `MILLINER_PASSWORD; it overrides passwordFile in ${file}`],
    [
      inFile,
      { MILLINER_PASSWORD_FILE: "/secret" },
      `/secret, by MILLINER_PASSWORD_FILE; it overrides password in ${file}`,
    ],
    [{ jid: "hats@example.org" }, { MILLINER_PASSWORD: "s3cret" }, "MILLINER_PASSWORD"],
  ];
  for (const [said, env, from] of cases) {
    const config = load(said, env);
    assert.is(config.passwordFrom, from);
    assert.is(config.password, "s3cret");
  }
});

taken.run();

const refused = suite("a mistake in the configuration is refused naming file, key and mend:");

type Mistake = readonly [string, unknown, RegExp];

const MISTAKES: readonly Mistake[] = [
  [
    "not JSON",
    "{",
    /^the configuration is wrong: \/etc\/milliner\.json: is not valid JSON, line 1, column 2: look there/,
  ],
  ["not an object", "[]", /milliner\.json: must hold a JSON object/],
  [
    "nothing in the file",
    " \n",
    /milliner\.json: is empty; write for example \{ "jid": "hats@example\.org" \}$/,
  ],
  [
    "a byte order mark",
    `\uFEFF${JSON.stringify(GOOD)}`,
    /milliner\.json: begins with a byte order mark; save it as UTF-8 without one$/,
  ],
  [
    "UTF-16",
    Buffer.from(`\uFEFF${JSON.stringify(GOOD)}`, "utf16le").toString("utf8"),
    /milliner\.json: begins with a byte order mark; save it as UTF-8 without one$/,
  ],
  ["null", "null", /milliner\.json: must hold a JSON object/],
  ["an unknown key", { ...GOOD, colour: 1 }, /milliner\.json: colour: unknown key; known are jid, password/],
  ["__proto__ as a key", '{"__proto__": 1}', /milliner\.json: __proto__: unknown key/],
  ["no account", { password: "x" }, /: jid: is missing; set it in \/etc\/milliner\.json or as MILLINER_JID$/],
  [
    "an account that is a full JID",
    { ...GOOD, jid: "a@b/c" },
    /milliner\.json: jid: must be a user's bare JID/,
  ],
  [
    "no password",
    { jid: "a@b" },
    /: passwordFile: is missing; name a file that holds the password, in \/etc\/milliner\.json or as MILLINER_PASSWORD_FILE$/,
  ],
  [
    "both passwords",
    { ...GOOD, password: "x" },
    /\/etc\/milliner\.json: password: give either password or passwordFile, not both/,
  ],
  [
    "a password file that is not there",
    { ...GOOD, passwordFile: "/no" },
    /\/etc\/milliner\.json: passwordFile: \/no cannot be read: there is no such file/,
  ],
  ...[
    "http://x",
    "xmpp://localhost:99999",
    "xmpp://localhost:abc",
    "xmpp://localhost:0",
    "xmpp://me@localhost",
  ].map(
    (service): Mistake => [
      `the service ${service}`,
      { ...GOOD, service },
      /json: service: must be xmpp:\/\/host:port or xmpps:\/\/host:port, the port from 1 to 65535, such as xmpp:\/\/127\.0\.0\.1:5222$/,
    ],
  ),
  ...["hats\u0007", "x".repeat(1_024)].flatMap((part): Mistake[] => [
    [
      "a resource that is none",
      { ...GOOD, resource: part },
      /json: resource: must be what may stand in an address/,
    ],
    [
      "a nick that is none",
      { ...GOOD, rooms: [{ jid: "team@rooms.example.org", nick: part }] },
      /json: rooms: 0\.nick: must be what may stand in an address/,
    ],
  ]),
  [
    "an admin that is a full JID",
    { ...GOOD, admins: ["a@b/c"] },
    /admins: 0: must be a user's bare JID, without a resource, such as ops@example\.org$/,
  ],
  [
    "an admin that is a domain",
    { ...GOOD, admins: ["example.org"] },
    /admins: 0: must be a user's bare JID, without a resource, such as ops@example\.org$/,
  ],
  ["rooms that are no list", { ...GOOD, rooms: {} }, /rooms: must be a list of rooms, such as \[\{"jid":/],
  [
    "a room that is a text",
    { ...GOOD, rooms: ["team@rooms.example.org"] },
    /rooms: 0: must be an object, such as \{"jid":"team@rooms\.example\.org"\}$/,
  ],
  [
    "a room with a resource",
    { ...GOOD, rooms: [{ jid: "team@rooms.example.org/hats" }] },
    /json: rooms: 0\.jid: must be a room's bare JID, without a resource, such as team@rooms\.example\.org$/,
  ],
  [
    "a room that is a service",
    { ...GOOD, rooms: [{ jid: "rooms.example.org" }] },
    /json: rooms: 0\.jid: must be a room's bare JID, without a resource, such as/,
  ],
  [
    "a room without address",
    { ...GOOD, rooms: [{}] },
    /rooms: 0\.jid: is missing; write for example \{"jid":/,
  ],
  [
    "a room with an unknown key",
    { ...GOOD, rooms: [{ jid: "a@b", x: 1 }] },
    /rooms: 0\.x: unknown key; known are jid, nick, presence$/,
  ],
  [
    "an unknown way of presence",
    { ...GOOD, rooms: [{ jid: "a@b", presence: "on" }] },
    /rooms: 0\.presence: must be auto, own or off/,
  ],
  [
    "a room where the bot has its account",
    { ...GOOD, rooms: [{ jid: "team@example.org" }] },
    /milliner\.json: rooms: team@example\.org is no room: the bot or one of its admins has an account at that domain/,
  ],
  [
    "a room where an admin has an account",
    { ...GOOD, admins: ["ops@people.org"], rooms: [{ jid: "team@people.org" }] },
    /rooms: team@people\.org is no room/,
  ],
  [
    "one room twice",
    { ...GOOD, rooms: [{ jid: "a@b" }, { jid: "A@b" }] },
    /milliner\.json: rooms: a@b is named twice/,
  ],
  ["a history of no days", { ...GOOD, history: { days: 0 } }, /history: days: must be at least 1/],
  [
    "an unknown bound of the history",
    { ...GOOD, history: { size: 9 } },
    /history: size: unknown key; known are days, bytes$/,
  ],
  ["a limit of nothing", { ...GOOD, limits: { titleLength: 0 } }, /limits: titleLength: must be at least 1/],
  ["a log level there is not", { ...GOOD, logLevel: "loud" }, /logLevel: must be one of trace, debug/],
];

for (const [what, file, message] of MISTAKES) refused(what, () => assert.match(refusal(file), message));

refused("in the environment it is named by its variable", () => {
  const wrongs: readonly (readonly [env: Record<string, string>, message: RegExp])[] = [
    [{ MILLINER_ADMINS: "ops@example.org" }, /MILLINER_ADMINS: is not valid JSON,.* \["ops@example\.org"\]$/],
    [{ MILLINER_ADMINS: '"ops@example.org"' }, /MILLINER_ADMINS: must be a list .* \["ops@example\.org"\]$/],
    [{ MILLINER_ADMINS: "" }, /MILLINER_ADMINS: is empty; write for example \["ops@example\.org"\]$/],
    [{ MILLINER_ROOMS: "team@x" }, /MILLINER_ROOMS: is not .* \[\{"jid":"team@rooms\.example\.org"\}\]$/],
    [{ MILLINER_ROOMS: '[{"jid":"a@b"},{"jid":"a@b"}]' }, /: MILLINER_ROOMS: a@b is named twice$/],
    [{ MILLINER_ROOMS: '[{"jid":"a@example.org"}]' }, /: MILLINER_ROOMS: a@example\.org is no room/],
    [{ MILLINER_SERVICE: "xmpp://x:99999" }, /: MILLINER_SERVICE: must be xmpp:\/\/host:port/],
    [
      { MILLINER_PASSWORD_FILE: "/no" },
      /: MILLINER_PASSWORD_FILE: \/no cannot be read: there is no such file$/,
    ],
    [{ MILLINER_CA: "/no" }, /: MILLINER_CA: \/no cannot be read: there is no such file$/],
    [
      { MILLINER_PASSWORD: "x", MILLINER_PASSWORD_FILE: "/no" },
      /: MILLINER_PASSWORD: give either MILLINER_PASSWORD or MILLINER_PASSWORD_FILE, not both$/,
    ],
  ];
  for (const [env, message] of wrongs) assert.match(refusal(GOOD, env), message);
  assert.match(refusal(GOOD, { MILLINER_ADMINS: '["x"]' }), /MILLINER_ADMINS: 0: must be a user's bare JID/);
});

refused("with line and column where the file stops being JSON", () => {
  const places: readonly (readonly [text: string, line: number, column: number])[] = [
    ['{\n  "jid": "a@b",\n}', 3, 1],
    ['{\n  "jid": "a@b"\n  "data": "x"\n}', 3, 3],
    ['{ "jid": a@b }', 1, 10],
    ['{ "jid": "a@b', 1, 10],
    ['{ "é𝄞": nul }', 1, 9],
    ['{ "jid": "a@b" // the bot\n}', 1, 16],
    ['{ "rooms": [1, 2.5e3, -4, true, null, "\\u00e9", {}, [] }', 1, 56],
    ['{ "jid": "a@b" } }', 1, 18],
    ['{ "jid": "a@b"', 1, 15],
    ["{ 'jid': 1 }", 1, 3],
    ['{ "rooms": [01] }', 1, 14],
  ];
  for (const [text, line, column] of places) {
    assert.match(refusal(text), `is not valid JSON, line ${line}, column ${column}: look there`, text);
  }
});

refused("certificates that are none, or that cannot be read", () => {
  const files = (text: string) => ({ "/ca.pem": text });
  const where = "/etc/milliner.json: ca: /ca.pem";
  const file = { ...GOOD, ca: "/ca.pem" };
  for (const none of ["", "PEM", PEM.replaceAll("CERTIFICATE", "PRIVATE KEY")]) {
    assert.match(refusal(file, {}, files(none)), `${where} holds no certificate; name a PEM file`);
  }
  const broken = `${PEM}\n${PEM.replace(/\n.{9}/, "\nAAAAAAAAA")}`;
  assert.match(refusal(file, {}, files(broken)), `${where} is damaged: its certificate 2 cannot be read`);
  assert.is(load(file, {}, files(`${PEM}\n# mine\n${PEM}`)).ca?.length, PEM.length * 2 + 8);
});

refused("what is needed, where there is no file to look into", () => {
  assert.match(
    refusal(undefined),
    /jid: is missing; set it in milliner\.json, which is not there, or as MILLINER_JID$/,
  );
});

refused("a variable whose name is nearly that of one, and no other that begins alike", () => {
  for (const [name, meant] of [
    ["MILLINER_LOGLEVEL", "MILLINER_LOG_LEVEL"],
    ["MILLINER_ROOM", "MILLINER_ROOMS"],
    ["milliner_jid", "MILLINER_JID"],
  ] as const) {
    assert.match(refusal(GOOD, { [name]: "x" }), `${name}: unknown variable; did you mean ${meant}?`);
  }
  assert.is(load(GOOD, { MILLINER_CACHE: "/var/cache" }).jid, GOOD.jid);
});

refused("a file that was named but is not there", () => {
  const missing = { file: "/nowhere/milliner.json", env: {} };
  assert.throws(
    () => loadConfig(missing),
    /\/nowhere\/milliner\.json: cannot be read: there is no such file/,
  );
});

refused("without ever repeating a password", () => {
  for (const file of [{ jid: "a@b", password: 4711 }, '{"jid": "a@b", "password": "s3cret" oops']) {
    assert.not.match(refusal(file), /4711|s3cret/);
  }
});

refused.run();
