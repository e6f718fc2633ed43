/**
 * What the desk says, in each language: read from forms/texts/*.json, one file a language.
 *
 * A file has the texts of the forms, the phrases of the answers, and why something is refused; the English of the last
 * is in core/explanations.ts, since the desk says it without any language too. Fields and stages that are called the
 * same in several forms stand once, under `common`; what a form says itself goes before that. English must be whole;
 * what another language lacks is said in English.
 */
import * as v from "valibot";
import { readFolder } from "./json-folder.ts";
import { ENGLISH, type Wording } from "./phrases.ts";

const TextSchema = v.pipe(v.string(), v.nonEmpty());

const TemplateSchema = v.union([
  TextSchema,
  v.strictObject({
    zero: v.optional(TextSchema),
    one: v.optional(TextSchema),
    two: v.optional(TextSchema),
    few: v.optional(TextSchema),
    many: v.optional(TextSchema),
    other: TextSchema,
  }),
]);

const InstructionsSchema = v.optional(v.record(v.string(), TextSchema), {});

const FieldsSchema = v.optional(
  v.record(v.string(), v.strictObject({ label: TextSchema, desc: v.optional(TextSchema) })),
  {},
);

const FormTextsSchema = v.strictObject({
  name: TextSchema,
  /** The name, where it is not said. */
  title: v.optional(TextSchema),
  instructions: InstructionsSchema,
  fields: FieldsSchema,
});

const LanguageSchema = v.strictObject({
  language: v.pipe(TextSchema, v.toLowerCase()),
  common: v.strictObject({ instructions: InstructionsSchema, fields: FieldsSchema }),
  forms: v.record(v.string(), FormTextsSchema),
  phrases: v.record(v.string(), TemplateSchema),
  explanations: v.optional(v.record(v.string(), TextSchema), {}),
});

/** What a field is called, and what it is for. */
export interface FieldTexts {
  readonly label: string;
  readonly desc?: string | undefined;
}

/** The texts of one form in one language, as far as there are any. */
export interface FormTexts {
  readonly name: string | undefined;
  readonly title: string | undefined;
  instructions(stage: string): string | undefined;
  field(name: string): FieldTexts | undefined;
}

/** One language. */
export interface Language extends Wording {
  readonly lang: string;
  form(node: string): FormTexts;
}

/** Reads all languages of a folder by their tags; throws an Error that names the file and what is wrong with it. */
export function loadLanguages(folder: string): ReadonlyMap<string, Language> {
  const languages = readFolder(folder, LanguageSchema).map(languageOf);
  const byTag = new Map(languages.map((language) => [language.lang, language]));
  if (!byTag.has(ENGLISH)) throw new Error(`${folder}: no English`);
  return byTag;
}

function languageOf(source: v.InferOutput<typeof LanguageSchema>): Language {
  const { language, common, forms } = source;
  return {
    lang: language,
    phrases: new Map(Object.entries(source.phrases)),
    explanations: new Map(Object.entries(source.explanations)),
    form(node) {
      const own = Object.hasOwn(forms, node) ? forms[node] : undefined;
      return {
        name: own?.name,
        title: own?.title ?? own?.name,
        instructions: (stage) => own?.instructions[stage] ?? common.instructions[stage],
        field: (name) => own?.fields[name] ?? common.fields[name],
      };
    },
  };
}
