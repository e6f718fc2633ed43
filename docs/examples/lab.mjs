/**
 * A whole integration test of a bot that uses hats, against a real server: `node lab.mjs [prosody|ejabberd|prosody-0.12|…]`.
 *
 * Runs as it is, where Milliner and one of these servers are installed. Takes the first server that it finds, is up in a
 * second or two, and leaves nothing behind.
 */
import assert from "node:assert/strict";
import { executeCommand, tableOf } from "milliner/adhoc";
import { shownHats, startLab } from "milliner/testing";

const lab = await startLab({
  ...(process.argv[2] && { server: process.argv[2] }),
  rooms: { team: { owner: "alice", members: ["bob", "carol"] } },
  accounts: ["quizbot"],
});
try {
  const room = lab.room("team");
  console.log(`server: ${lab.server.kind}, the desk is at ${lab.desk}`);

  /* Here the bot under test would start: its account is there, and where it connects is lab.server.service. */
  assert.match(lab.server.service, /^xmpp:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(lab.jid("quizbot"), "quizbot@milliner.test");

  /* Alice gives a hat, as the bot might. */
  const answer = await executeCommand(lab.sender("alice"), {
    to: lab.desk,
    node: "add-user-hat",
    values: { room, user: lab.jid("bob"), title: "Quiz master" },
  });
  console.log(answer.notes.map(({ text }) => text).join(" "));

  /* Carol sees it in bob's presence; what nobody waits for is simply kept. */
  const presence = await lab
    .person("carol")
    .next((stanza) => stanza.attrs.from === `${room}/bob` && shownHats(stanza).length > 0);
  console.log(`carol sees: bob, ${shownHats(presence)[0].title}`);

  /* A table, read. */
  const list = await executeCommand(lab.sender("bob"), { to: lab.desk, node: "list-room-hats", values: { room } });
  const { columns, rows } = tableOf(list);
  assert.equal(rows[0][columns.findIndex((column) => column.var === "title")], "Quiz master");

  /* The desk itself can be asked, too. */
  assert.equal(Object.keys(lab.bot.desk.userHats(lab.jid("bob"), room)).length, 1);
  console.log("all is well");
} finally {
  await lab.stop();
}
