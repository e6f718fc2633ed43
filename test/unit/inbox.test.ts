/** What a test client received: who gets it, and what becomes of those who wait. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml } from "../../src/stanza/xml.ts";
import { openInbox } from "../../src/testing/inbox.ts";
import { assertRejects } from "../support/assert-rejects.ts";

const test = suite("an inbox");

test("a wait whose test throws is rejected with that, and nobody else notices", async () => {
  const inbox = openInbox("alice");
  const broken = inbox.next(fail);
  const sound = inbox.next((stanza) => stanza.is("message"));
  const message = xml("message");
  inbox.put(message);
  assert.is((await assertRejects(broken, Error)).message, "a mistake in the test");
  assert.is(await sound, message);
  inbox.put(xml("presence"));
  assert.is((await assertRejects(inbox.next(fail), Error)).message, "a mistake in the test");
});

test("a wait without an end is not over at once", async () => {
  const inbox = openInbox("alice");
  const waiting = inbox.next((stanza) => stanza.is("message"), { timeout: Number.POSITIVE_INFINITY });
  const failed = waiting.then(
    () => false,
    () => true,
  );
  const message = xml("message");
  /* Node would take the wait for one of a millisecond, and ends those in the order in which they began. */
  setTimeout(() => inbox.put(message), 1);
  assert.not.ok(await failed);
});

function fail(): never {
  throw new Error("a mistake in the test");
}

test.run();
