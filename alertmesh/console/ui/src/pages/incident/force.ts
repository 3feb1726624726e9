/** Lay out a small graph: things that stand next to each other come to lie close, all others keep apart. */

export interface Point {
  x: number;
  y: number;
}

const ROUNDS = 260;
const APART = 1;
const TURN = Math.PI * (3 - Math.sqrt(5));

/**
 * Return a place for each of `count` things, in units of about one edge. The same graph always gets the same places:
 * it begins on a spiral in the order given, and nothing is left to chance. Takes about `ROUNDS` times the square of
 * `count` steps.
 */
export function layout(count: number, edges: readonly (readonly [number, number])[]): Point[] {
  const at = Array.from({ length: count }, (_, place) => ({
    x: Math.sqrt(place) * Math.cos(place * TURN) * 0.8,
    y: Math.sqrt(place) * Math.sin(place * TURN) * 0.8,
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    const warmth = 0.25 * (1 - round / ROUNDS) ** 1.5;
    const push = at.map(() => ({ x: 0, y: 0 }));
    for (let i = 0; i < count; i += 1) {
      for (let j = i + 1; j < count; j += 1) repel(at[i], at[j], push[i], push[j]);
    }
    for (const [a, b] of edges) attract(at[a], at[b], push[a], push[b]);
    for (const [place, point] of at.entries()) {
      const step = push[place] as Point;
      // All lean to the middle, so that what stands alone does not drift away.
      const x = step.x - point.x * 0.04;
      const y = step.y - point.y * 0.06;
      const far = Math.hypot(x, y) || 1;
      const go = Math.min(far, warmth) / far;
      point.x += x * go;
      point.y += y * go;
    }
  }
  return at;
}

function repel(a?: Point, b?: Point, pushA?: Point, pushB?: Point): void {
  if (!a || !b || !pushA || !pushB) return;
  const dx = a.x - b.x;
  const dy = a.y - b.y;
  const square = Math.max(0.01, dx * dx + dy * dy);
  const force = (0.35 * APART) / square;
  pushA.x += dx * force;
  pushA.y += dy * force;
  pushB.x -= dx * force;
  pushB.y -= dy * force;
}

function attract(a?: Point, b?: Point, pushA?: Point, pushB?: Point): void {
  if (!a || !b || !pushA || !pushB) return;
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const far = Math.hypot(dx, dy) || 0.01;
  const force = (0.45 * (far - APART)) / far;
  pushA.x += dx * force;
  pushA.y += dy * force;
  pushB.x -= dx * force;
  pushB.y -= dy * force;
}

/** Return the thing nearest to `from` in a direction, for the arrow keys; -1 when there is none that way. */
export function towards(points: readonly Point[], from: number, dx: number, dy: number): number {
  const here = points[from];
  if (!here) return -1;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [place, point] of points.entries()) {
    const x = point.x - here.x;
    const y = point.y - here.y;
    const along = x * dx + y * dy;
    if (place === from || along <= 0.01) continue;
    const cost = along + 2 * Math.abs(x * dy - y * dx);
    if (cost < least) {
      least = cost;
      best = place;
    }
  }
  return best;
}
