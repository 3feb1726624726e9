/** Which incidents are news to somebody who waits for a P1. */

import type { Row } from "./rows";
import { over, untaken } from "./standing";

export type Known = Pick<Row, "id" | "priority" | "state" | "archived">;

/**
 * Return the incidents that became a P1 without anybody since the last look, and note them in `before`. The `first` look
 * finds none: what is there already is in the list. One that ended and comes back is news again.
 */
export function fresh<R extends Known>(all: Iterable<R>, before: Set<number>, first: boolean): R[] {
  const found: R[] = [];
  for (const row of all) {
    if (over(row) || row.priority !== "P1") before.delete(row.id);
    else if (!before.has(row.id) && (first || untaken(row))) {
      before.add(row.id);
      if (!first) found.push(row);
    }
  }
  return found;
}
