/**
 * What is shown of something before the server answers: guesses that lie over what the server told of it. An answer takes
 * away its own guess and no other, and what is beneath is always the newest that was told.
 */

import type { Signal } from "@preact/signals";

interface Lying {
  told: object;
  guesses: readonly object[];
}

const lying = new WeakMap<object, Lying>();

/** Return what the server told of it last. */
export const told = <T extends object>(shown: Signal<T>): T =>
  (lying.get(shown)?.told as T | undefined) ?? shown.peek();

/** Take what the server says of it; guesses stay over it. */
export function said<T extends object>(shown: Signal<T>, now: T): void {
  lay(shown, now, lying.get(shown)?.guesses ?? []);
}

/** Lay a guess over it; return what takes this one away. */
export function guess<T extends object>(shown: Signal<T>, parts: Partial<T>): () => void {
  const mine = { ...parts };
  lay(shown, told(shown), [...(lying.get(shown)?.guesses ?? []), mine]);
  return () => {
    const all = lying.get(shown)?.guesses ?? [];
    if (all.includes(mine)) {
      lay(
        shown,
        told(shown),
        all.filter((one) => one !== mine),
      );
    }
  };
}

function lay<T extends object>(shown: Signal<T>, now: T, guesses: readonly object[]): void {
  if (guesses.length) lying.set(shown, { told: now, guesses });
  else lying.delete(shown);
  shown.value = Object.assign({}, now, ...guesses) as T;
}
