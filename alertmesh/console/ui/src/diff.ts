/** Two texts, line by line: what went, what came, what stayed. */

export interface DiffLine {
  kind: "same" | "gone" | "new" | "gap";
  text: string;
  /** Line numbers from 1 in the old and the new text; 0 where there is none. */
  before: number;
  after: number;
}

const CONTEXT = 3;
const MOST_CELLS = 4_000_000;

/** Return the lines that differ with a few around them; a `gap` stands for what was left out. */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = split(before);
  const fresh = split(after);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail))
    tail += 1;
  const lines: DiffLine[] = [];
  const same = (place: number, other: number) =>
    lines.push({ kind: "same", text: old[place] ?? "", before: place + 1, after: other + 1 });
  for (let place = 0; place < head; place += 1) same(place, place);
  for (const [a, b] of steps(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail))) {
    if (a >= 0 && b >= 0) same(head + a, head + b);
    else if (a >= 0) lines.push({ kind: "gone", text: old[head + a] ?? "", before: head + a + 1, after: 0 });
    else lines.push({ kind: "new", text: fresh[head + b] ?? "", before: 0, after: head + b + 1 });
  }
  for (let left = tail; left > 0; left -= 1) same(old.length - left, fresh.length - left);
  return folded(lines);
}

function split(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Yield pairs of places by the longest common sequence; -1 where a line is on one side only. */
function steps(old: readonly string[], fresh: readonly string[]): [number, number][] {
  const wide = fresh.length + 1;
  if ((old.length + 1) * wide > MOST_CELLS) {
    return [
      ...old.map((_, a): [number, number] => [a, -1]),
      ...fresh.map((_, b): [number, number] => [-1, b]),
    ];
  }
  const longest = new Uint32Array((old.length + 1) * wide);
  const at = (a: number, b: number) => longest[a * wide + b] ?? 0;
  for (let a = old.length - 1; a >= 0; a -= 1) {
    for (let b = fresh.length - 1; b >= 0; b -= 1) {
      longest[a * wide + b] =
        old[a] === fresh[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
    }
  }
  const found: [number, number][] = [];
  let a = 0;
  let b = 0;
  while (a < old.length || b < fresh.length) {
    if (a < old.length && b < fresh.length && old[a] === fresh[b]) found.push([a++, b++]);
    else if (a < old.length && (b === fresh.length || at(a + 1, b) >= at(a, b + 1))) found.push([a++, -1]);
    else found.push([-1, b++]);
  }
  return found;
}

function folded(lines: DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  lines.forEach((line, place) => {
    if (line.kind === "same") return;
    for (let around = place - CONTEXT; around <= place + CONTEXT; around += 1) near.add(around);
  });
  const found: DiffLine[] = [];
  lines.forEach((line, place) => {
    if (near.has(place)) found.push(line);
    else if (near.size && found.at(-1)?.kind !== "gap")
      found.push({ kind: "gap", text: "", before: 0, after: 0 });
  });
  return found;
}
