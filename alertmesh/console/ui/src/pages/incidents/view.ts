/** Which view of the incidents is asked for: all of it is in the address, and what somebody likes is remembered. */

import { computed, signal } from "@preact/signals";
import { BadMatcher, type Matcher, parseMatchers, written } from "../../matchers";
import { ask, query } from "../../route";
import type { Filter } from "./filter";
import { type Grouping, GROUPINGS, type Sort, SORTS } from "./order";

export type View = "mine" | "tier" | "open" | "storm" | "past";
export type Show = "list" | "cards";
const VIEWS: readonly View[] = ["mine", "tier", "open", "storm", "past"];
const KEPT = "alertmesh.incidents";
const PARTS = ["view", "filter", "q", "group", "sort", "show"] as const;

interface Liking {
  group: Grouping;
  sort: Sort;
  show: Show;
}

const USUAL: Liking = { group: "none", sort: "urgent", show: "list" };

/** The view when the address names none. */
export const standard = signal<View>("open");

/** Whether the screen is that of a phone. */
export const phone = watched("(max-width: 720px)");

/** Whether it is touched rather than pointed at: lines are higher then. */
export const touched = watched("(pointer: coarse)");

export const view = computed<View>(() => known(VIEWS, query.value.get("view"), standard.value));

/** What the address says of conditions, and what is wrong with that. */
const read = computed<{ matchers: readonly Matcher[]; fault: BadMatcher | null }>(() => {
  try {
    return { matchers: parseMatchers(query.value.get("filter") ?? ""), fault: null };
  } catch (error) {
    if (!(error instanceof BadMatcher)) throw error;
    return { matchers: [], fault: error };
  }
});

/** The condition in the address that cannot be read. */
export const fault = computed(() => read.value.fault);

export const filter = computed<Filter>(() => ({
  matchers: read.value.matchers,
  words: (query.value.get("q") ?? "").trim(),
}));

const liked = signal<Liking>(remembered());

/** An address that says nothing at all is shown as somebody likes it; any other says everything. */
const liking = computed<Liking>(() => {
  const asked = query.value;
  const plain = PARTS.every((part) => !asked.has(part));
  const kept: Liking = plain ? liked.value : USUAL;
  return {
    group: known(GROUPINGS, asked.get("group"), kept.group),
    sort: known(SORTS, asked.get("sort"), kept.sort),
    show: known(["list", "cards"], asked.get("show"), kept.show),
  };
});

export const group = computed<Grouping>(() => (view.value === "storm" ? "root" : liking.value.group));
export const sort = computed<Sort>(() => liking.value.sort);
export const show = computed<Show>(() => (phone.value ? "cards" : liking.value.show));

/** Choose how it is shown; that stays. */
export function like(parts: Partial<Liking>): void {
  const next = { ...liking.peek(), ...parts };
  liked.value = next;
  localStorage.setItem(KEPT, JSON.stringify(next));
  ask({ view: view.peek(), ...inQuery(next) });
}

/** Go to another view; what is liked goes along. */
export function choose(next: View): void {
  ask({ view: next, ...inQuery(liking.peek()) }, false);
}

/** What is as usual is not in the address. */
const inQuery = ({ group, sort, show }: Liking) => ({
  group: group === USUAL.group ? null : group,
  sort: sort === USUAL.sort ? null : sort,
  show: show === USUAL.show ? null : show,
});

/** Ask for other conditions. */
export function narrow(parts: { matchers?: readonly Matcher[]; words?: string }): void {
  const now = filter.peek();
  const text = (parts.matchers ?? now.matchers).map(written).join(",");
  ask({ view: view.peek(), filter: text || null, q: parts.words ?? (now.words || null) });
}

function remembered(): Liking {
  let kept: Partial<Record<keyof Liking, string>> = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as typeof kept;
  } catch {
    // As if nothing had been kept.
  }
  return {
    group: known(GROUPINGS, kept.group, USUAL.group),
    sort: known(SORTS, kept.sort, USUAL.sort),
    show: known(["list", "cards"], kept.show, USUAL.show),
  };
}

function known<K extends string>(of: readonly K[], text: string | null | undefined, otherwise: K): K {
  return of.find((one) => one === text) ?? otherwise;
}

function watched(condition: string) {
  const watch = matchMedia(condition);
  const now = signal(watch.matches);
  watch.addEventListener("change", () => {
    now.value = watch.matches;
  });
  return now;
}
