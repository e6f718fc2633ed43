/** By which nick the bot enters a room, and when it asks for another one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OwnNick } from "../../src/xmpp/muc/own-nick.ts";

const test = suite("the bot's own nick");

/** The bot as it is in a room after so many attempts to enter. */
function entered(attempts: number): OwnNick {
  const nick = new OwnNick("hats");
  for (let attempt = 0; attempt < attempts; attempt += 1) nick.next();
  return nick;
}

test("the wanted nick is tried first, and then with the numbers 2 to 5", () => {
  const nick = new OwnNick("hats");
  const tried: string[] = [];
  while (nick.hasNext) tried.push(nick.next());
  assert.equal(tried, ["hats", "hats-2", "hats-3", "hats-4", "hats-5"]);
});

test("who has the wanted nick asks for nothing", () => {
  const nick = entered(1);
  assert.is(nick.current, "hats");
  assert.is(nick.missing, undefined);
  assert.is(nick.missingOnEntering, undefined);
});

test("a wanted nick that was just refused is not asked for on entering, only when its holder goes", () => {
  const nick = entered(2);
  assert.is(nick.current, "hats-2");
  assert.is(nick.missingOnEntering, undefined);
  assert.is(nick.missingAfter("bob"), undefined);
  assert.is(nick.missingAfter("hats"), "hats");
});

test("another nick that is wanted is asked for until the bot has it", () => {
  const nick = entered(1);
  nick.want("milly");
  assert.is(nick.missing, "milly");
  assert.is(nick.missingOnEntering, "milly");
  nick.take("milly");
  assert.is(nick.missing, undefined);
  assert.is(nick.missingAfter("milly"), undefined);
});

test("a bot that the room calls otherwise asks for the wanted nick again", () => {
  const nick = entered(1);
  nick.take("guest");
  assert.is(nick.missingAfter("hats"), "hats");
});

test.run();
