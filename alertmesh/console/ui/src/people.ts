/** Who can be paged, and which rosters the person is in. */

import { computed, signal } from "@preact/signals";
import { type Answer, get } from "./api";
import { me } from "./session";

export type Person = Answer<"/api/v1/users">["users"][number];

/** Everybody who can be paged, by name; empty until that is known. */
export const people = signal<ReadonlyMap<string, Person>>(new Map());

/** The rosters that the person takes turns in or leads. */
export const teams = computed<readonly string[]>(() => {
  const mine = people.value.get(me.value);
  return mine ? [...mine.rosters, ...mine.leads] : [];
});

let asked = false;

/** Ask for the people, once unless `anew`; without them names are shown as they are. */
export async function meet(anew = false): Promise<void> {
  if (asked && !anew) return;
  asked = true;
  const found = new Map<string, Person>();
  try {
    let after: string | null = null;
    do {
      const page: Answer<"/api/v1/users"> = await get("/api/v1/users", { query: { limit: 500, after } });
      for (const one of page.users) found.set(one.name, one);
      after = page.next;
    } while (after !== null);
    people.value = found;
  } catch {
    asked = false;
  }
}

/** Return what a person is called; their name in the rules when that is all there is. */
export const called = (name: string) => people.value.get(name)?.display || name;
