/** Every language says everything, with the same blanks, and nothing that nobody asks for. */

import { expect, test } from "vitest";

type Section = Record<string, string>;

const SECTIONS = import.meta.glob<Section>("../src/words/*/*.json", { eager: true, import: "default" });
const SOURCES = import.meta.glob<string>("../src/**/*.{ts,tsx}", {
  eager: true,
  query: "?raw",
  import: "default",
});

function catalogue(language: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [file, section] of Object.entries(SECTIONS)) {
    const [, spoken, area] = /words\/(\w+)\/(\w+)\.json$/.exec(file) ?? [];
    if (spoken !== language) continue;
    for (const [key, text] of Object.entries(section)) found.set(`${area}.${key}`, text);
  }
  return found;
}

const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();
const plural = (key: string) => key.endsWith("_one");
const en = catalogue("en");
const zh = catalogue("zh");
const code = Object.values(SOURCES).join("\n");

test("both languages have the same keys; only English tells one from many", () => {
  const whole = (words: Map<string, string>) => [...words.keys()].filter((key) => !plural(key)).sort();
  expect(whole(zh)).toEqual(whole(en));
});

test.each([...en.keys()].filter((key) => zh.has(key)))("%s has the same blanks in both", (key) => {
  expect(blanks(zh.get(key) ?? "")).toEqual(blanks(en.get(key) ?? ""));
});

test("whatever the code asks for by name is there", () => {
  const asked = [...code.matchAll(/\bt\(\s*"([\w.-]+)"/g)].map((found) => found[1] ?? "");
  expect(asked.filter((key) => !en.has(key))).toEqual([]);
});

test("nothing is there that no code asks for", () => {
  // Keys made at run time begin as the code writes it: `t(`kit.${...}`)`.
  const begun = [...code.matchAll(/`([\w.-]+\.[\w.-]*)\$\{/g)].map((found) => found[1] ?? "");
  const unasked = [...en.keys()].filter(
    (key) => !code.includes(`"${key.replace(/_one$/, "")}"`) && !begun.some((start) => key.startsWith(start)),
  );
  expect(unasked).toEqual([]);
});

test("Chinese words are Chinese, but for names and units", () => {
  const latin = [...zh].filter(([, text]) =>
    /[a-z]{4,}\s+[a-z]{4,}\s+[a-z]{4,}/i.test(text.replace(/\{\w+\}/g, "")),
  );
  expect(latin).toEqual([]);
});
