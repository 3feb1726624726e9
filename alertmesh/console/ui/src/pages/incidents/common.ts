/** What some incidents or series have in common, as conditions for a silence. */

import { anyOf, type Matcher, written } from "../../matchers";

/** Whatever has labels. */
interface Labelled {
  labels: Readonly<Record<string, string>>;
}

const MOST_VALUES = 12;
const APART = new Set(["severity", "priority"]);

/**
 * Return conditions that every one of them meets and few others do: each label that all of them have, by its value or
 * its few values. How bad it is does not count, for a silence should hold when it gets worse.
 */
export function common(all: readonly Labelled[]): Matcher[] {
  const [first, ...others] = all;
  if (!first) return [];
  const found: Matcher[] = [];
  for (const name of Object.keys(first.labels).sort()) {
    if (APART.has(name)) continue;
    const values = new Set<string>([first.labels[name] ?? ""]);
    for (const one of others) values.add(one.labels[name] ?? "");
    if (!values.has("") && values.size <= MOST_VALUES) found.push(anyOf(name, [...values].sort()));
  }
  return found;
}

/** Return the same as a text. */
export const conditions = (all: readonly Labelled[]): string => common(all).map(written).join(", ");
