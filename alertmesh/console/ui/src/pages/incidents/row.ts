/** What a list wants to know of one incident. */

import type { Row } from "../../rows";
import { few } from "../../sets";
import { untaken } from "../../standing";

export type { Row } from "../../rows";

/** Return the next deadline, and what it is; null when nothing will happen by itself. */
export function next(row: Row): { timer: string; at: string } | null {
  let found: { timer: string; at: string } | null = null;
  for (const timer in row.deadlines) {
    const at = row.deadlines[timer];
    // The server's moments are in order as texts, which are read a thousand times a second.
    if (at && (!found || at < found.at)) found = { timer, at };
  }
  return found;
}

/** Return where it is, widest last: namespace, cluster and the like, as far as its title does not say it. */
export function where(row: Row): string[] {
  const { cluster, namespace, rack, zone, region } = row.labels;
  const services = row.services.length ? row.services : [row.labels["service"] ?? ""];
  return [few(services, 2), namespace, rack ?? zone ?? region, cluster].filter((one): one is string => !!one);
}

/** Return what is likeliest the root, told apart by cluster; empty while there is none. */
export const rootOf = (row: Row) => (row.root ? `${row.labels["cluster"] ?? ""}/${row.root.entity}` : "");

/** Return who has to do with it now: the owner, or who is being called. */
export function who(row: Row): readonly string[] {
  if (row.owner) return [row.owner];
  return untaken(row) ? row.paged : [];
}

/** Tell whether somebody is asked to do something about it. */
export function concerns(row: Row, name: string): boolean {
  return (
    name !== "" &&
    (row.owner === name || row.ops_owner === name || row.incoming === name || row.paged.includes(name))
  );
}
