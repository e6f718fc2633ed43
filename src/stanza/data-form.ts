/**
 * Data forms: XEP-0004 2.13.2, with the field validation of XEP-0122 1.0.2.
 *
 * Both directions: what a service shows (form, result) and what a client sends back (submit). Leaves out media
 * elements (XEP-0221), page layout (XEP-0141), and XEP-0122 apart from `<basic/>`, `<open/>` and `<range/>`. What a
 * submitted value means is not decided here: a submission is strings by var, bounded and free of what XML forbids.
 */
import { badField } from "../core/errors.ts";
import { isXmlText } from "../core/text.ts";
import {
  type Column,
  FIELD_TYPES,
  type Field,
  type FieldType,
  FORM_TYPE,
  type Form,
  type Option,
  type Submission,
  type Table,
  type Validation,
} from "./data-form-model.ts";
import { NS_DATA_FORM, NS_VALIDATE } from "./namespaces.ts";
import { attribute, type Element, elements, xml } from "./xml.ts";

export * from "./data-form-model.ts";

/** Fields and values that one submission may hold, together; more is not a form that a person filled out. */
export const MAX_SUBMITTED = 5_000;

/** Builds `<x type='form'/>` or `<x type='result'/>`. */
export function buildForm(form: Form): Element {
  return xml(
    "x",
    { xmlns: NS_DATA_FORM, type: form.type },
    form.title !== undefined && xml("title", {}, form.title),
    form.instructions !== undefined && xml("instructions", {}, form.instructions),
    buildFormType(form.formType),
    form.fields.map(buildField),
  );
}

/** Builds `<x type='result'/>` with a table in it. */
export function buildTable(table: Table): Element {
  const { columns } = table;
  return xml(
    "x",
    { xmlns: NS_DATA_FORM, type: "result" },
    table.title !== undefined && xml("title", {}, table.title),
    buildFormType(table.formType),
    xml(
      "reported",
      {},
      columns.map((column) =>
        xml("field", { var: column.var, label: column.label, type: column.type ?? "text-single" }),
      ),
    ),
    table.rows.map((row) =>
      xml(
        "item",
        {},
        columns.map((column, index) => xml("field", { var: column.var }, xml("value", {}, row[index] ?? ""))),
      ),
    ),
  );
}

/** Builds `<x type='submit'/>`. */
export function buildSubmission(submission: Submission): Element {
  return xml(
    "x",
    { xmlns: NS_DATA_FORM, type: "submit" },
    [...submission].map(([name, values]) => xml("field", { var: name }, buildValues(values))),
  );
}

/**
 * Reads what was submitted, whatever type the form and its fields say they are.
 *
 * Fields without a var are left out (XEP-0004 lets fixed ones have none), as is everything that is no field.
 *
 * @throws HatsError bad-field for a var given twice, a forbidden character, or more than MAX_SUBMITTED of anything
 */
export function parseSubmission(x: Element): Submission {
  const submission = new Map<string, readonly string[]>();
  let count = 0;
  for (const field of x.getChildren("field")) {
    const name = attribute(field, "var");
    const values = field.getChildren("value").map((value) => value.getText());
    count += 1 + values.length;
    if (count > MAX_SUBMITTED) throw badField("form", "too-many-fields", { max: MAX_SUBMITTED });
    if (name === undefined || name === "") continue;
    if (submission.has(name)) throw badField(shownVar(name), "given-twice");
    if (!values.every(isXmlText)) throw badField(shownVar(name), "forbidden-character");
    submission.set(name, values);
  }
  return submission;
}

