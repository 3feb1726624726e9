/**
 * The list as it is shown: it follows what happens, but never under the hand of who works with it. While somebody does,
 * the order is held: rows change in place, new ones wait, and those that ended stay.
 */

import { batch, computed, type Signal, signal } from "@preact/signals";
import { status } from "../../live";
import { known, rows } from "../../rows";
import { me, session } from "../../session";
import { toggled } from "../../sets";
import { over, untaken } from "../../standing";
import { fits } from "./filter";
import { grouped, held, ordered } from "./order";
import { concerns, type Row } from "./row";
import { teams } from "../../people";
import { filter, group, show, sort, view, type View } from "./view";

/** Some incidents beneath one heading; without a heading `key` is null. */
export interface Part {
  key: string | null;
  ids: readonly number[];
}

/** One line of the list. */
export type Line =
  | { kind: "head"; name: string; part: Part }
  | { kind: "row"; name: string; id: number }
  | { kind: "cards"; name: string; ids: readonly number[] };

export const shown = signal<readonly Part[]>([]);
export const selected = signal<ReadonlySet<number>>(new Set());

/** Incidents that something is about to be done to: it can still be taken back. */
export const pending = signal<ReadonlySet<number>>(new Set());

/** The line that the keyboard is at. */
export const cursor = signal<string | null>(null);

/** Headings that are not as they are to begin with: open, but folded in a storm. */
const turned = signal<ReadonlySet<string>>(new Set());

/** What waits to be shown, and what stays only because the order is held. */
export const waiting = signal<{ fresh: number; gone: number }>({ fresh: 0, gone: 0 });

/** Since when there has been a storm; empty while there is none. Like the order, it changes under nobody's hand. */
export const storming = signal("");

/** Incidents of the past that were asked for. */
export const past = new Map<number, Signal<Row>>();

/** How many cards stand side by side. */
export const columns = signal(1);

/** Return an incident that is known. */
export const find = (id: number): Row | undefined => (rows.get(id) ?? past.get(id))?.value;
const glance = (id: number): Row | undefined => (rows.get(id) ?? past.get(id))?.peek();

/** Tell whether a heading is open. */
export const unfolded = (key: string) => turned.value.has(key) === (view.value === "storm");

export function fold(key: string): void {
  turned.value = toggled(turned.peek(), key);
}

/** Every number that is shown, in order, those beneath folded headings as well. */
export const ids = computed(() => shown.value.flatMap((part) => part.ids));

export const lines = computed<Line[]>(() => {
  const found: Line[] = [];
  for (const part of shown.value) {
    const lone = view.value === "storm" && part.ids.length === 1;
    if (part.key !== null && !lone) {
      found.push({ kind: "head", name: `g${part.key}`, part });
      if (!unfolded(part.key)) continue;
    }
    if (show.value === "list") for (const id of part.ids) found.push({ kind: "row", name: `r${id}`, id });
    else found.push(...inRows(part.ids, columns.value));
  }
  return found;
});

function inRows(all: readonly number[], wide: number): Line[] {
  const found: Line[] = [];
  for (let start = 0; start < all.length; start += wide) {
    const some = all.slice(start, start + wide);
    found.push({ kind: "cards", name: `r${some[0]}`, ids: some });
  }
  return found;
}

/** Tell whether a view has room for a row. */
export function belongs(row: Row, to: View): boolean {
  if (over(row)) return false;
  if (to === "mine") return concerns(row, me.peek()) || concerns(row, session.peek()?.name ?? "");
  if (to === "tier") return teams.peek().includes(row.team ?? "");
  return true;
}

/** How many incidents each view has now. */
export const tallies = signal<Record<"mine" | "tier" | "open" | "untaken", number>>({
  mine: 0,
  tier: 0,
  open: 0,
  untaken: 0,
});

/**
 * Bring the list up to date; when it is held in place only, and when it is to be calm only if rows came or went. Return
 * whether it now is as it should be.
 */
