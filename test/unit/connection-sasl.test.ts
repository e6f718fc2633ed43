import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Scram, SaslMechanisms } from "../../src/xmpp/stream/sasl-mechanisms.ts";
import { endScenes, next, stage, stageOnline, stageRaw } from "../support/connected.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const sasl = suite("connection: signing in");
sasl.after.each(endScenes);

/* The examples of RFC 5802, section 5, and RFC 7677, section 3. */
const EXAMPLES = [
  {
    name: "SCRAM-SHA-1",
    nonce: "fyko+d2lbbFgONRv9qkxdawL",
    first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    challenge: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    proof: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
  {
    name: "SCRAM-SHA-256",
    nonce: "rOprNGfwEbeRWgbNEkqO",
    first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    challenge: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    final:
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    proof: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
] as const;

for (const { name, nonce, first, challenge, final, proof } of EXAMPLES) {
  sasl(`${name} says what its RFC's example says, and knows the server by its signature`, async () => {
    const scram = new Scram(name, nonce);
    const credentials = { username: "user", password: "pencil" };
    assert.is(await scram.response(credentials), first);
    scram.challenge(challenge);
    assert.is(await scram.response(credentials), final);
    assert.ok(scram.isServerProven(base64(proof)));
    assert.not(scram.isServerProven(base64(proof.replace(/.=$/, "A="))));
    assert.not(scram.isServerProven(""));
    scram.challenge(proof);
    assert.is(await scram.response(credentials), "");
    assert.ok(scram.isServerProven(""), "the signature may come as a challenge");
  });
}

for (const challenge of [
  "r=other,s=QSXC,i=4096",
  "r=mine,s=QSXC,i=4096",
  "r=mine1,i=4096",
  "r=mine1,s=QSXC,i=0",
  "r=mine1,s=QSXC,i=1e9",
  "r=mine1,s=QSXC",
  "",
]) {
  sasl(`a challenge that no honest server sends gets no proof: ${challenge}`, async () => {
    const scram = new Scram("SCRAM-SHA-1", "mine");
    const credentials = { username: "user", password: "pencil" };
    await scram.response(credentials);
    scram.challenge(challenge);
    const answer = await scram.response(credentials).catch(() => "refused");
    assert.is(answer, "refused");
  });
}

sasl("names and passwords may be of any script, and hold SCRAM's own signs", async () => {
  const bytes = (text: string): string => Buffer.from(text, "latin1").toString();
  const credentials = { username: "шляпа=,", password: "пароль" };
  const first = await new Scram("SCRAM-SHA-1", "mine").response(credentials);
  assert.is(bytes(first), "n,,n=шляпа=3D=2C,r=mine");
  const plain = await new SaslMechanisms().create("PLAIN").response(credentials);
  assert.is(bytes(plain), "\u0000шляпа=,\u0000пароль");
});

sasl("of what a server offers, the strongest is taken", async () => {
  const { server, clock } = await stage({
    mechanisms: ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"],
    silentAt: "auth",
  });
  const peer = await server.nextPeer();
  await peer.until(/mechanism="SCRAM-SHA-256"/);
  clock.advance(10_000);
});

const SASL_2 =
  "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1</mechanism>" +
  "<inline><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>";

sasl("SASL 2 with Bind 2, where the server makes up the resource, is left alone", async () => {
  const { peer, bot } = await stageOnline({ features: SASL_2 });
  assert.not.match(peer.received, /<authenticate/);
  assert.is(bot.address, "bot@milliner.test/milliner");
});

sasl("@xmpp/client alone takes SASL 2, and asks for no more than a part of the resource", async () => {
  const { raw, server } = await stageRaw({ features: SASL_2 });
  raw.start().catch(() => undefined);
  await (await server.nextPeer()).until(/<authenticate .*<bind [^>]*><tag>raw<\/tag>/);
});

for (const proof of ["wrong", "none"] as const) {
  sasl(`a server whose proof is ${proof} is not talked to`, async () => {
    const { bot, server } = await stage({ proof });
    assert.match((await next(bot, "offline"))[0], /does not know the password/);
    assert.not.match((await server.nextPeer()).received, /<bind/);
  });
}

sasl("10,000 iterations are computed beside the event loop", async () => {
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  let isDone = false;
  setImmediate(turn);
  await stageOnline({ iterations: 10_000 });
  isDone = true;
  assert.ok(turns > 10);
});

sasl.run();
