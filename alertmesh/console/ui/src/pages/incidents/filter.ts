/** What a filter says, and what can be said next: conditions on labels, and words to be found anywhere. */

import { accepts, escaped, type Matcher, written } from "../../matchers";
import type { Row } from "./row";

export interface Filter {
  matchers: readonly Matcher[];
  /** Words that all have to be there; small letters and large ones are the same. */
  words: string;
}

/** Facts that are no labels and can be asked for all the same; a label of the same name goes before. */
const FACTS = ["priority", "state", "owner", "team", "entity", "service"] as const;

/** Tell whether a row is wanted. Of several services one has to fit, and none may be what is not wanted. */
export function fits(row: Row, { matchers, words }: Filter): boolean {
  for (const matcher of matchers) {
    const values = valuesOf(row, matcher.name);
    const hit = matcher.op.startsWith("!")
      ? values.every((value) => accepts(matcher, value))
      : values.some((value) => accepts(matcher, value));
    if (!hit) return false;
  }
  return !words || holds(words, saidOf(row));
}

/** Return the values a row has under a name; an empty one when it has none. */
function valuesOf(row: Row, name: string): readonly string[] {
  const label = row.labels[name];
  if (label !== undefined) return [label];
  switch (name) {
    case "priority":
      return [row.priority];
    case "state":
      return [row.state ?? ""];
    case "owner":
      return [row.owner];
    case "team":
      return [row.team ?? ""];
    case "entity":
      return [row.root?.entity ?? ""];
    case "service":
      return row.services.length ? row.services : [""];
    default:
      return [""];
  }
}

function saidOf(row: Row): string[] {
  return [
    `#${row.id}`,
    row.title,
    row.summary,
    row.owner,
    ...row.paged,
    row.root?.entity ?? "",
    ...row.services,
    ...Object.values(row.labels),
  ];
}

/** Tell whether each of some words stands in one of some texts; small letters and large ones are the same. */
export function holds(words: string, texts: readonly string[]): boolean {
  const said = texts.join("\n").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

/** Tell the conditions that the server can check: those on labels alone. */
export function asked(matchers: readonly Matcher[]): string {
  return matchers
    .filter((one) => !(FACTS as readonly string[]).includes(one.name) || one.name === "service")
    .map(written)
    .join(",");
}

export interface Offer {
  /** What the text becomes when it is taken. */
  text: string;
  /** What is shown. */
  shown: string;
  count: number;
  /** Whether the text is then a whole condition. */
  whole: boolean;
}

const MOST = 8;
const BEGUN = /^\s*(?<name>[^\s=!~",{}]+)\s*(?<op>=~|!~|!=|=)\s*"?(?<before>(?:[^"]*\|)?)(?<value>[^"|]*)$/;

/** Return how the text could go on, by what the rows have: names of labels, then their values; the commonest first. */
export function offers(text: string, rows: Iterable<Row>): Offer[] {
  const begun = BEGUN.exec(text);
  const tally = new Map<string, number>();
  const add = (value: string) => tally.set(value, (tally.get(value) ?? 0) + 1);
  if (!begun?.groups) {
    if (/[\s"]/.test(text)) return [];
    for (const row of rows) for (const name of new Set([...Object.keys(row.labels), ...FACTS])) add(name);
    return ranked(tally, text).map(([name, count]) => ({
      text: `${name}=`,
      shown: name,
      count,
      whole: false,
    }));
  }
  const { name = "", op = "=", before = "", value = "" } = begun.groups;
  for (const row of rows) for (const one of valuesOf(row, name)) if (one) add(one);
  return ranked(tally, value).map(([one, count]) => ({
    text: `${name}${op}"${before}${escaped(one)}"`,
    shown: one,
    count,
    whole: true,
  }));
}

/** Return what begins with the start, then what holds it, each the commonest first. */
function ranked(tally: Map<string, number>, start: string): [string, number][] {
  const wanted = start.trim().toLowerCase();
  return [...tally]
    .map(([name, count]) => ({ name, count, at: name.toLowerCase().indexOf(wanted) }))
    .filter((one) => one.at >= 0)
    .sort((a, b) => Math.sign(a.at) - Math.sign(b.at) || b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, MOST)
    .map(({ name, count }) => [name, count]);
}
