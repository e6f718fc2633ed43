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

function fail(): never {
  throw new Error("a mistake in the test");
}

test.run();
