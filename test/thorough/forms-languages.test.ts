/** The languages that the package has: each says everything, nothing else, and says it itself. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FORMS_FOLDER, loadForms } from "../../src/commands/texts/forms.ts";
import { EXPLANATIONS } from "../../src/core/explanations.ts";
import { type FormTextsSource, type LanguageSource, languageSource } from "../support/command-forms.ts";

const SHIPPED = ["de", "en", "es", "fr"];

/* Texts that are the same in English and another language, besides those without any words. */
const SAME_AS_ENGLISH: Readonly<Record<string, readonly string[]>> = {
  de: ["URI", "ok"],
  es: ["URI", "no, n"],
  fr: ["URI", "admin", "ok"],
};

type Texts = ReadonlyMap<string, string>;

interface FormFile {
  readonly node: string;
  readonly stages?: readonly string[];
  readonly fields: readonly { readonly var: string; readonly stage?: string }[];
}

const test = suite("languages");
const english = languageSource("en");
const others = SHIPPED.filter((lang) => lang !== "en").map(languageSource);
const formFiles = filesIn(FORMS_FOLDER, ".json")
  .filter((file) => !file.startsWith(join(FORMS_FOLDER, "texts")))
  .map((file) => JSON.parse(readFileSync(file, "utf8")) as FormFile);

function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/* Every text by a key of its own, each plural under the one of its category. */
function textsOf(language: LanguageSource): Texts {
  const texts = new Map<string, string>();
  for (const { node, stages, fields } of formFiles) {
    const own: FormTextsSource | undefined = language.forms[node];
    const put = (key: string, text: string | undefined): unknown => text && texts.set(`${node} ${key}`, text);
    put("name", own?.name);
    put("title", own?.title);
    for (const stage of stages ?? new Set(fields.flatMap((field) => field.stage ?? []))) {
      put(`instructions ${stage}`, own?.instructions?.[stage] ?? language.common.instructions?.[stage]);
    }
    for (const { var: name } of fields) {
      const field = own?.fields?.[name] ?? language.common.fields?.[name];
      put(`field ${name} label`, field?.label);
      put(`field ${name} desc`, field?.desc);
    }
  }
  for (const [key, template] of Object.entries(language.phrases)) {
    const forms = typeof template === "string" ? { other: template } : template;
    for (const [category, text] of Object.entries(forms)) texts.set(`phrase ${key} ${category}`, text);
  }
  const explanations = language === english ? EXPLANATIONS : (language.explanations ?? {});
  for (const [code, text] of Object.entries(explanations)) texts.set(`explanation ${code}`, text);
  return texts;
}

/* What is asked of a text, however many plurals it has. */
const withoutPlural = (key: string): string => key.replace(/^(phrase \S+) \w+$/, "$1");
const keysOf = (texts: Texts): string[] => [...new Set([...texts.keys()].map(withoutPlural))].toSorted();
const blanksIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank))].toSorted();
const hasWords = (text: string): boolean => /\p{L}/u.test(text.replace(/\{\w+\}/g, ""));

test("the package has these languages, one file each", () => {
  assert.equal(
    readdirSync(join(FORMS_FOLDER, "texts")).toSorted(),
    SHIPPED.map((lang) => `${lang}.json`),
  );
  assert.equal([...loadForms().languages].toSorted(), SHIPPED);
  for (const lang of SHIPPED) assert.is(languageSource(lang).language, lang);
});

for (const language of others) {
  const { language: lang } = language;

  test(`${lang}: no text is missing, and none is there that English lacks`, () => {
    assert.equal(keysOf(textsOf(language)), keysOf(textsOf(english)));
  });

  test(`${lang}: the same values stand in a text as in English`, () => {
    const own = textsOf(language);
    for (const [key, text] of own) {
      const [englishText = ""] = [...textsOf(english)].flatMap(([other, said]) =>
        withoutPlural(other) === withoutPlural(key) ? [said] : [],
      );
      /* Where there is one of something, some languages have a word for the number. */
      const needed = blanksIn(englishText).filter((blank) => !key.endsWith(" one") || blank !== "{count}");
      const given = blanksIn(text).filter((blank) => !key.endsWith(" one") || blank !== "{count}");
      assert.equal(given, needed, key);
    }
  });

  test(`${lang}: what is said as in English is meant to be`, () => {
    const own = textsOf(language);
    const same = [...textsOf(english)].filter(([key, text]) => hasWords(text) && own.get(key) === text);
    const allowed = SAME_AS_ENGLISH[lang] ?? [];
    assert.equal([...new Set(same.map(([, text]) => text))].toSorted(), allowed.toSorted());
  });
}

