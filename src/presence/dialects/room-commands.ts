/**
 * A dialect: the commands by which a room lets somebody manage the hats that it shows itself.
 *
 * XEP-0050 1.3.0 as a client of one-stage commands, which all of these are: the filled form goes into the first
 * request, with action `complete` and without a session. The form is asked for once a node, to learn which fields it
 * has. Leaves out which commands there are: xep-0317.ts and older-ejabberd.ts.
 */
import { explainInEnglish, type Explanation } from "../../core/explanations.ts";
import type { BareJid } from "../../core/jid.ts";
import { putWithin } from "../../core/maps.ts";
import type { HatId } from "../../core/model.ts";
import { buildCommandRequest, findCommand, parseCommandResponse } from "../../stanza/command.ts";
import type { CommandResponse } from "../../stanza/command.ts";
import { type Form, parseForm } from "../../stanza/data-form.ts";
import {
  buildHatSubmission,
  findHatVars,
  type HatFieldMeaning,
  type HatValues,
  parseAssignedTable,
} from "../../stanza/hat-commands.ts";
import type { HatsNamespace } from "../../stanza/hats.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import { attribute, type Element } from "../../stanza/xml.ts";
import type { AskableRoom } from "../room-link.ts";

/** Whether a room has one title for a hat, or another for each wearer. */
export type TitleScope = "hat" | "wearer";

/** A hat as the room's own catalogue has it. */
export interface CatalogueEntry {
  readonly title: string;
  readonly hue: number | undefined;
}

/** The hats that a room knows, whether worn or not. */
export interface CatalogueCommands {
  /** Reads all of it. */
  read(): Promise<Map<HatId, CatalogueEntry>>;
  /** Makes a hat known, or gives a known one another title and hue; its wearers' presence follows. */
  define(id: HatId, entry: CatalogueEntry): Promise<void>;
  /** Makes a hat unknown; nobody should wear it any more. */
  destroy(id: HatId): Promise<void>;
}

/** How much a room takes. */
export interface RoomLimits {
  readonly hatsPerWearer: number;
  readonly wearers: number;
}

/** COMPAT: ejabberd 21.12 to 26.07; neither can be configured. */
export const EJABBERD_LIMITS: RoomLimits = { hatsPerWearer: 10, wearers: 100 };

/** Who has which hat, by the room's own list. */
export interface Assigned {
  readonly hats: Map<BareJid, Map<HatId, string>>;
  /** How many rows are about somebody or something that no desk can have. */
  readonly strange: number;
  /** Whether anything follows from what the list does not say. */
  readonly isCertain: boolean;
}

/**
 * The commands of one room in one dialect.
 *
 * Each rejects with StanzaError where the room refused, and then nothing happened; with any other Error where the
 * outcome is unknown.
 */
export interface RoomCommands {
  readonly dialect: "xep-0317" | "xep-0317-0.2" | "prosody-hats";
  readonly titles: TitleScope;
  /** In which namespace the room itself builds presence; in others anybody can forge it. */
  readonly namespace: HatsNamespace;
  /** Present where a hat must be known to the room before somebody can have it. */
  readonly catalogue?: CatalogueCommands;
  /** Finds out how much the room takes, as far as that can be known before it refuses something. */
  readLimits(): Promise<RoomLimits | undefined>;
  /** Reads all of the room's list; rejects where only a part of it came. */
  readAssigned(): Promise<Assigned>;
  /** Gives a hat; the title counts only where it belongs to the wearer. */
  assign(user: BareJid, id: HatId, title: string): Promise<void>;
  unassign(user: BareJid, id: HatId): Promise<void>;
}

/** Runs one-stage commands of a room. */
export class CommandCaller {
  readonly #link: AskableRoom;
  readonly #formType: string | undefined;
  readonly #forms = new Map<string, Promise<Form>>();

  /** `formType` is said where a form does not say its own. */
  constructor(link: AskableRoom, formType?: string) {
    this.#link = link;
    this.#formType = formType;
  }

