/** The span of time that is reported, as the address has it: whole days of the person's zone. */

import { query } from "../../route";
import { zone } from "../../time";
import { dayName, dayStart, fromField } from "../../zoned";

export const USUAL = 7;
export const LONGEST = 92;

export interface Period {
  /** How many days up to today, or null for days of one's own. */
  days: number | null;
  from: Date;
  to: Date;
}

/** Return the span of the address; what cannot be is the usual one. */
export function period(now = new Date()): Period {
  const from = day(query.value.get("from"));
  const last = day(query.value.get("to"));
  if (from && last && from <= last && last.getTime() - from.getTime() < LONGEST * 86_400_000)
    return { days: null, from, to: dayStart(last, 1) };
  const days = Number(query.value.get("days")) === 30 ? 30 : USUAL;
  return { days, from: dayStart(now, 1 - days), to: dayStart(now, 1) };
}

function day(said: string | null): Date | null {
  const at = said ? fromField(`${said}T00:00`) : "";
  return at ? new Date(at) : null;
}

/** Return what is asked of the server: never the future. */
export function asked(of: Period): { from: string; to: string; zone: string } {
  const to = Math.min(of.to.getTime(), Math.ceil(Date.now() / 60_000) * 60_000);
  return { from: of.from.toISOString(), to: new Date(to).toISOString(), zone: zone.value };
}

/** Return the beginning of each day, in seconds, with what `by` has of it. */
export function daily<T>(
  of: Period,
  by: readonly T[],
  named: (one: T) => string,
): { times: number[]; found: (T | undefined)[] } {
  const known = new Map(by.map((one) => [named(one), one]));
  const times: number[] = [];
  const found: (T | undefined)[] = [];
  for (let at = of.from; at < of.to && at.getTime() <= Date.now(); at = dayStart(at, 1)) {
    times.push(at.getTime() / 1_000);
    found.push(known.get(dayName(at)));
  }
  return { times, found };
}
