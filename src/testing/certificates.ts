/**
 * A throw-away certificate authority and a server certificate from it, made by openssl.
 *
 * Leaves out revocation, chains and everything else that a real authority has.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** PEM files; the names are relative to the folder they were made in. */
export interface Certificates {
  /** Absolute path of the authority's certificate, to be trusted by clients. */
  readonly caPath: string;
  readonly certificate: "server.pem";
  readonly key: "server.key";
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority and a certificate for the given names and 127.0.0.1 in a folder; both are valid for 10 days. */
export async function makeCertificates(dir: string, names: readonly string[]): Promise<Certificates> {
  const openssl = (...args: string[]): Promise<unknown> =>
    run("openssl", args, { cwd: dir }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new Error("TLS needs openssl, which is not installed here") : error;
    });
  const alternatives = [...names.map((name) => `DNS:${name}`), "IP:127.0.0.1"].join(",");
  await writeFile(join(dir, "server.ext"), `subjectAltName=${alternatives}\n`);
  await Promise.all([
    openssl(
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "10",
      "-subj",
      "/CN=test CA",
    ),
    openssl("req", ...NEW_KEY, "-keyout", "server.key", "-out", "server.csr", "-subj", `/CN=${names[0]}`),
  ]);
  const signing = [
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "10",
    "-extfile",
    "server.ext",
  ];
  await openssl("x509", "-req", "-in", "server.csr", "-out", "server.pem", ...signing);
  return { caPath: join(dir, "ca.pem"), certificate: "server.pem", key: "server.key" };
}
