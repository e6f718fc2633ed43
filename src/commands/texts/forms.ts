/**
 * The forms of the commands: fields by stage from forms/*.json, with their texts from the language files. Those of
 * XEP-0317's commands are in a folder of their own.
 *
 * A form file holds what depends neither on who asks nor on their language: types, defaults, order. A field without a
 * stage is never asked; it is there for scripts. A stage without fields asks whether to go on. Everything is put
 * together when it is read, so that a text that is missing is found at the start and not by whoever first needs it.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { FIELD_TYPES, type Field } from "../../stanza/data-form.ts";
import { NS_MILLINER } from "../../stanza/namespaces.ts";
import { readFolder } from "./json-folder.ts";
import { type FieldTexts, type FormTexts, type Language, loadLanguages } from "./languages.ts";
import { chooseLanguage, ENGLISH, type Phrases, phrasesIn } from "./phrases.ts";

const NameSchema = v.pipe(v.string(), v.nonEmpty());

const FieldSchema = v.strictObject({
  var: NameSchema,
  stage: v.optional(NameSchema),
  type: v.picklist(FIELD_TYPES),
  required: v.optional(v.boolean(), false),
  default: v.optional(v.array(v.string()), []),
  validate: v.optional(
    v.strictObject({ datatype: NameSchema, method: v.picklist(["basic", "open", "range"]) }),
  ),
});

const FormSchema = v.strictObject({
  node: NameSchema,
  formType: v.optional(NameSchema, NS_MILLINER),
  /** The stages in order; those of the fields where they are not said. */
  stages: v.optional(v.array(NameSchema)),
  fields: v.array(FieldSchema),
});

type FieldSource = v.InferOutput<typeof FieldSchema>;
type FormSource = v.InferOutput<typeof FormSchema>;

/** One form in one language. */
export interface CommandForm {
  readonly node: string;
  readonly formType: string;
  /** What disco calls the command. */
  readonly name: string;
  readonly title: string;
  /** The names of the stages, in order. */
  readonly stages: readonly string[];
  /** Every var that the command takes, those of no stage too. */
  readonly vars: readonly string[];
  instructions(stage: string): string;
  /** The fields that can be asked at a stage, in order. */
  fields(stage: string): readonly Field[];
  /** What a field is called, for whoever reads a mistake about it. */
  label(name: string): string | undefined;
}

/** All forms and phrases. */
export interface Forms {
  /** The nodes of the desk's own commands. */
  readonly nodes: readonly string[];
  readonly languages: ReadonlySet<string>;
  /** The form of a command; one that has none is a mistake in the program. */
  form(node: string, lang: string): CommandForm;
  /** The phrases of the nearest language. */
  phrases(wanted: string): Phrases;
}

/** Where the package keeps its forms. */
export const FORMS_FOLDER = fileURLToPath(new URL("../../../forms", import.meta.url));

/** Reads and checks all forms and languages; throws an Error that names the file and what is wrong with it. */
export function loadForms(folder = FORMS_FOLDER): Forms {
  const known = loadLanguages(join(folder, "texts"));
  const languages = new Set(known.keys());
  const own = readFolder(folder, FormSchema);
  const forms = new Map(
    [...own, ...readFolder(join(folder, "xep-0317"), FormSchema)].map((source) => [
      source.node,
      inEachLanguage(source, known),
    ]),
  );
  const english = languageIn(known, ENGLISH);
  const spoken = new Map([...known].map(([tag, language]) => [tag, phrasesIn(tag, language, english)]));
  return {
    nodes: own.map(({ node }) => node),
    languages,
    form(node, lang) {
      const translations = forms.get(node);
      const form = translations?.get(lang) ?? translations?.get(ENGLISH);
      if (form === undefined) throw new Error(`no form for ${node}`);
      return form;
    },
    phrases: (wanted) =>
      spoken.get(chooseLanguage(wanted, languages)) ?? phrasesIn(ENGLISH, english, english),
  };
}

function languageIn(known: ReadonlyMap<string, Language>, tag: string): Language {
  const language = known.get(tag);
  if (language === undefined) throw new Error(`no language ${tag}`);
  return language;
}

function inEachLanguage(
  source: FormSource,
  known: ReadonlyMap<string, Language>,
): ReadonlyMap<string, CommandForm> {
  const english = languageIn(known, ENGLISH).form(source.node);
  return new Map(
    [...known].map(([tag, language]) => [tag, commandForm(source, language.form(source.node), english)]),
  );
}

function commandForm(source: FormSource, own: FormTexts, english: FormTexts): CommandForm {
  const where = `form ${source.node}`;
  const asked = source.fields.flatMap(({ stage }) => (stage === undefined ? [] : [stage]));
  const stages = source.stages ?? [...new Set(asked)];
  const unknown = asked.find((stage) => !stages.includes(stage));
  if (unknown !== undefined) throw new Error(`${where}: ${unknown} is none of its stages`);
  const instructions = new Map(
    stages.map((stage) => [
      stage,
      needed(own.instructions(stage) ?? english.instructions(stage), where, stage),
    ]),
  );
  const texts = new Map(
    source.fields.map((field) => [
      field.var,
      needed(own.field(field.var) ?? english.field(field.var), where, field.var),
    ]),
  );
  const fields = new Map(
    stages.map((stage) => [
      stage,
      source.fields
        .filter((field) => field.stage === stage)
        .map((field) => fieldOf(field, texts.get(field.var))),
    ]),
  );
  return {
    node: source.node,
    formType: source.formType,
    name: needed(own.name ?? english.name, where, "name"),
    title: needed(own.title ?? english.title, where, "title"),
    stages,
    vars: source.fields.map((field) => field.var),
    instructions: (stage) => instructions.get(stage) ?? "",
    fields: (stage) => fields.get(stage) ?? [],
    label: (name) => texts.get(name)?.label,
  };
}

function fieldOf(field: FieldSource, text: FieldTexts | undefined): Field {
  return {
    var: field.var,
    type: field.type,
    ...(text === undefined ? {} : { label: text.label }),
    ...(text?.desc === undefined ? {} : { desc: text.desc }),
    ...(field.required ? { required: true } : {}),
    ...(field.default.length === 0 ? {} : { values: field.default }),
    ...(field.validate === undefined ? {} : { validate: field.validate }),
  };
}

function needed<T>(text: T | undefined, where: string, name: string): T {
  if (text === undefined) throw new Error(`${where}: no English text for ${name}`);
  return text;
}
