/** Incidents that are over, newest first, a page at a time. */

import { signal } from "@preact/signals";
import { get, type Problem } from "../../api";
import { asked, type Filter, fits } from "./filter";
import { past, place } from "./list";
import { view } from "./view";

const PAGE = 100;
const STATES = "resolved,closed,merged";

/** How far the past was read: where it goes on, whether it is being read, and what went wrong. */
export const reading = signal<{ next: number | null; busy: boolean; error: Problem | null }>({
  next: null,
  busy: false,
  error: null,
});

let running: AbortController | undefined;

/** Show what was read of the past. */
export function showPast(filter: Filter): void {
  place(
    [...past.values()]
      .map((one) => one.peek())
      .filter((row) => fits(row, filter))
      .map((row) => row.id),
  );
}

/** Read the newest of the past, or go on from `before`. */
export async function readPast(filter: Filter, before: number | null = null): Promise<void> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  if (before === null) {
    past.clear();
    place([]);
  }
  reading.value = { next: before, busy: true, error: null };
  try {
    const page = await get("/api/v1/incidents/rows", {
      query: { state: STATES, filter: asked(filter.matchers), limit: PAGE, before },
      signal: mine.signal,
    });
    for (const row of page.rows) past.set(row.id, signal(row));
    if (view.peek() === "past") showPast(filter);
    reading.value = { next: page.next, busy: false, error: null };
  } catch (error) {
    if (mine.signal.aborted) return;
    reading.value = { ...reading.peek(), busy: false, error: error as Problem };
  }
}
