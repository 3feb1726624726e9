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
  const found: Record<string, string[]> = {};
  for (const name of Object.keys(first?.labels ?? {})) {
    const values = new Set<string>([first?.labels[name] ?? ""]);
    for (const one of others) values.add(one.labels[name] ?? "");
    if (!values.has("") && values.size <= MOST_VALUES) found[name] = [...values].sort();
  }
  return having(found);
}

/** Return the conditions of labels with these values. */
function having(labels: Readonly<Record<string, readonly string[]>>): Matcher[] {
  const names = Object.keys(labels).filter((name) => !APART.has(name));
  return names.sort().map((name) => anyOf(name, labels[name] ?? []));
}

const text = (matchers: readonly Matcher[]): string => matchers.map(written).join(", ");

/** Return as a text what all of them have in common. */
export const conditions = (all: readonly Labelled[]): string => text(common(all));

/** Return as a text what the server says that all of an incident's series have in common. */
export const conditionsOf = (labels: Readonly<Record<string, readonly string[]>>): string =>
  text(having(labels));
