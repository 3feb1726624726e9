/** The keyboard: what each key does here, and the list of it that `?` shows. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** A key (`j`, `Enter`, `Shift+A`), or two after one another (`g i`), what it does in words, and what it does. */
export interface Key {
  keys: string;
  says: string;
  act: (event: KeyboardEvent) => void;
  /** Whether it goes on doing so while it is held down; what is done to incidents is done once. */
  repeats?: boolean;
}

interface Board {
  keys: () => Key[];
}

const boards = signal<Board[]>([]);
const PAUSE_MS = 1_000;
let first = "";
let firstAt = 0;

/** Return every key that does something now, those of the newest view first. */
export function known(): Key[] {
  return boards.value.toReversed().flatMap((board) => board.keys());
}

/** Have keys do something as long as the component is shown; the newest view wins. */
export function useKeys(keys: Key[]): void {
  const newest = useRef(keys);
  newest.current = keys;
  useEffect(() => {
    const board = { keys: () => newest.current };
    boards.value = [...boards.peek(), board];
    return () => {
      boards.value = boards.peek().filter((one) => one !== board);
    };
  }, []);
}

/** Tell whether a key is an input method's: Enter takes over what was composed. Safari tells it by the code alone. */
export const composing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229;

/** Tell whether somebody is typing, or a dialog has the keyboard. */
function taken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog[open]") || document.querySelector("dialog[open]")) return true;
  if (target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type)) return false;
  return (
    target.isContentEditable || target.shadowRoot !== null || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
  );
}

function named(event: KeyboardEvent): string {
  const shifted = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
  return shifted + event.key;
}

addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || composing(event) || taken(event)) return;
  const name = named(event);
  // Enter and Space belong to the button or link that has the focus.
  if (
    (name === "Enter" || name === " ") &&
    event.target instanceof Element &&
    event.target.closest("a,button,summary")
  )
    return;
  const pair = performance.now() - firstAt < PAUSE_MS ? `${first} ${name}` : "";
  const all = known();
  const found = all.find((key) => key.keys === pair) ?? all.find((key) => key.keys === name);
  if (found) {
    event.preventDefault();
    first = "";
    if (!event.repeat || found.repeats) found.act(event);
    return;
  }
  first = name;
  firstAt = performance.now();
});
