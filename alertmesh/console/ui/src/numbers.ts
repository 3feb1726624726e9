/** Numbers as people read them. */

import { locale } from "./words";

/** Return a count in short: `1.2k`, `38k`, `4.1M`; whole below a thousand. */
export function short(value: number): string {
  for (const [size, unit] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (Math.abs(value) >= size) {
      const scaled = value / size;
      return `${Math.abs(scaled) < 10 ? Math.floor(scaled * 10) / 10 : Math.floor(scaled)}${unit}`;
    }
  }
  return Number.isInteger(value) ? String(value) : value.toPrecision(2);
}

/** Return a number in full, grouped as the language does. */
export function full(value: number): string {
  return formatter(locale.value, "decimal").format(value);
}

/** Return a share as a percentage; `digits` after the point. */
export function percent(share: number, digits = 0): string {
  return formatter(locale.value, "percent", digits).format(share);
}

/** Return a size in bytes: `3.4 MB`. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let place = 0;
  while (value >= 1_000 && place < units.length - 1) {
    value /= 1_000;
    place += 1;
  }
  return `${place && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[place]}`;
}

// To make one takes longer than to format a hundred numbers.
const formatters = new Map<string, Intl.NumberFormat>();

function formatter(language: string, style: "decimal" | "percent", digits?: number): Intl.NumberFormat {
  const key = `${language} ${style} ${digits}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.NumberFormat(language, {
      style,
      ...(digits !== undefined && { maximumFractionDigits: digits }),
    });
    formatters.set(key, found);
  }
  return found;
}
