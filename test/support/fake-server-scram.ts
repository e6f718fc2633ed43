/** The server's part of SCRAM-SHA-1 (RFC 5802) for the password `secret`; it believes the client whatever it says. */
import { createHmac, pbkdf2Sync } from "node:crypto";

const SALT = Buffer.from("salt");

/** One exchange; all texts are in base64. */
export class FakeScram {
  /** What to answer to the client's first message. */
  readonly challenge: string;
  readonly #clientFirstBare: string;
  readonly #serverFirst: string;
  readonly #iterations: number;

  constructor(clientFirst: string, iterations = 1) {
    this.#iterations = iterations;
    this.#clientFirstBare = fromBase64(clientFirst).replace(/^n,,/, "");
    const nonce = /r=(.*)$/.exec(this.#clientFirstBare)?.[1] ?? "";
    this.#serverFirst = `r=${nonce}srv,s=${SALT.toString("base64")},i=${iterations}`;
    this.challenge = Buffer.from(this.#serverFirst).toString("base64");
  }

  /** What shows the client that the server knows the password, or what fails to. */
  prove(clientFinal: string, proof: "right" | "wrong" | "none"): string {
    if (proof === "none") return "";
    const withoutProof = fromBase64(clientFinal).replace(/,p=.*$/, "");
    const salted = pbkdf2Sync(proof === "right" ? "secret" : "wrong", SALT, this.#iterations, 20, "sha1");
    const serverKey = createHmac("sha1", salted).update("Server Key").digest();
    const signed = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`;
    const signature = createHmac("sha1", serverKey).update(signed).digest("base64");
    return Buffer.from(`v=${signature}`).toString("base64");
  }
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}
