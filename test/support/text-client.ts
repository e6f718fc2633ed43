/**
 * A person at a client that shows everything as text: forms as screens, answers as notes and tables.
 *
 * The person knows fields and options by what is written on them, and presses only buttons that are there.
 */
import type { Source } from "../../src/commands/engine/engine.ts";
import { type Field, type Form, parseForm, parseTable, type Table } from "../../src/stanza/data-form.ts";
import { type Received, sessionidIn } from "./engine.ts";
import type { HatDesk, Talk } from "./hat-desk.ts";

/** The widest line that is shown. */
const WIDTH = 96;
/** Where values begin. */
const MARGIN = 18;

/** What is pressed below a form. */
export type Button = "Back" | "Cancel" | "Complete" | "Next";

/** What is filled in, by label: a text, options by their labels, or on and off. */
export type Filling = Readonly<Record<string, boolean | string | readonly string[]>>;

const ACTIONS = { Back: "prev", Cancel: "cancel", Complete: "complete", Next: "next" } as const;
const BUTTONS = { prev: "Back", complete: "Complete", next: "Next" } as const;

/** One person's screens, one after the other. */
export class TextClient {
  readonly #desk: HatDesk;
  readonly #source: Source;
  readonly #name: string;
  readonly #lines: string[] = [];
  #talk: Talk | undefined;
  #form: Form | undefined;
  #buttons: readonly Button[] = [];

  constructor(desk: HatDesk, name: string, source: Source) {
    this.#desk = desk;
    this.#name = name;
    this.#source = source;
  }

  /** Everything that was shown and done. */
  get text(): string {
    return this.#lines.join("\n").trim();
  }

  /** Chooses a command from the list that the bot offers. */
  async open(node: string): Promise<void> {
    const offered = this.#desk.engine
      .offered(this.#source.requester)
      .find((command) => command.node === node);
    if (offered === undefined) throw new Error(`${this.#name} is not offered ${node}`);
    this.#lines.push(`> ${this.#name} opens “${offered.name}”.`, "");
    this.#talk = this.#desk.talk(this.#source, node);
    this.#show(await this.#talk());
  }

  /** Fills in the form as far as said, leaves the rest as it stands, and presses a button. */
  async press(button: Button, filling: Filling = {}): Promise<void> {
    const form = this.#form;
    if (form === undefined || this.#talk === undefined) throw new Error("there is no form");
    if (!this.#buttons.includes(button)) throw new Error(`there is no button ${button}`);
    const fields = form.fields.filter((field) => field.type !== "hidden");
    const unknown = Object.keys(filling).find((label) => !fields.some((field) => field.label === label));
    if (unknown !== undefined) throw new Error(`there is no field ${unknown}`);
    const said = Object.entries(filling).map(([label, value]) => `${label}: ${sayValue(value)}`);
    this.#lines.push(
      ...wrap(`> ${said.map((text) => `${text}. `).join("")}${this.#name} presses ${button}.`),
      "",
    );
    const values = fields.map((field) => [field.var, valuesOf(field, filling[field.label ?? ""])] as const);
    this.#show(await this.#talk(Object.fromEntries(values), ACTIONS[button]));
  }

  #show(received: Received): void {
    const { response, error } = received;
    this.#form = undefined;
    if (response === undefined) {
      this.#lines.push(`Refused: ${error ?? ""}`, "");
      return;
    }
    const { payload, notes, status, actions } = response;
    const table = payload && parseTable(payload);
    if (table !== undefined) this.#lines.push(...showTable(table), "");
    else if (payload !== undefined) this.#lines.push(...showForm(parseForm(payload)), "");
    else
      for (const { text } of notes) this.#lines.push(...text.split("\n").flatMap((line) => wrap(line)), "");
    if (status === "canceled") this.#lines.push("Canceled.", "");
    if (status !== "executing") return;
    if (payload !== undefined) this.#form = parseForm(payload);
    this.#buttons = [...(actions?.offered ?? []).map((action) => BUTTONS[action]), "Cancel"];
    this.#lines.push(this.#buttons.map((button) => `< ${button} >`).join(" "), "");
    if (sessionidIn(received) === "") throw new Error("no session");
  }
}

function sayValue(value: boolean | string | readonly string[]): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return value === "" ? "nothing" : shorten(value.split("\n"));
  return value.length === 0 ? "none" : value.join(" and ");
}

