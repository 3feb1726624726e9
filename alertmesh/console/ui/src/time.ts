/** Moments and lengths of time as people read them, in their own zone. */

import { signal } from "@preact/signals";
import { locale, t } from "./words";

/** The present moment, by the second. */
export const second = signal(Date.now());

/** The present moment, by fifteen seconds: enough for "12 min ago". */
export const moment = signal(Date.now());

/** By how many milliseconds the server's clock is ahead of the one in this browser; people trust the server's. */
export const skew = signal(0);

const SLIGHT_MS = 2_000;

/** Take what time it is at the server; small differences are the way of the answer. */
export function setClock(at: string): void {
  const ahead = new Date(at).getTime() - Date.now();
  skew.value = Math.abs(ahead) < SLIGHT_MS ? 0 : ahead;
}

/** The zone that times are shown in. */
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone);

setInterval(() => {
  if (document.visibilityState === "hidden") return;
  second.value = Date.now() + skew.value;
  if (Math.abs(second.value - moment.value) >= 15_000) moment.value = second.value;
}, 1_000);

const UNITS: [number, string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** Return a length in its one or two largest units: `2 h 5 min`, `40 s`. */
export function length(seconds: number, parts = 2): string {
  let left = Math.max(0, Math.round(seconds));
  const told: string[] = [];
  for (const [size, unit] of UNITS) {
    if (left < size && !(unit === "s" && !told.length)) {
      if (told.length) break;
      continue;
    }
    told.push(t(`time.${unit}`, { n: Math.floor(left / size) }));
    left %= size;
    if (told.length === parts) break;
  }
  return told.join(" ");
}

/** Return how long ago, or in how long, a moment is. */
export function relative(at: string | number | Date, now = moment.value): string {
  const seconds = (new Date(at).getTime() - now) / 1_000;
  // `moment` may be fifteen seconds behind: what just happened is not yet to come.
  if (seconds > -5 && seconds < 15) return t("time.now");
  return t(seconds < 0 ? "time.ago" : "time.ahead", { length: length(Math.abs(seconds), 1) });
}

/** Return what is left until a moment as a clock shows it: `04:12`, `1:04:12`; `00:00` once it is past. */
export function countdown(until: string | number | Date, now = second.value): string {
  const left = Math.max(0, Math.round((new Date(until).getTime() - now) / 1_000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = `${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}`;
  return left >= 3_600 ? `${Math.floor(left / 3_600)}:${minutes}` : minutes;
}

/** Return a moment in full, in the person's zone. */
export function absolute(at: string | number | Date): string {
  return format(at, { dateStyle: "medium", timeStyle: "medium" });
}

/** Return the time of day, with the date when it is not today. */
export function clock(at: string | number | Date): string {
  const same = format(at, { dateStyle: "short" }) === format(moment.value, { dateStyle: "short" });
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  return format(at, same ? time : { month: "short", day: "numeric", ...time });
}

/** Return a moment by given parts of it, in the person's zone and language, on a 24-hour clock. */
export function format(at: string | number | Date, options: Intl.DateTimeFormatOptions): string {
  return formatter(locale.value, zone.value, options).format(new Date(at));
}

// To make one takes longer than to format a hundred moments.
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Return what formats moments so, made once. */
export function formatter(
  language: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = JSON.stringify([language, timeZone, options]);
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language, { timeZone, hourCycle: "h23", ...options });
    formatters.set(key, found);
  }
  return found;
}
