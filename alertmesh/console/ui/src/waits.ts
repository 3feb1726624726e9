/** How long to wait before the server is asked again that did not answer. */

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** Return the wait in milliseconds after so many tries: longer each time, and not that of every other console. */
export function waitMs(tries: number): number {
  return Math.min(FIRST_MS * 2 ** tries, LONGEST_MS) * (0.25 + 0.75 * Math.random());
}
