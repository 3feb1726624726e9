/** Short words at the edge of the screen: what was done, with a way back; and what went wrong. */

import { signal } from "@preact/signals";
import { Problem } from "./api";
import { t } from "./words";

export interface Notice {
  id: number;
  tone: "done" | "bad";
  text: string;
  undo?: () => void;
  /** Where what it is about can be seen. */
  at?: string;
}

export const notices = signal<Notice[]>([]);

/** The dialogs that are open, the uppermost last: whatever lies beneath can be neither seen well nor pressed. */
export const covers = signal<readonly object[]>([]);

/** Lie over all else from now on; return what ends it. */
export function cover(dialog: object): () => void {
  covers.value = [...covers.peek(), dialog];
  return () => {
    covers.value = covers.peek().filter((one) => one !== dialog);
  };
}

const SHOWN_MS = 6_000;
const MOST = 4;
let last = 0;

/** Tell that something was done; `undo` takes it back. */
export function done(text: string, undo?: () => void): number {
  return show({ tone: "done", text, ...(undo && { undo }) }, undo ? 2 * SHOWN_MS : SHOWN_MS);
}

/** Tell what went wrong, in the words of the server where it gave any; a text as it is. `at` is where to see to it. */
export function failed(error: unknown, what = "", at = ""): number {
  const why = whyNot(error);
  return show({ tone: "bad", text: what ? `${what}: ${why}` : why, ...(at && { at }) }, 2 * SHOWN_MS);
}

/** Say why something that somebody asked for was not done; nobody does it in their stead. */
export function whyNot(error: unknown): string {
  if (!(error instanceof Problem)) return String(error);
  if (error.status === 0) return t("kit.unsent");
  if (error.status === 403) return t("kit.forbidden");
  return error.message || t("kit.broken");
}

/** Take a notice away. */
export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/**
 * Do something at once in what is shown, then on the server; take it back in what is shown when the server refuses.
 * `undo` undoes both for as long as the notice is there.
 */
export async function optimistic(
  said: string,
  shown: { apply: () => void; revert: () => void },
  send: () => Promise<unknown>,
  undo?: () => Promise<unknown>,
): Promise<boolean> {
  shown.apply();
  try {
    await send();
  } catch (error) {
    shown.revert();
    failed(error, said);
    return false;
  }
  done(said, undo && (() => void undo().then(shown.revert, (error: unknown) => failed(error))));
  return true;
}

function show(notice: Omit<Notice, "id">, ms: number): number {
  last += 1;
  const id = last;
  notices.value = [...notices.value, { id, ...notice }].slice(-MOST);
  setTimeout(() => dismiss(id), ms);
  return id;
}
