/** Where in a YAML file a cursor stands: by indentation, so that it is known while a line is still being typed. */

/** A key, or -1 for an entry of a list. */
export type Step = string | -1;

export interface Place {
  /** The keys above the cursor. */
  path: Step[];
  /** `key`: a key is being typed here; `value`: the value of the last step of `path`. */
  of: "key" | "value";
  /** What was typed of it so far, and where that begins in the line. */
  typed: string;
  from: number;
  /** In `{…}` or `[…]` on one line. */
  flow: boolean;
}

interface Entry {
  column: number;
  step: Step;
}

const KEY =
  /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s#"'{}[\],:&*!|>%@`-][^#:]*?|-[^\s#:][^#:]*?))\s*:(?=\s|$)/;

/** Return where the cursor stands in `lines[line]` at `column`. */
export function placeAt(lines: readonly string[], line: number, column: number): Place {
  const text = (lines[line] ?? "").slice(0, column);
  const { entries, rest, restAt } = entriesOf(text);
  const last = entries.at(-1);
  const inValue = typeof last?.step === "string";
  const own = entries.map((entry) => entry.step);
  const least = entries[0]?.column ?? restAt;
  const above = parents(lines, line, least, entries[0]?.step === -1);
  const path = [...above, ...own];
  if (inValue || flowBegins(rest)) {
    const inside = inFlow(rest);
    if (inside) return { ...inside, path: [...path, ...inside.path], from: restAt + inside.from, flow: true };
    return {
      path,
      of: "value",
      typed: rest.trimStart(),
      from: restAt + rest.length - rest.trimStart().length,
      flow: false,
    };
  }
  return { path, of: "key", typed: rest, from: restAt, flow: false };
}

/** Return the keys of the mapping that the cursor's line belongs to, so that none is offered twice. */
export function siblings(lines: readonly string[], line: number): Set<string> {
  const { entries, restAt } = entriesOf(lines[line] ?? "");
  const mine = entries.find((entry) => typeof entry.step === "string")?.column ?? restAt;
  const found = new Set<string>();
  for (const way of [-1, 1]) {
    for (let at = line + way; at >= 0 && at < lines.length; at += way) {
      const one = entriesOf(lines[at] ?? "").entries;
      const first = one[0];
      if (!first) continue;
      const begins = one.some((entry) => entry.step === -1 && entry.column < mine);
      const key = one.find((entry) => entry.column === mine && typeof entry.step === "string");
      if (way === 1 && begins) break;
      if (key) found.add(String(key.step));
      if (begins || first.column < mine) break;
    }
  }
  return found;
}

/** Return the path of the key that stands at a column of a line, or null. */
export function keyAt(lines: readonly string[], line: number, column: number): Step[] | null {
  const { entries } = entriesOf(lines[line] ?? "");
  const key = entries.at(-1);
  if (typeof key?.step !== "string" || column < key.column || column > key.column + key.step.length)
    return null;
  const own = entries.map((entry) => entry.step);
  return [...parents(lines, line, entries[0]?.column ?? 0, entries[0]?.step === -1), ...own];
}

/** Return what a line says of its structure, from left to right, and the rest after that. */
function entriesOf(line: string): { entries: Entry[]; rest: string; restAt: number } {
  const entries: Entry[] = [];
  let column = line.length - line.trimStart().length;
  let rest = line.slice(column);
  if (rest.startsWith("#")) return { entries, rest: "", restAt: column };
  for (let dash = /^-(\s+|$)/.exec(rest); dash; dash = /^-(\s+|$)/.exec(rest)) {
    entries.push({ column, step: -1 });
    column += dash[0].length;
    rest = rest.slice(dash[0].length);
  }
  const key = KEY.exec(rest);
  if (key) {
    entries.push({ column, step: key[1] ?? key[2] ?? key[3] ?? "" });
    column += key[0].length;
    rest = rest.slice(key[0].length);
  }
  return { entries, rest, restAt: column };
}

/** Return the steps above a line whose structure begins at `column`, the outermost first. */
function parents(lines: readonly string[], line: number, column: number, isItem: boolean): Step[] {
  const found: Step[] = [];
  let limit = column;
  let item = isItem;
  for (let at = line - 1; at >= 0 && (limit > 0 || item); at -= 1) {
    for (const entry of entriesOf(lines[at] ?? "").entries.reverse()) {
      // The entries of a list may stand as far left as the key that holds them.
      const holds = entry.column < limit || (item && entry.column === limit && entry.step !== -1);
      if (!holds) continue;
      found.unshift(entry.step);
      limit = entry.column;
      item = entry.step === -1;
    }
  }
  return found;
}

const flowBegins = (text: string) => /^\s*[{[]/.test(text);

/** Return the place in the brackets that are still open at the end of `text`; null when none is. */
function inFlow(text: string): Pick<Place, "path" | "of" | "typed" | "from"> | null {
  const open: { list: boolean; key: Step | null }[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if (sign === '"' || sign === "'") {
      const end = text.indexOf(sign, at + 1);
      if (end < 0) break;
      at = end;
    } else if (sign === "{" || sign === "[") {
      open.push({ list: sign === "[", key: null });
      from = at + 1;
    } else if (sign === "}" || sign === "]") {
      open.pop();
      from = at + 1;
    } else if (sign === ",") {
      const inner = open.at(-1);
      if (inner) inner.key = null;
      from = at + 1;
    } else if (sign === ":" && /\s|$/.test(text[at + 1] ?? " ")) {
      const inner = open.at(-1);
      if (inner && !inner.list)
        inner.key = text
          .slice(from, at)
          .trim()
          .replace(/^["']|["']$/g, "");
      from = at + 1;
    }
  }
  const inner = open.at(-1);
  if (!inner) return null;
  const path = open.flatMap((one): Step[] => (one.list ? [-1] : one.key === null ? [] : [one.key]));
  const tail = text.slice(from);
  const typed = tail.trimStart();
  const of = inner.list || inner.key !== null ? "value" : "key";
  return { path, of, typed, from: from + tail.length - typed.length };
}
