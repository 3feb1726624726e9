/** The open incidents, a signal each, so that a change of one draws one anew: what lists and the alarm look at. */

import { batch, type Signal, signal } from "@preact/signals";
import { type Answer, get } from "./api";
import { said, told } from "./guesses";
import { over } from "./standing";

export type Rows = Answer<"/api/v1/incidents/rows">;
export type Row = Rows["rows"][number];
/** What changed of a row. */
export type Patch = Partial<Row> & { id: number };

/** What a `rows` event tells: rows as a whole, and what changed in others. */
export interface News {
  full: readonly Row[];
  changed: readonly Patch[];
}

/** Every row that is known, by the number of its incident; those that ended stay for a while. */
export const rows = new Map<number, Signal<Row>>();

/** The numbers of the rows that are known, in no order; changes when one comes or goes. */
export const known = signal<readonly number[]>([]);

/** Where the rows stand: not asked for yet, there, or out of date because the server cannot be reached. */
export const state = signal<"loading" | "there" | "failed">("loading");

const PAGE = 1_000;
const STAYS_MS = 15 * 60_000;

/** Since when rows that ended have been so. */
const ended = new Map<number, number>();

/**
 * Ask for all open incidents, and take them if they are still `wanted` when they are all here; return the place in the
 * live stream from which on they change.
 */
export async function fetchRows(wanted: () => boolean): Promise<string> {
  const found = new Map<number, Row>();
  let live = "";
  let before: number | null = null;
  do {
    const page: Rows = await get("/api/v1/incidents/rows", { query: { open: true, limit: PAGE, before } });
    live ||= page.live;
    for (const row of page.rows) found.set(row.id, row);
    before = page.next;
  } while (before !== null);
  if (!wanted()) return live;
  batch(() => {
    for (const id of rows.keys()) if (!found.has(id)) forget(id);
    for (const row of found.values()) put(row);
    tell();
    state.value = "there";
  });
  return live;
}

/** Take what changed. An incident that is not known is over for who looks at open ones. */
export function take(news: News): void {
  batch(() => {
    for (const row of news.full) put(row);
    for (const patch of news.changed) {
      const kept = rows.get(patch.id);
      if (!kept) continue;
      said(kept, { ...told(kept), ...patch });
      mark(told(kept));
    }
    tell();
  });
}

/** Let go of what ended a while ago, so that a console that is never closed does not grow. */
export function tidy(now = Date.now()): void {
  for (const [id, since] of ended) if (now - since > STAYS_MS) forget(id);
  tell();
}

function put(row: Row): void {
  const kept = rows.get(row.id);
  if (!kept) rows.set(row.id, signal(row));
  else if (JSON.stringify(told(kept)) !== JSON.stringify(row)) said(kept, row);
  mark(row);
}

/** Note since when it is over. */
function mark(row: Row): void {
  if (!over(row)) ended.delete(row.id);
  else if (!ended.has(row.id)) ended.set(row.id, Date.now());
}

function forget(id: number): void {
  rows.delete(id);
  ended.delete(id);
}

/** Say so when a row came or went. */
function tell(): void {
  const before = known.peek();
  if (before.length !== rows.size || before.some((id) => !rows.has(id))) known.value = [...rows.keys()];
}
