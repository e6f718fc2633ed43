/**
 * The ways of signing in: SCRAM-SHA-256 and SCRAM-SHA-1 (RFC 5802, RFC 7677), and PLAIN (RFC 4616).
 *
 * They replace those of @xmpp/client, whose SCRAM spends 0.3 s of the event loop on what node:crypto does beside it in
 * a few milliseconds, knows SHA-1 only, never checks that the server knows the password too, and whose base64 spoils
 * names and passwords beyond ASCII. Leaves out channel binding, which servers do not demand.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** Who signs in; both as prepared texts. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const HASHES = { "SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1" } as const;
const HASH_LENGTHS = { sha256: 32, sha1: 20 } as const;

/* What a server may ask for; more would only keep this machine busy. */
const MAX_ITERATIONS = 1_000_000;

type ScramName = keyof typeof HASHES;

/** The names of all ways, the best first. */
export const SASL_MECHANISMS = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"] as const;

/** One of the names above. */
export type SaslName = (typeof SASL_MECHANISMS)[number];

/** What @xmpp/client asks of a mechanism; its texts hold one byte a character. */
export interface SaslMechanism {
  readonly name: SaslName;
  readonly clientFirst: true;
  response(credentials: Credentials): string | Promise<string>;
  challenge(text: string): void;
}

/** The mechanisms for one attempt to sign in. */
export class SaslMechanisms {
  #scram: Scram | undefined;

  create(name: SaslName): SaslMechanism {
    if (name === "PLAIN") return new Plain();
    this.#scram = new Scram(name);
    return this.#scram;
  }

  /** Whether the server has shown that it knows the password, by its last challenge or by this text of its success. */
  isServerProven(success: string): boolean {
    return this.#scram === undefined || this.#scram.isServerProven(success);
  }
}

class Plain implements SaslMechanism {
  readonly name = "PLAIN";
  readonly clientFirst = true;

  response({ username, password }: Credentials): string {
    return toBytes(`\u0000${username}\u0000${password}`);
  }

  challenge(): void {}
}

/** One exchange of SCRAM, as the client; `nonce` is for tests. */
export class Scram implements SaslMechanism {
  readonly name: ScramName;
  readonly clientFirst = true;
  readonly #hash: (typeof HASHES)[ScramName];
  readonly #nonce: string;
  #clientFirstBare = "";
  #serverFirst = "";
  #serverFinal = "";
  #serverSignature: Buffer | undefined;

  constructor(name: ScramName, nonce = randomBytes(24).toString("base64")) {
    this.name = name;
    this.#hash = HASHES[name];
    this.#nonce = nonce;
  }

  /** The next thing to say: first the name, then the proof, then nothing. Rejects what no honest server asks. */
  async response({ username, password }: Credentials): Promise<string> {
    if (this.#clientFirstBare === "") {
      this.#clientFirstBare = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${this.#nonce}`;
      return toBytes(`n,,${this.#clientFirstBare}`);
    }
    return this.#serverSignature === undefined ? this.#prove(password) : "";
  }

  challenge(text: string): void {
    if (this.#serverFirst === "") this.#serverFirst = fromBytes(text);
    else this.#serverFinal = fromBytes(text);
  }

  /** Whether the server's signature came, in a challenge or in this base64 text, and is right. */
  isServerProven(success: string): boolean {
    const final = this.#serverFinal || Buffer.from(success, "base64").toString();
    const given = Buffer.from(parseAttributes(final)["v"] ?? "", "base64");
    const expected = this.#serverSignature;
    return expected !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
  }

  async #prove(password: string): Promise<string> {
    const { r: nonce = "", s: salt = "", i = "" } = parseAttributes(this.#serverFirst);
    const iterations = Number(i);
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce || salt === "")
      throw new Error("the server's SCRAM challenge is not for us");
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_ITERATIONS)
      throw new Error(`the server asks for ${i} SCRAM iterations`);
    const hash = this.#hash;
    const salted = await promisify(pbkdf2)(
      password,
      Buffer.from(salt, "base64"),
      iterations,
      HASH_LENGTHS[hash],
      hash,
    );
    const sign = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
    const withoutProof = `c=biws,r=${nonce}`;
    const signed = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`;
    const clientKey = sign(salted, "Client Key");
    const signature = sign(createHash(hash).update(clientKey).digest(), signed);
    const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
    this.#serverSignature = sign(sign(salted, "Server Key"), signed);
    return toBytes(`${withoutProof},p=${Buffer.from(proof).toString("base64")}`);
  }
}

function parseAttributes(text: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(text.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}

/* @xmpp/base64 encodes one byte a character, so that text has to be handed to it as its UTF-8 bytes. */
function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function fromBytes(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString();
}
