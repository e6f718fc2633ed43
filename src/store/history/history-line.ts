/**
 * One line of the history: an entry as JSON, its last member the CRC-32 of all bytes of the line before that member.
 *
 * The lines of earlier stores have none. They are read as they stand, and stay so.
 */
import { crc32 } from "node:zlib";
import type { JsonWriter } from "../json/json-writer.ts";

const EMPTY_SUM = '"crc":"--------"}';
const SUM = /^"crc":"([0-9a-f]{8})"\}$/;
const BEFORE_DIGITS = EMPTY_SUM.indexOf("-");
const BRACE = Buffer.from("}");

/** Adds an entry, as JSON, as a line. */
export function addHistoryLine(lines: JsonWriter, json: Buffer): void {
  const start = lines.length;
  lines.copy(json.subarray(0, -1));
  lines.raw(",");
  const crc = crc32(lines.bytesFrom(start));
  const sum = lines.length;
  lines.raw(EMPTY_SUM);
  lines.patchHex(sum + BEFORE_DIGITS, crc);
  lines.raw("\n");
}

/** The entry of a line, as JSON; undefined where the line does not fit its checksum. */
export function readHistoryLine(line: Buffer): Buffer | undefined {
  const sum = line.length - EMPTY_SUM.length;
  const [, crc] = SUM.exec(line.toString("latin1", Math.max(0, sum))) ?? [];
  if (crc === undefined) return line;
  if (Number.parseInt(crc, 16) !== crc32(line.subarray(0, sum))) return undefined;
  return Buffer.concat([line.subarray(0, sum - 1), BRACE]);
}
