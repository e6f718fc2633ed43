/** What a data form is once it is read: XEP-0004 2.13.2, sections 3.2 to 3.4. */
import { NS_MILLINER } from "./namespaces.ts";

/** Every field type of XEP-0004, section 3.3. */
export const FIELD_TYPES = [
  "boolean",
  "fixed",
  "hidden",
  "jid-multi",
  "jid-single",
  "list-multi",
  "list-single",
  "text-multi",
  "text-private",
  "text-single",
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

/** The var that names what kind of form this is (XEP-0068). */
export const FORM_TYPE = "FORM_TYPE";

/**
 * The var by which somebody asks that their form be refused where it holds a field that is not understood, a boolean.
 *
 * Without it such a field is ignored (XEP-0004, section 3.1), as this one is by whoever does not know it.
 */
export const STRICT = `{${NS_MILLINER}}strict`;

/** One of the values that a list offers. */
export interface Option {
  readonly label: string;
  readonly value: string;
}

/** XEP-0122: `open` lets a list take other values than its options. */
export interface Validation {
  readonly datatype: string;
  readonly method: "basic" | "open" | "range";
  readonly min?: string;
  readonly max?: string;
}

/** One field as it is shown. */
export interface Field {
  readonly var: string;
  readonly type: FieldType;
  readonly label?: string;
  readonly desc?: string;
  readonly required?: boolean;
  readonly validate?: Validation;
  readonly options?: readonly Option[];
  readonly values?: readonly string[];
}

/** A form to fill out, or a result to read where its type is `result`. */
export interface Form {
  readonly type: "form" | "result";
  readonly formType?: string;
  readonly title?: string;
  /** COMPAT: kept in one element, since Converse 14 shows only one of several. */
  readonly instructions?: string;
  readonly fields: readonly Field[];
}

/** A column of a table; its type says how a client shows the cells. */
export interface Column {
  readonly var: string;
  readonly label: string;
  readonly type?: FieldType;
}

/** A result with `<reported/>` and one `<item/>` a row; a row holds one value a column, in their order. */
export interface Table {
  readonly formType?: string;
  readonly title?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** What somebody sent back: the values of each var, FORM_TYPE among them. */
export type Submission = ReadonlyMap<string, readonly string[]>;
