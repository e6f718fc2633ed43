/**
 * A quiz bot that keeps hats, without Milliner's own bot: whoever wins a round wears "Champion" for a day.
 *
 * Runs as it is, where Milliner is installed: `node embed-desk.mjs [FOLDER]`. Its room and its people are made up here; a
 * real bot knows both from its own XMPP library, and shows in its room what the desk tells it.
 */
import { HatsError, openDesk } from "milliner";

const ROOM = "quiz@rooms.example.org";
const ALICE = "alice@example.org";
const BOB = "bob@example.org";
const CHAMPION = "https://quiz.example.org/hats/champion";
const DAY = 24 * 60 * 60;

/* What the bot knows of its room. The desk asks when it needs it, and keeps none of it. */
const affiliations = new Map([
  [ALICE, "owner"],
  [BOB, "member"],
]);

/* Stands for the connection of a real bot, which keeps the program running; an open desk alone does not. */
const connection = setInterval(() => undefined, 1_000);

const desk = await openDesk({
  data: process.argv[2] ?? "./quiz-hats",
  affiliations: {
    isKept: (room) => room === ROOM,
    affiliation: async (_room, user) => affiliations.get(user) ?? "none",
  },
});

/* Each change is told once, in order, and only after it is safely on disk: here the bot would show it in the room. */
const lapses = [];
desk.on("change", ({ author, changes }) => {
  for (const change of changes) {
    if (change.kind !== "user") continue;
    const hats = [...(change.after?.hats ?? [])].filter(([, { active }]) => active);
    const titles = hats.map(([id, { title }]) => title ?? desk.roomHats(ROOM).hats[id]?.title ?? id);
    console.log(`${change.user} shows: ${titles.join(", ") || "nothing"} (by the ${author.kind})`);
  }
  if (author.kind === "desk") for (const told of lapses.splice(0)) told();
});

/* A hat of the room, usually worn for a day. */
await desk.defineHat(ROOM, CHAMPION, { title: "Champion", hue: 48, defaultExpires: DAY });

/* Bob wins. That the promise resolves means that nothing can take this away but a later change. */
await desk.addUserHat(BOB, ROOM, CHAMPION, { active: true });
const until = desk.userExpiries(BOB, ROOM)[CHAMPION];
console.log(`bob is champion for ${Math.round((until.getTime() - Date.now()) / 1000 / 60 / 60)} hours`);

/* Somebody who is nobody in the room gets no hat: an expected refusal, with all that a stanza error needs. */
try {
  await desk.addUserHat("eve@example.org", ROOM, CHAMPION);
} catch (error) {
  if (!(error instanceof HatsError)) throw error;
  console.log(`refused: ${error.type}/${error.condition}, ${error.text}`);
}

/* Alice wins a very short round. The desk takes the hat off by itself. */
const lapsed = new Promise((resolve) => lapses.push(resolve));
await desk.addUserHat(ALICE, ROOM, CHAMPION, { active: true }, { expires: new Date(Date.now() + 200) });
await lapsed;

/* Bob's round did not count: the change is in the history, and can be taken back. */
const { entries } = await desk.history({ room: ROOM, user: BOB, rows: 1 });
await desk.undo(ROOM, entries[0].seq);
console.log(`bob has ${Object.keys(desk.userHats(BOB, ROOM)).length} hats`);

/* Puts the store in order, and lets another process open it. */
await desk.close();
clearInterval(connection);