export function settle(isHeld: boolean, isCalm = false): boolean {
  const all = known.peek().flatMap((id) => rows.get(id)?.peek() ?? []);
  count(all);
  if (view.peek() === "past") return true;
  const wish = filter.peek();
  const wanted = ordered(
    all.filter((row) => belongs(row, view.peek()) && fits(row, wish)),
    sort.peek(),
  );
  const before = shown.peek().flatMap((part) => part.ids);
  const { waiting: fresh, gone } = held(before, wanted);
  if (isHeld && before.length) {
    forget(before);
    if (waiting.peek().fresh !== fresh.length || waiting.peek().gone !== gone.length) {
      waiting.value = { fresh: fresh.length, gone: gone.length };
    }
    return false;
  }
  storming.value = earliest();
  if (isCalm && !fresh.length && !gone.length) return false;
  place(wanted);
  return true;
}

/** Let go of what is not known any more. */
function forget(before: readonly number[]): void {
  if (before.every((id) => rows.has(id))) return;
  shown.value = shown.peek().map(({ key, ids }) => ({ key, ids: ids.filter((id) => rows.has(id)) }));
}

/** Return since when more comes than usual. */
function earliest(): string {
  return (status.peek()?.storms ?? []).map((storm) => storm.since).sort()[0] ?? "";
}

/** Show these in this order. */
export function place(wanted: readonly number[]): void {
  const by = group.peek();
  const parts: Part[] =
    by === "none"
      ? [{ key: null, ids: wanted }]
      : grouped(wanted, glance, by).map(({ key, ids }) => ({ key, ids }));
  batch(() => {
    if (!same(parts, shown.peek())) shown.value = parts;
    waiting.value = { fresh: 0, gone: 0 };
    const left = [...selected.peek()].filter((id) => wanted.includes(id));
    if (left.length !== selected.peek().size) selected.value = new Set(left);
  });
}

function count(all: readonly Row[]): void {
  const found = { mine: 0, tier: 0, open: 0, untaken: 0 };
  for (const row of all) {
    if (over(row)) continue;
    found.open += 1;
    if (untaken(row)) found.untaken += 1;
    if (belongs(row, "mine")) found.mine += 1;
    if (belongs(row, "tier")) found.tier += 1;
  }
  const before = tallies.peek();
  if (Object.entries(found).some(([name, n]) => before[name as keyof typeof found] !== n))
    tallies.value = found;
}

function same(one: readonly Part[], other: readonly Part[]): boolean {
  return (
    one.length === other.length &&
    one.every((part, place) => {
      const there = other[place];
      return (
        part.key === there?.key &&
        part.ids.length === there.ids.length &&
        part.ids.every((id, at) => id === there.ids[at])
      );
    })
  );
}

// What is selected

let anchor: number | null = null;

/** Select an incident, or no longer; with `range` all from the one before up to it. */
export function select(id: number, range = false): void {
  const all = ids.peek();
  const [from, to] = [all.indexOf(anchor ?? id), all.indexOf(id)];
  if (range && anchor !== null && from >= 0 && to >= 0) {
    const some = all.slice(Math.min(from, to), Math.max(from, to) + 1);
    selected.value = new Set([...selected.peek(), ...some]);
  } else {
    selected.value = toggled(selected.peek(), id);
  }
  anchor = id;
}

/** Select all of some incidents, or none of them when all are. */
export function selectAll(some: readonly number[]): void {
  const now = selected.peek();
  const every = some.every((id) => now.has(id));
  selected.value = every ? new Set([...now].filter((id) => !some.includes(id))) : new Set([...now, ...some]);
}

export function unselect(): void {
  selected.value = new Set();
  anchor = null;
}

/** What is done to when a key is pressed: what is selected, else where the keyboard is. */
export function meant(): number[] {
  const some = [...selected.peek()];
  if (some.length) return some;
  const at = cursor.peek();
  return at?.startsWith("r") ? [Number(at.slice(1))] : [];
}
