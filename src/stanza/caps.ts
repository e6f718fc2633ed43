/**
 * Entity capabilities: XEP-0115 1.6.0, the sending side and its verification string (section 5.1), with SHA-1.
 *
 * Leaves out checking what others claim: the desk asks rooms by disco itself.
 */
import { createHash } from "node:crypto";
import type { DiscoInfo, Identity } from "./disco.ts";
import { FORM_TYPE, type Form } from "./data-form.ts";
import { NS_CAPS } from "./namespaces.ts";
import { type Element, xml } from "./xml.ts";

/** Builds `<c/>` for a presence; `node` is a URI that names the software. */
export function buildCaps(node: string, ver: string): Element {
  return xml("c", { xmlns: NS_CAPS, hash: "sha-1", node, ver });
}

/** The verification string, hashed: the same for everybody who answers disco#info in the same way. */
export function capsVer(info: DiscoInfo): string {
  return createHash("sha1").update(capsInput(info)).digest("base64");
}

function capsInput(info: DiscoInfo): string {
  const identities = info.identities.map(identityLine).toSorted(byOctets);
  const features = info.features.toSorted(byOctets);
  const forms = info.forms.map(formLines).toSorted((a, b) => byOctets(a[0] ?? "", b[0] ?? ""));
  return [...identities, ...features, ...forms.flat()].map((part) => `${part}<`).join("");
}

function identityLine({ category, type, lang, name }: Identity): string {
  return `${category}/${type}/${lang ?? ""}/${name ?? ""}`;
}

function formLines(form: Form): string[] {
  const fields = form.fields
    .filter((field) => field.var !== FORM_TYPE)
    .toSorted((a, b) => byOctets(a.var, b.var))
    .flatMap((field) => [field.var, ...(field.values ?? []).toSorted(byOctets)]);
  return [form.formType ?? "", ...fields];
}

/* The i;octet collation of RFC 4790, which differs from the order of UTF-16 code units above U+FFFF. */
function byOctets(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
