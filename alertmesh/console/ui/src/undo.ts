/** What takes back what somebody did, by how the incident was before: it undoes that, and nothing that others did. */

import { owned, type Stateful } from "./standing";

export interface Back {
  order: "ack" | "unack" | "assign";
  body: { person?: string };
}

export type Was = Stateful & { owner: string };

/** Whoever took it over gives it back; who had it already took nothing. */
export function ofAck(was: Was, mine: string): Back | null {
  if (!was.owner) return { order: "unack", body: {} };
  return was.owner === mine ? null : { order: "assign", body: { person: was.owner } };
}

/** It is as awake as it was, with whoever had it; only they can wake it without taking it. */
export function ofSnooze(was: Was, mine: string): Back | null {
  if (!owned(was)) return { order: "unack", body: {} };
  return was.owner === mine ? { order: "ack", body: {} } : null;
}

/** Who gave up their own takes it again; who could not take it was not asked for more. */
export const ofUnack = (was: Was, mine: string): Back | null =>
  was.owner === mine ? { order: "ack", body: {} } : null;

/** Whoever had it gets it again. */
export const ofAssign = (was: Was, person: string): Back | null =>
  was.owner && was.owner !== person ? { order: "assign", body: { person: was.owner } } : null;
