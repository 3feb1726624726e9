/**
 * What the console says: one catalogue for each language, in sections by area of the console. The first page comes with
 * its own words; those of all others are loaded with the first of them.
 */

import { computed, effect, signal } from "@preact/signals";

export type Language = "en" | "zh";
type Section = Record<string, string>;
type Loaded = Record<string, { default: Section }>;

type Share = "first" | "rest";
const LOADERS: Record<Language, Record<Share, () => Promise<{ catalogue: Loaded }>>> = {
  en: { first: () => import("./words/en"), rest: () => import("./words/en.rest") },
  zh: { first: () => import("./words/zh"), rest: () => import("./words/zh.rest") },
};
const KEPT = "alertmesh.language";

/** What the person chose; `auto` goes by the browser. */
export const chosen = signal<Language | "auto">(remembered());

/** The language in force. */
export const language = computed<Language>(() =>
  chosen.value !== "auto" ? chosen.value : navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en",
);

const catalogues = signal<Partial<Record<Language, Map<string, string>>>>({});

/** The BCP 47 name of the language in force, for dates and numbers. */
export const locale = computed(() => (language.value === "zh" ? "zh-CN" : "en-GB"));

/**
 * Return the words of `area.key`, with `{names}` filled in. A key may have a second form `key_one`, for a count `n` of
 * one.
 */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const words = catalogues.value[language.value];
  const one = values["n"] === 1 ? words?.get(`${key}_one`) : undefined;
  const text = one ?? words?.get(key) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Return the words of a key made at run time, or `otherwise` when there are none. */
export function tOr(key: string, otherwise: string): string {
  return catalogues.value[language.value]?.get(key) ?? otherwise;
}

/** Return some names as one would say them. */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat(locale.value, { type: "conjunction" }).format(names);
}

/** Have the words of the first page at hand, in the language in force. */
export async function ready(): Promise<void> {
  await load(language.peek());
}

/** Have the words of every page at hand, from now on in whichever language is in force. */
export async function whole(): Promise<void> {
  shares = ["first", "rest"];
  await load(language.peek());
}

let shares: Share[] = ["first"];
const loads = new Map<string, Promise<void>>();

async function load(wanted: Language): Promise<void> {
  await Promise.all(shares.map((share) => loadOnce(wanted, share)));
}

function loadOnce(wanted: Language, share: Share): Promise<void> {
  const name = `${wanted} ${share}`;
  const begun = loads.get(name) ?? LOADERS[wanted][share]().then(({ catalogue }) => add(wanted, catalogue));
  loads.set(name, begun);
  begun.catch(() => loads.delete(name));
  return begun;
}

function add(to: Language, catalogue: Loaded): void {
  const all = new Map(catalogues.peek()[to]);
  for (const [file, section] of Object.entries(catalogue)) {
    const area = file.replace(/^.*\/|\.json$/g, "");
    for (const [key, text] of Object.entries(section.default)) all.set(`${area}.${key}`, text);
  }
  catalogues.value = { ...catalogues.peek(), [to]: all };
}

function remembered(): Language | "auto" {
  const kept = localStorage.getItem(KEPT);
  return kept === "en" || kept === "zh" ? kept : "auto";
}

effect(() => {
  localStorage.setItem(KEPT, chosen.value);
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  void load(language.value);
});
