/** Where we are: the address holds everything that makes a view, so every view can be shared and gone back to. */

import { computed, signal } from "@preact/signals";

const address = signal(here());

/** The path, without query. */
export const path = computed(() => address.value.pathname);

/** The query, as the address has it. */
export const query = computed(() => address.value.searchParams);

/** Go to an address of ours. `replace` leaves no trace in the history, for what is typed and chosen. */
export function go(to: string, replace = false): void {
  const next = new URL(to, location.href);
  if (next.href === location.href) return;
  history[replace ? "replaceState" : "pushState"](null, "", next);
  address.value = next;
  if (!replace) scrollTo(0, 0);
}

/** Change parts of the query in place; an empty value takes a part away. */
export function ask(parts: Record<string, string | null>, replace = true): void {
  const next = new URL(address.peek());
  for (const [name, value] of Object.entries(parts)) {
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  }
  go(next.href, replace);
}

/** Return the named parts of `pattern` (`/incidents/:id`) in a path, or null when it does not fit. */
export function fit(pattern: string, at: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = (at.replace(/\/+$/, "") || "/").split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [place, part] of wanted.entries()) {
    const text = given[place] ?? "";
    if (part.startsWith(":")) found[part.slice(1)] = decodeURIComponent(text);
    else if (part !== text) return null;
  }
  return found;
}

function here(): URL {
  return new URL(location.href);
}

addEventListener("popstate", () => {
  address.value = here();
});

/** Follow plain clicks on links of ours without loading anew; `data-out` marks those that leave the console. */
addEventListener("click", (event) => {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.origin !== location.origin || link.target || link.dataset["out"] !== undefined) return;
  if (/^\/(api|p|-)\//.test(link.pathname)) return;
  event.preventDefault();
  go(link.href);
});
