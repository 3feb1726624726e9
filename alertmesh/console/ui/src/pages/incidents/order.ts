/** In which order incidents stand, and which stand together. */

import { over, untaken } from "../../standing";
import { next, type Row, rootOf } from "./row";

export type Sort = "urgent" | "opened" | "changed" | "alerts";
export type Grouping = "none" | "service" | "cluster" | "owner" | "team" | "root";

export const SORTS: readonly Sort[] = ["urgent", "opened", "changed", "alerts"];
export const GROUPINGS: readonly Grouping[] = ["none", "service", "cluster", "owner", "team", "root"];

const QUIET = new Set(["held", "snoozed", "suppressed", "cleared"]);
const LATE = Number.MAX_SAFE_INTEGER;

/** What an order goes by, computed once a row. */
interface Key {
  id: number;
  by: readonly (number | string)[];
}

/** Return the numbers of the rows in order. Urgent: what nobody has, worst and soonest first; what is over last. */
export function ordered(rows: readonly Row[], sort: Sort): number[] {
  const keys: Key[] = rows.map((row) => ({
    id: row.id,
    by: [over(row) ? 1 : 0, ...KEYS[sort](row), row.id],
  }));
  return keys.sort(compared).map((key) => key.id);
}

const KEYS: Record<Sort, (row: Row) => (number | string)[]> = {
  urgent: (row) => [rank(row), row.priority, due(row), Date.parse(row.opened_at)],
  opened: (row) => [-Date.parse(row.opened_at)],
  changed: (row) => [-Date.parse(row.changed_at)],
  alerts: (row) => [-row.counts.alerts],
};

function rank(row: Row): number {
  if (untaken(row)) return 0;
  return QUIET.has(row.state ?? "held") ? 2 : 1;
}

function due(row: Row): number {
  const soonest = next(row);
  return soonest ? Date.parse(soonest.at) : LATE;
}

function compared(one: Key, other: Key): number {
  for (let place = 0; place < one.by.length; place += 1) {
    const [mine, theirs] = [one.by[place] ?? 0, other.by[place] ?? 0];
    if (mine < theirs) return -1;
    if (mine > theirs) return 1;
  }
  return 0;
}

/** Incidents that stand together. */
export interface Group {
  /** What they share; empty when they have no such thing. */
  key: string;
  ids: readonly number[];
  worst: string;
  untaken: number;
  alerts: number;
}

/** Return the groups in the order of their first rows, those without a name last. `ids` are in order. */
export function grouped(ids: readonly number[], of: (id: number) => Row | undefined, by: Grouping): Group[] {
  const found = new Map<string, number[]>();
  for (const id of ids) {
    const row = of(id);
    if (!row) continue;
    const key = shared(row, by);
    const kept = found.get(key);
    if (kept) kept.push(id);
    else found.set(key, [id]);
  }
  const groups = [...found].map(([key, ids]) => summed(key, ids, of));
  return [...groups.filter((group) => group.key), ...groups.filter((group) => !group.key)];
}

/** Return what a group amounts to now. */
export function summed(key: string, ids: readonly number[], of: (id: number) => Row | undefined): Group {
  let worst = "P4";
  let waiting = 0;
  let alerts = 0;
  for (const id of ids) {
    const row = of(id);
    if (!row) continue;
    if (row.priority < worst && !over(row)) worst = row.priority;
    if (untaken(row)) waiting += 1;
    alerts += row.counts.alerts;
  }
  return { key, ids, worst, untaken: waiting, alerts };
}

function shared(row: Row, by: Grouping): string {
  switch (by) {
    case "none":
      return "";
    case "service":
      return row.labels["service"] ?? row.services[0] ?? "";
    case "cluster":
      return row.labels["cluster"] ?? "";
    case "owner":
      return row.owner;
    case "team":
      return row.team ?? "";
    case "root":
      return rootOf(row);
  }
}

/**
 * Return what is shown when the order is held: what was shown stays where it is, what is new has to wait. `waiting` are
 * the new ones, `gone` those that would not be shown any more.
 */
export function held(
  shown: readonly number[],
  wanted: readonly number[],
): { waiting: number[]; gone: number[] } {
  const before = new Set(shown);
  const after = new Set(wanted);
  return { waiting: wanted.filter((id) => !before.has(id)), gone: shown.filter((id) => !after.has(id)) };
}
