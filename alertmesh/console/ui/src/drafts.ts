/**
 * What was written and is not sent yet. It outlives the page that it is written on and a sign-in in this tab, is shown
 * to nobody but who wrote it, and is gone with the tab.
 */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { session } from "./session";

/** Drafts of one kind. */
export interface Drafts<T> {
  /** Those of whoever is signed in, by what they are about. */
  mine: ReadonlySignal<Readonly<Record<string, T>>>;
  /** Keep one in place of the one before; without a draft there is none any more. */
  put: (about: string, draft?: T) => void;
}

export function draftsOf<T>(kind: string): Drafts<T> {
  const name = `alertmesh.drafts.${kind}`;
  const all = signal<Readonly<Record<string, Readonly<Record<string, T>>>>>(kept(name));
  const writer = computed(() => session.value?.name ?? "");
  const mine = computed(() => all.value[writer.value] ?? {});
  return {
    mine,
    put: (about, draft) => {
      const { [about]: _, ...others } = mine.peek();
      const now = draft === undefined ? others : { ...others, [about]: draft };
      all.value = { ...all.peek(), [writer.peek()]: now };
      keep(name, all.peek());
    },
  };
}

function kept<T>(name: string): Record<string, Record<string, T>> {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "{}") as Record<string, Record<string, T>>;
  } catch {
    return {};
  }
}

function keep(name: string, all: unknown): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(all));
  } catch {
    // It is full: they are kept as long as the console is open.
  }
}
