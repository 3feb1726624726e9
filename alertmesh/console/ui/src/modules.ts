/** The modules that are installed: what they say of themselves, in the reader's language. */

import { signal } from "@preact/signals";
import { type Answer, get, Problem } from "./api";
import { language } from "./words";

export type Module = Answer<"/api/v1/modules">["modules"][number];
export type ModulePage = Module["pages"][number];
export type ModuleAction = Module["actions"][number];
export type ModuleField = ModulePage["fields"][number];
export type Sheet = Answer<"/api/v1/modules/{module}/pages/{page}">["sheet"];
export type Block = Sheet["blocks"][number];
export type Of<K extends Block["kind"]> = Extract<Block, { kind: K }>;
export type Words = Module["title"];

/** All of them, by name; null until that is known. */
export const modules = signal<Module[] | null>(null);

let asking = false;

/** Ask which there are; whoever may not know has none. */
export async function discover(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    modules.value = (await get("/api/v1/modules")).modules;
  } catch (error) {
    if (error instanceof Problem && error.status >= 400 && error.status < 500) modules.value ??= [];
  } finally {
    asking = false;
  }
}

/** Return a text of a module in the language in force. */
export function said(words: Words | null | undefined): string {
  return words ? words[language.value] : "";
}

/** Return the address of a module's first page. */
export function entry(of: Module): string {
  return `/m/${of.name}/${of.pages[0]?.name ?? ""}`;
}
