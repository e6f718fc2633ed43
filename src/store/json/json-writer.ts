/**
 * JSON as the bytes that go to the disk, gathered piece by piece in one buffer that is used again and again.
 *
 * This is the cost of every change: strings that are put together, searched for what has to be escaped and then encoded
 * take three times as long, and leave garbage behind.
 */

const QUOTE = 34;
const BACKSLASH = 92;
const FIRST_PLAIN = 32;
const LAST_PLAIN = 126;
/* No character of a string takes more bytes within a JSON text, a `\u0000`. */
const LONGEST_ESCAPE = 6;

/** See the head of this file. */
export class JsonWriter {
  #bytes = Buffer.allocUnsafe(1 << 10);
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** All bytes so far; valid until the next is added. */
  get bytes(): Buffer {
    return this.bytesFrom(0);
  }

  /** The bytes from a position on; valid until the next is added. */
  bytesFrom(position: number): Buffer {
    return this.#bytes.subarray(position, this.#length);
  }

  /** Forgets all bytes so far. */
  clear(): void {
    this.#length = 0;
  }

  /** Adds what is JSON already, of ASCII characters only. */
  raw(json: string): void {
    const { length } = json;
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < length; index++) bytes[at++] = json.charCodeAt(index);
    this.#length = at;
  }

  /** Adds JSON that is bytes already. */
  copy(json: Uint8Array): void {
    this.#reserve(json.length);
    this.#bytes.set(json, this.#length);
    this.#length += json.length;
  }

  /** Adds a string, in quotes. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length * LONGEST_ESCAPE + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < FIRST_PLAIN || code > LAST_PLAIN || code === QUOTE || code === BACKSLASH) {
        this.#length += bytes.write(JSON.stringify(text), this.#length);
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** Writes over bytes that are there already: a number as eight hexadecimal digits. */
  patchHex(position: number, value: number): void {
    for (let digit = 7, rest = value; digit >= 0; digit--, rest >>>= 4) {
      this.#bytes[position + digit] = HEX.charCodeAt(rest & 15);
    }
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

const HEX = "0123456789abcdef";
