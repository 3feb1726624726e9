/** What the state of an incident means for people. */

/** As much of an incident as tells how it stands. */
export interface Stateful {
  state: string | null;
  archived: boolean;
}

const UNTAKEN = new Set(["t1_paging", "t2_paging", "exhausted"]);
const TAKEN = new Set(["t1_acked", "t2_acked"]);
const OVER = new Set(["resolved", "closed", "merged"]);

/** Somebody is called and nobody has it yet. */
export const untaken = (one: Stateful): boolean => UNTAKEN.has(one.state ?? "");

/** Somebody has it now. */
export const taken = (one: Stateful): boolean => TAKEN.has(one.state ?? "");

/** Who has it can have it put off, without acking it first. */
export const owned = (one: Stateful & { owner: string }): boolean =>
  taken(one) || (one.state === "snoozed" && one.owner !== "");

/** Nobody has to do with it any more. */
export const over = (one: Stateful): boolean => one.archived || OVER.has(one.state ?? "");
