/**
 * Whom a stream believes: certificates of the system's authorities (of Node's own list on a system without any), and
 * of one more from the configuration, always issued for the domain of the account.
 *
 * RFC 6120, section 13.7, and RFC 7590: the certificate has to name the domain part of the JID, whatever host was
 * connected to. Leaves out the identifiers of their own that XMPP certificates may carry (SRV-ID, XmppAddr): what
 * authorities issue names the domain as DNS-ID.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  rootCertificates,
  type SecureContext,
} from "node:tls";
import { domainToASCII } from "node:url";

/* Where Debian, Red Hat and Alpine keep the bundle of the system's authorities. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

const CERTIFICATE = /-----BEGIN (X509 )?CERTIFICATE-----.*?-----END \1CERTIFICATE-----/gs;

/** What keeps a PEM text from saying whom to believe; undefined where it holds certificates, and all can be read. */
export function faultOfCertificates(pem: string): string | undefined {
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    return "holds no certificate; name a PEM file, which has a line -----BEGIN CERTIFICATE-----";
  }
  const broken = certificates.findIndex((certificate) => !isReadable(certificate));
  return broken < 0 ? undefined : `is damaged: its certificate ${broken + 1} cannot be read; copy it anew`;
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).subject !== undefined;
  } catch {
    return false;
  }
}

/** Gives whom to believe; reads the authorities at the first call, which takes some 50 ms. */
export type Trust = () => SecureContext;

/** Believes the system's authorities and, given as PEM, one more. */
export function createTrust(ca?: string): Trust {
  let context: SecureContext | undefined;
  return () => {
    context ??= createSecureContext({ ca: [...readAuthorities(), ...(ca === undefined ? [] : [ca])] });
    return context;
  };
}

/** The options for node:tls that verify a certificate for `domain`, whatever the environment says. */
export function buildTlsOptions(domain: string, trust: Trust): ConnectionOptions {
  const name = domainToASCII(domain) || domain;
  return {
    secureContext: trust(),
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 && { servername: name }),
  };
}

function readAuthorities(): readonly string[] {
  for (const path of [process.env["SSL_CERT_FILE"], ...SYSTEM_BUNDLES]) {
    if (path === undefined) continue;
    try {
      return [readFileSync(path, "utf8")];
    } catch {
      // This system keeps its bundle elsewhere.
    }
  }
  return rootCertificates;
}