for (const language of [english, ...others]) {
  const { language: lang } = language;

  test(`${lang}: texts of forms belong to a field or a stage that there is`, () => {
    const nodes = formFiles.map(({ node }) => node);
    assert.equal(Object.keys(language.forms).toSorted(), nodes.toSorted());
    const usedOfCommon = new Set<string>();
    for (const { node, stages, fields } of formFiles) {
      const own = language.forms[node];
      const known = {
        instructions: stages ?? fields.flatMap(({ stage }) => stage ?? []),
        fields: fields.map((field) => field.var),
      };
      for (const kind of ["instructions", "fields"] as const) {
        for (const name of Object.keys(own?.[kind] ?? {}))
          assert.ok(known[kind].includes(name), `${node} ${name}`);
        for (const name of known[kind])
          if (own?.[kind]?.[name] === undefined) usedOfCommon.add(`${kind} ${name}`);
      }
    }
    const common = (["instructions", "fields"] as const).flatMap((kind) =>
      Object.keys(language.common[kind] ?? {}).map((name) => `${kind} ${name}`),
    );
    assert.equal(
      common.filter((name) => !usedOfCommon.has(name)),
      [],
    );
  });

  test(`${lang}: a text that has plurals has all that the language has`, () => {
    const categories = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
    /* French and Spanish have one for millions, which is the other one here. */
    const needed = categories.filter((category) => category !== "many").toSorted();
    for (const [key, template] of Object.entries(language.phrases)) {
      if (typeof template !== "string") assert.equal(Object.keys(template).toSorted(), needed, key);
    }
  });

  test(`${lang}: no two commands have the same name`, () => {
    const names = Object.values(language.forms).map(({ name }) => name);
    assert.is(new Set(names).size, names.length);
  });

  const words = Object.entries(language.phrases)
    .filter(([key]) => /^chat-(?:verb|word)-/.test(key))
    .flatMap(([, said]) => (typeof said === "string" ? said.split(/,\s*/) : []));

  test(`${lang}: no word of the chat means two things`, () => {
    assert.equal(
      words.filter((word, index) => words.indexOf(word) !== index),
      [],
    );
  });

  test(`${lang}: a word of the chat may be written without its accents`, () => {
    assert.equal(
      words.filter((word) => !words.includes(withoutAccents(word, lang))),
      [],
    );
  });
}

/* German writes a vowel with an e behind it. */
function withoutAccents(word: string, lang: string): string {
  const apart = word.normalize("NFD");
  return (lang === "de" ? apart.replaceAll("\u0308", "e") : apart).replaceAll(/\p{M}/gu, "");
}

/* Quoted texts of the source, and templates as patterns. */
const source = filesIn("src", ".ts")
  .filter((file) => !file.endsWith("core/explanations.ts"))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");
const literals = new Set([...source.matchAll(/"([a-z][a-z0-9-]*)"/g)].map(([, text]) => text ?? ""));
const patterns = [...source.matchAll(/`([^`\n]*\$\{[^`\n]*)`/g)]
  .map(([, text = ""]) => text.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/))
  .filter((pieces) => pieces.every((piece) => /^[a-z0-9-]*$/.test(piece)) && pieces.join("").length > 3)
  .map((pieces) => new RegExp(`^${pieces.join(".*")}$`));

test("every phrase is said somewhere", () => {
  const unsaid = Object.keys(english.phrases).filter(
    (key) => !literals.has(key) && !patterns.some((pattern) => pattern.test(key)),
  );
  assert.equal(unsaid, []);
});

test("every phrase that is said is there", () => {
  const said = [...source.matchAll(/(?:phrases\.|#)say\(\s*"([^"]+)"/g)].map(([, key = ""]) => key);
  assert.ok(said.length > 50);
  assert.equal(
    said.filter((key) => english.phrases[key] === undefined),
    [],
  );
});

test("every explanation is given somewhere", () => {
  assert.equal(
    Object.keys(EXPLANATIONS).filter(
      (code) => !literals.has(code) && !patterns.some((pattern) => pattern.test(code)),
    ),
    [],
  );
});

test.run();
