/**
 * Says whether a stanza is what a conversation expects, and if not, where it differs.
 *
 * As XMPP reads XML: the order of attributes and whitespace between elements mean nothing, attributes that the pattern
 * does not name are let through (`{none}` demands that one is absent). The elements are exactly those of the pattern,
 * unless `...` stands among them for any more. Inside commands and data forms their order counts, elsewhere it does
 * not. Of the stanza itself `type` is always compared, so that a pattern without one means a stanza without one.
 */
import { elements, type Element } from "../../src/stanza/xml.ts";
import { type Bindings, fillIn, matchText } from "./conversation-placeholders.ts";

/** What was captured, or why the stanza is another one; the greater `depth`, the more of it fitted. */
export type Match = { readonly bindings: Bindings } | { readonly why: string; readonly depth: number };

const ORDERED = ["http://jabber.org/protocol/commands", "jabber:x:data"];
const MORE = "...";

/** Compares a stanza with a pattern. */
export function matchStanza(pattern: Element, stanza: Element, bindings: Bindings): Match {
  if (pattern.attrs["type"] === undefined && stanza.attrs["type"] !== undefined)
    return { why: `<${stanza.name}/> has the type ${String(stanza.attrs["type"])}`, depth: 0 };
  return matchElement(pattern, stanza, bindings, 0);
}

/** Whether a match was found. */
export function isMatch(match: Match): match is { readonly bindings: Bindings } {
  return "bindings" in match;
}

function matchElement(pattern: Element, element: Element, bindings: Bindings, depth: number): Match {
  if (pattern.name !== element.name)
    return { why: `${nameOf(element)} stands where ${nameOf(pattern)} was expected`, depth };
  const [wantedNamespace = "", namespace = ""] = [pattern.getNS(), element.getNS()];
  if (wantedNamespace !== namespace)
    return { why: `${nameOf(element)} is of ${namespace}, not ${wantedNamespace}`, depth: depth + 0.3 };
  const attributes = matchAttributes(pattern, element, bindings, depth);
  if (!isMatch(attributes)) return attributes;
  const hasElements = elements(pattern).length > 0 || textOf(pattern) === MORE;
  return hasElements
    ? matchChildren(pattern, element, attributes.bindings, depth + 1)
    : matchContent(pattern, element, attributes.bindings, depth);
}

function matchAttributes(pattern: Element, element: Element, bindings: Bindings, depth: number): Match {
  let known = bindings;
  for (const [name, wanted] of Object.entries<string>(pattern.attrs)) {
    if (name === "xmlns") continue;
    const actual = element.attrs[name] as string | undefined;
    if (wanted === "{none}") {
      if (actual === undefined) continue;
      return {
        why: `${nameOf(element)} has ${name}='${actual}', and should have no ${name}`,
        depth: depth + 0.5,
      };
    }
    const found = actual === undefined ? undefined : matchText(wanted, actual, known);
    if (found === undefined) {
      const has = actual === undefined ? `no ${name}` : `${name}='${actual}'`;
      return {
        why: `${nameOf(element)} has ${has}, not ${name}='${show(wanted, known)}'`,
        depth: depth + 0.5,
      };
    }
    known = found;
  }
  return { bindings: known };
}

function matchContent(pattern: Element, element: Element, bindings: Bindings, depth: number): Match {
  const [extra] = elements(element);
  if (extra !== undefined)
    return { why: `${nameOf(element)} has a child ${nameOf(extra)} more`, depth: depth + 0.7 };
  const wanted = textOf(pattern);
  const found = matchText(wanted, textOf(element), bindings);
  if (found !== undefined) return { bindings: found };
  const why = `${nameOf(element)} says "${textOf(element)}", not "${show(wanted, bindings)}"`;
  return { why, depth: depth + 0.7 };
}

function matchChildren(pattern: Element, element: Element, bindings: Bindings, depth: number): Match {
  const isOrdered = ORDERED.includes(element.getNS() ?? "");
  const wanted = expectations(pattern);
  const actual = elements(element);
  if (isOrdered) return matchInOrder(wanted, actual, bindings, depth, element);
  const mayBeMore = wanted.includes(MORE);
  return matchInAnyOrder(
    wanted.filter((one): one is Element => one !== MORE),
    actual,
    bindings,
    depth,
    { element, mayBeMore },
  );
}

/** The children of a pattern, each an element or the mark for any more. */
function expectations(pattern: Element): (Element | typeof MORE)[] {
  return pattern.children.flatMap((child): (Element | typeof MORE)[] => {
    if (typeof child !== "string") return [child];
    return child.trim() === MORE ? [MORE] : [];
  });
}

function matchInOrder(
  wanted: readonly (Element | typeof MORE)[],
  actual: readonly Element[],
  bindings: Bindings,
  depth: number,
  parent: Element,
): Match {
  const [first, ...rest] = wanted;
  const [next, ...others] = actual;
  if (first === undefined) {
    if (next === undefined) return { bindings };
    return { why: `${nameOf(parent)} has a child ${nameOf(next)} more`, depth };
  }
  if (first === MORE) {
    const without = matchInOrder(rest, actual, bindings, depth, parent);
    if (isMatch(without) || next === undefined) return without;
    return closest(without, matchInOrder(wanted, others, bindings, depth, parent));
  }
  if (next === undefined) return { why: `${nameOf(parent)} lacks ${nameOf(first)}`, depth };
  const here = matchElement(first, next, bindings, depth);
  return isMatch(here) ? matchInOrder(rest, others, here.bindings, depth, parent) : here;
}

function matchInAnyOrder(
  wanted: readonly Element[],
  actual: readonly Element[],
  bindings: Bindings,
  depth: number,
  parent: { readonly element: Element; readonly mayBeMore: boolean },
): Match {
  const [first, ...rest] = wanted;
  if (first === undefined) {
    const [extra] = actual;
    if (extra === undefined || parent.mayBeMore) return { bindings };
    return { why: `${nameOf(parent.element)} has a child ${nameOf(extra)} more`, depth };
  }
  let best: Match = { why: `${nameOf(parent.element)} lacks ${nameOf(first)}`, depth };
  for (const candidate of actual) {
    const here = matchElement(first, candidate, bindings, depth);
    const all = isMatch(here)
      ? matchInAnyOrder(
          rest,
          actual.filter((other) => other !== candidate),
          here.bindings,
          // With every child that fits, the stanza comes closer.
          depth + 0.01,
          parent,
        )
      : here;
    if (isMatch(all)) return all;
    best = closest(best, all);
  }
  return best;
}

/** The match, or the failure that came further; of equals the first. */
function closest(one: Match, other: Match): Match {
  if (isMatch(one)) return one;
  return isMatch(other) || other.depth > one.depth ? other : one;
}

function textOf(element: Element): string {
  return element.children
    .filter((child) => typeof child === "string")
    .join("")
    .trim();
}

function nameOf(element: Element): string {
  const name = (element.attrs as Record<string, string | undefined>)["var"];
  return name === undefined ? `<${element.name}/>` : `<${element.name} var='${name}'/>`;
}

function show(pattern: string, bindings: Bindings): string {
  try {
    return fillIn(pattern, bindings);
  } catch {
    return pattern;
  }
}
