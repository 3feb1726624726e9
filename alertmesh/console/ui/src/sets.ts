/** Small things done to sets and lists. */

/** Return a set with one more, or without it when it is in there. */
export function toggled<T>(set: ReadonlySet<T>, one: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(one)) next.add(one);
  return next;
}

/** Return the first of some names, and how many more there are. */
export function few(names: readonly string[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` +${more}` : "");
}