/* Of many lines, the first ones. */
function shorten(lines: readonly string[]): string {
  const shown = lines.slice(0, 2).join(" / ");
  return lines.length > 2 ? `${shown} / … (${lines.length} lines)` : shown;
}

function valuesOf(field: Field, filled: boolean | string | readonly string[] | undefined): readonly string[] {
  if (filled === undefined) return field.values ?? [];
  if (typeof filled === "boolean") return [filled ? "1" : "0"];
  const { options, type } = field;
  if (options === undefined) return typeof filled === "string" ? linesOf(filled, type) : filled;
  return [filled].flat().map((label) => {
    const whole = options.filter((known) => known.label === label);
    const [option, ...others] =
      whole.length > 0 ? whole : options.filter((known) => known.label.includes(label));
    if (option === undefined || others.length > 0)
      throw new Error(`not one option of ${field.var}: ${label}`);
    return option.value;
  });
}

function linesOf(text: string, type: Field["type"]): string[] {
  return type === "text-multi" ? text.split("\n") : [text];
}

function showForm({ title = "", instructions = "", fields, type }: Form): string[] {
  const shown = fields.filter((field) => field.type !== "hidden");
  return [
    title,
    "-".repeat(title.length),
    ...(instructions === "" ? [] : instructions.split("\n").flatMap((line) => wrap(line))),
    ...(shown.length > 0 && instructions !== "" ? [""] : []),
    ...shown.flatMap((field) => (type === "form" ? showField(field) : showReading(field))),
  ];
}

function showField(field: Field): string[] {
  const { label = field.var, required = false, desc } = field;
  const [first = "", ...rest] = boxesOf(field);
  const marked = `${label}${required ? " *" : ""}`;
  const isLong = marked.length >= MARGIN;
  return [
    ...(isLong ? [marked] : []),
    `${(isLong ? "" : marked).padEnd(MARGIN)}${first}`,
    ...rest.map((line) => `${" ".repeat(MARGIN)}${line}`),
    ...(desc === undefined
      ? []
      : wrap(desc, WIDTH - MARGIN - 2).map((line) => `${" ".repeat(MARGIN + 2)}${line}`)),
  ];
}

function showReading({ label = "", values = [] }: Field): string[] {
  return [`${label}:`, ...values.map((value) => `  ${value}`)];
}

function boxesOf({ type, options = [], values = [] }: Field): string[] {
  const isChosen = (value: string): boolean => values.includes(value);
  if (type === "boolean") return [isChosen("1") ? "[x]" : "[ ]"];
  if (type === "list-multi")
    return options.map(({ label, value }) => `[${isChosen(value) ? "x" : " "}] ${label}`);
  if (type === "list-single")
    return options.map(({ label, value }) => `(${isChosen(value) ? "•" : " "}) ${label}`);
  const lines = values.length === 0 ? [""] : values;
  return lines.map((line) => `[${line.padEnd(30)}]`);
}

function showTable({ title = "", columns, rows }: Table): string[] {
  const grid = [columns.map(({ label }) => label), ...rows];
  const widths = columns.map((_, at) => Math.max(...grid.map((row) => (row[at] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  if (rows.length === 0) return [title];
  return [
    title,
    "",
    line(grid[0] ?? []),
    widths.map((width) => "-".repeat(width)).join("  "),
    ...rows.map(line),
  ];
}

function wrap(text: string, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