  /** Runs a command with these values, each in the field that the room's form has for it. */
  async run(node: string, values: HatValues): Promise<void> {
    const form = await this.#form(node, Object.keys(values) as HatFieldMeaning[]);
    const submission = buildHatSubmission(form, values);
    const response = await this.#ask(buildCommandRequest({ node, action: "complete" }, submission));
    if (response.status !== "completed") throw new OddAnswer(node, { code: "wants-more-forms" });
  }

  /** Runs a command that answers with a table. */
  async readTable(node: string): Promise<Element> {
    const { status, payload } = await this.#ask(buildCommandRequest({ node, action: "execute" }));
    if (payload === undefined || status !== "completed") throw new OddAnswer(node, { code: "no-table" });
    return payload;
  }

  /** Whether the room's form for a command has a field of this name; it has a field for each of the meanings. */
  async hasField(node: string, meanings: readonly HatFieldMeaning[], name: string): Promise<boolean> {
    const { fields } = await this.#form(node, meanings);
    return fields.some((field) => field.var === name);
  }

  async #form(node: string, meanings: readonly HatFieldMeaning[]): Promise<Form> {
    const known = this.#forms.get(node);
    if (known !== undefined) return known;
    const reading = this.#readForm(node, meanings);
    this.#forms.set(node, reading);
    try {
      return await reading;
    } catch (error) {
      this.#forms.delete(node);
      throw error;
    }
  }

  async #readForm(node: string, meanings: readonly HatFieldMeaning[]): Promise<Form> {
    const response = await this.#ask(buildCommandRequest({ node, action: "execute" }));
    if (response.status === "executing") this.#cancel(node, response.sessionid);
    const form = parseForm(response.payload ?? buildHatSubmission({ fields: [] }, {}));
    const vars = findHatVars(form.fields);
    const missing = meanings.find((meaning) => meaning !== "hue" && !vars.has(meaning));
    if (missing !== undefined)
      throw new OddAnswer(node, { code: "no-field-for", values: { meaning: missing } });
    const formType = form.formType ?? this.#formType;
    return { type: "form", fields: form.fields, ...(formType === undefined ? {} : { formType }) };
  }

  /* Nobody needs the session; a room that does not know it either has nothing to give free. */
  #cancel(node: string, sessionid: string): void {
    if (sessionid === "") return;
    const request = buildCommandRequest({ node, sessionid, action: "cancel" });
    this.#link.request("set", request).catch(() => undefined);
  }

  async #ask(request: Element): Promise<CommandResponse> {
    const node = attribute(request, "node") ?? "";
    const command = findCommand(await this.#link.request("set", request));
    const response = command && parseCommandResponse(command);
    if (response === undefined) throw new OddAnswer(node, { code: "no-command-answer" });
    const refused = response.notes.find((note) => note.severity === "error");
    if (refused !== undefined) throw new OddAnswer(node, { code: "quoted", values: { words: refused.text } });
    return response;
  }
}

/** Reads the room's list of who has which hat. */
export async function readAssigned(caller: CommandCaller, node: string): Promise<Assigned> {
  const table = parseAssignedTable(await caller.readTable(node));
  if (table === undefined) throw new OddAnswer(node, { code: "no-whole-list" });
  const hats: Assigned["hats"] = new Map();
  for (const { jid, uri, title } of table.hats) putWithin(hats, jid, uri, title);
  return { hats, strange: table.strange, isCertain: table.isCertain };
}

/** The room answered, by no error, and yet not as its command should. */
export class OddAnswer extends StanzaError {
  readonly #explanation: Explanation;

  constructor(node: string, what: Explanation) {
    const explanation: Explanation = { code: "odd-command", values: { node, what } };
    super("cancel", "undefined-condition", undefined, explainInEnglish(explanation));
    this.#explanation = explanation;
  }

  override get explanation(): Explanation {
    return this.#explanation;
  }
}
