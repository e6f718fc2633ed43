/**
 * The pages of the demo in a browser: one to choose who to be, and one a person with Converse logged in.
 *
 * Converse is taken as it is. The only help is that its dialog of commands begins with the bot's address, which it
 * would otherwise have to be told.
 */

/** Somebody to be, by one click. */
export interface Persona {
  /** The user name, which is the password and the nick, too. */
  readonly user: string;
  /** What they are in the room, as in `the room's owner`. */
  readonly standing: string;
}

/** What the pages speak of. */
export interface Scenery {
  readonly personas: readonly Persona[];
  readonly domain: string;
  readonly room: string;
  /** The bot's full JID. */
  readonly desk: string;
  /** Where the server takes browsers, `ws://…`. */
  readonly websocket: string;
}

/** A page or a script, with its media type. */
export interface Page {
  readonly type: string;
  readonly body: string;
}

/** Where the pages find the files of Converse. */
export const CONVERSE_PATH = "/converse/";

const HTML = "text/html; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = `body { font: 1.1rem/1.5 sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
  li { margin: .4rem 0; } code { background: #eee; padding: .1rem .3rem; }`;

/** All pages by their path. */
export function buildPages(scenery: Scenery): ReadonlyMap<string, Page> {
  return new Map([
    ["/", { type: HTML, body: frontPage(scenery) }],
    ...scenery.personas.flatMap(({ user }): [string, Page][] => [
      [`/${user}`, { type: HTML, body: clientPage(user) }],
      [`/${user}.js`, { type: SCRIPT, body: clientScript(scenery, user) }],
    ]),
  ]);
}

function frontPage({ personas, room, desk }: Scenery): string {
  const people = personas.map(
    ({ user, standing }) => `<li><a href="/${user}" target="${user}">Be ${user}</a>, ${standing}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Milliner</title>
<link rel="icon" href="${CONVERSE_PATH}images/favicon.ico">
<style>${STYLE}</style>
<h1>Milliner</h1>
<p>A hat is a label that a room gives to a person, shown beside their name. Everybody here opens in a tab of their own, logged in, in the room
<code>${room}</code>. Keep this page beside it, for the steps:</p>
<ul>
${people.join("\n")}
</ul>
<p>To give a hat, be the owner, and:</p>
<ol>
<li>click the cog beside your name, then <b>Commands</b>;</li>
<li>click <b>List available commands</b> (those of <code>${desk}</code>), then <b>Give a hat</b>;</li>
<li>choose bob, write <b>Teacher</b> as the title, click <b>Complete</b>, and close the dialog.</li>
</ol>
<p>Everybody sees the badge at once, above what bob wrote; Converse's list of participants has none.</p>
<p>The quick way is a line in the room, as the owner:</p>
<ul>
<li><code>hats: take bob Teacher</code>, and the badge goes;</li>
<li><code>hats: give bob Teacher</code>, and it is back.</li>
</ul>
<p>For a while only: with <b>1m</b> under <b>Until</b> in the form, a hat goes by itself after a minute. Whoever is nothing in the room finds
no commands, on purpose.</p>
</html>
`;
}

function clientPage(user: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${user}</title>
<link rel="icon" href="${CONVERSE_PATH}images/favicon.ico">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${CONVERSE_PATH}converse.min.css">
<body class="converse-fullscreen">
<script type="module" src="/${user}.js"></script>
</html>
`;
}

/* Storage of its own for each tab, so that several people can be in one browser. */
function clientScript({ domain, room, desk, websocket }: Scenery, user: string): string {
  const settings = {
    authentication: "login",
    auto_login: true,
    jid: `${user}@${domain}`,
    password: user,
    websocket_url: websocket,
    discover_connection_methods: false,
    auto_join_rooms: [{ jid: room, nick: user }],
    // Converse asks for nothing of what was said before unless it is told a number.
    muc_history_max_stanzas: 20,
    // Who registers their nick is affiliated from then on, and a guest shall stay one.
    auto_register_muc_nickname: false,
    assets_path: CONVERSE_PATH,
    persistent_store: "sessionStorage",
    view_mode: "fullscreen",
    blacklisted_plugins: ["converse-omemo"],
  };
  return `import "${CONVERSE_PATH}converse.min.js";

new MutationObserver(() => {
  const dialog = document.querySelector("converse-adhoc-commands:not([data-seen])");
  if (dialog === null) return;
  dialog.dataset.seen = "";
  dialog.jid = ${JSON.stringify(desk)};
}).observe(document.body, { childList: true, subtree: true });

converse.initialize(${JSON.stringify(settings, undefined, 2)});
`;
}
