/**
 * Single fields of a room's configuration, read by an owner, and one switch set: XEP-0045 1.35, section 10.2.
 *
 * Leaves out everything else of that form: an owner may submit a part of it, and what is not named stays as it is.
 */
import { buildSubmission, type Field, FORM_TYPE, parseForm } from "./data-form.ts";
import { NS_DATA_FORM, NS_MUC_OWNER } from "./namespaces.ts";
import { type Element, xml } from "./xml.ts";

const ROOM_CONFIGURATION = "http://jabber.org/protocol/muc#roomconfig";

/** Builds the question for the room's configuration. */
export function buildConfigurationQuery(): Element {
  return xml("query", { xmlns: NS_MUC_OWNER });
}

/** Reads one switch out of the answer; undefined where the room has none of that name. */
export function parseSwitch(result: Element, name: string): boolean | undefined {
  const field = fieldIn(result, name);
  return field && ["1", "true"].includes(field.values?.[0] ?? "");
}

/** Reads what is chosen in one field of the answer; undefined where the room has none of that name. */
export function parseChoices(result: Element, name: string): readonly string[] | undefined {
  const field = fieldIn(result, name);
  return field && (field.values ?? []);
}

/** Builds the request that sets one switch. */
export function buildSwitch(name: string, isOn: boolean): Element {
  const submission = buildSubmission(
    new Map([
      [FORM_TYPE, [ROOM_CONFIGURATION]],
      [name, [isOn ? "1" : "0"]],
    ]),
  );
  return xml("query", { xmlns: NS_MUC_OWNER }, submission);
}

function fieldIn(result: Element, name: string): Field | undefined {
  const x = result.getChild("query", NS_MUC_OWNER)?.getChild("x", NS_DATA_FORM);
  return x && parseForm(x).fields.find((known) => known.var === name);
}