/** Reads a form or a result as a client sees it; types that XEP-0004 does not know become text-single. */
export function parseForm(x: Element): Form {
  const fields = x.getChildren("field").map(parseField);
  const formType = fields.find((field) => field.var === FORM_TYPE)?.values?.[0];
  const title = x.getChildText("title");
  const instructions = x
    .getChildren("instructions")
    .map((line) => line.getText())
    .join("\n");
  return {
    type: attribute(x, "type") === "result" ? "result" : "form",
    ...(formType === undefined ? {} : { formType }),
    ...(title === null ? {} : { title }),
    ...(instructions === "" ? {} : { instructions }),
    fields: fields.filter((field) => field.var !== FORM_TYPE),
  };
}

/** Reads a result as a table; undefined where it has no `<reported/>`. */
export function parseTable(x: Element): Table | undefined {
  const reported = x.getChild("reported");
  if (reported === undefined) return undefined;
  const columns = reported.getChildren("field").map(parseColumn);
  const rows = x.getChildren("item").map((item) => {
    const cells = new Map(item.getChildren("field").map((field) => [attribute(field, "var"), field]));
    return columns.map((column) => cells.get(column.var)?.getChildText("value") ?? "");
  });
  const { formType, title } = parseForm(x);
  return {
    ...(formType === undefined ? {} : { formType }),
    ...(title === undefined ? {} : { title }),
    columns,
    rows,
  };
}

function buildFormType(formType: string | undefined): Element | undefined {
  if (formType === undefined) return undefined;
  return xml("field", { var: FORM_TYPE, type: "hidden" }, xml("value", {}, formType));
}

function buildField(field: Field): Element {
  return xml(
    "field",
    { var: field.var, type: field.type, label: field.label },
    field.desc !== undefined && xml("desc", {}, field.desc),
    field.required === true && xml("required"),
    field.validate !== undefined && buildValidation(field.validate),
    buildValues(field.values ?? []),
    field.options?.map((option) => xml("option", { label: option.label }, xml("value", {}, option.value))),
  );
}

function buildValidation({ datatype, method, min, max }: Validation): Element {
  return xml("validate", { xmlns: NS_VALIDATE, datatype }, xml(method, { min, max }));
}

function buildValues(values: readonly string[]): Element[] {
  return values.map((value) => xml("value", {}, value));
}

function parseField(field: Element): Field {
  const type = typeOf(field) ?? "text-single";
  const label = attribute(field, "label");
  const desc = field.getChildText("desc");
  const validate = field.getChild("validate", NS_VALIDATE);
  const options = field.getChildren("option").map(parseOption);
  const values = field.getChildren("value").map((value) => value.getText());
  return {
    var: attribute(field, "var") ?? "",
    type,
    ...(label === undefined ? {} : { label }),
    ...(desc === null ? {} : { desc }),
    ...(field.getChild("required") === undefined ? {} : { required: true }),
    ...(validate === undefined ? {} : parseValidation(validate)),
    ...(options.length === 0 ? {} : { options }),
    ...(values.length === 0 ? {} : { values }),
  };
}

function parseOption(option: Element): Option {
  const value = option.getChildText("value") ?? "";
  return { label: attribute(option, "label") ?? value, value };
}

function parseValidation(validate: Element): Pick<Field, "validate"> {
  const [method] = elements(validate);
  if (method?.name !== "basic" && method?.name !== "open" && method?.name !== "range") return {};
  const min = attribute(method, "min");
  const max = attribute(method, "max");
  return {
    validate: {
      datatype: attribute(validate, "datatype") ?? "xs:string",
      method: method.name,
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    },
  };
}

function parseColumn(field: Element): Column {
  const name = attribute(field, "var") ?? "";
  const type = typeOf(field);
  return { var: name, label: attribute(field, "label") ?? name, ...(type === undefined ? {} : { type }) };
}

function typeOf(field: Element): FieldType | undefined {
  const type = attribute(field, "type");
  return FIELD_TYPES.find((known) => known === type);
}

/** A sender's var as an error names it: their own text where that is short and can be shown, else `form`. */
export function shownVar(name: string): string {
  return /^[\w.#:/-]{1,64}$/.test(name) ? name : "form";
}
