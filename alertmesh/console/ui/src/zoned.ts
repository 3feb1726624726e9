/** Moments in fields of date and time: typed in the person's zone, sent in UTC. */

import { formatter, zone } from "./time";

const PARTS: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
};

/** Return a moment as a field of date and time shows it. */
export function toField(at: string | number | Date): string {
  const parts = formatter("en-CA", zone.value, PARTS).formatToParts(new Date(at));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** Return how far the zone is behind UTC at a moment, in milliseconds. */
const behind = (at: number) => at - Date.parse(`${toField(at)}Z`);

/** Return what was typed as a moment in UTC; empty for nothing. The hour that a clock skips is the one after it. */
export function fromField(typed: string): string {
  const asUtc = Date.parse(`${typed}Z`);
  if (Number.isNaN(asUtc)) return "";
  // How far the zone is from UTC depends on the moment, which is known only once that is: twice is enough.
  const near = asUtc + behind(asUtc);
  const at = asUtc + behind(near);
  // What the clock skips is neither before the change nor after it; the later guess is as long after it as was typed.
  const is = toField(at) === typed.slice(0, 16) ? at : Math.max(near, at);
  return new Date(is).toISOString();
}

/** Return the beginning of a day in the person's zone, so many days after that of a moment. */
export function dayStart(at: Date, later = 0): Date {
  const day = new Date(`${toField(at).slice(0, 10)}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + later);
  return new Date(fromField(`${day.toISOString().slice(0, 10)}T00:00`));
}

/** Return the day of a moment in the person's zone, as an address has it. */
export const dayName = (at: Date) => toField(at).slice(0, 10);
