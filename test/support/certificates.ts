/** A throw-away authority for the tests of one process, and a certificate of its for milliner.test. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "../../src/testing/certificates.ts";

/** PEM texts. */
export interface TestCertificates {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** Makes a new authority, and a certificate for these names. */
export async function makeTestCertificates(...names: string[]): Promise<TestCertificates> {
  const dir = mkdtempSync(join(tmpdir(), "milliner-certificates-"));
  try {
    const made = await makeCertificates(dir, names);
    const read = (path: string): string => readFileSync(path, "utf8");
    return { ca: read(made.caPath), key: read(join(dir, made.key)), cert: read(join(dir, made.certificate)) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
