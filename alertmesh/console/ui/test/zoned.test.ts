/** Moments that are typed, and days, in every zone there is: also where midnight is skipped or comes twice. */

import { expect, test, vi } from "vitest";
import { zone } from "../src/time";
import { dayName, dayStart, fromField, toField } from "../src/zoned";

vi.hoisted(() => {
  // What the browser gives to whoever is loaded: the language is kept, and looked up once.
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
  vi.stubGlobal("document", { documentElement: { dataset: {} }, visibilityState: "visible" });
  vi.stubGlobal("navigator", { language: "en" });
});

const DAY_MS = 86_400_000;
const [FIRST, LAST] = [Date.parse("2024-01-01T12:00Z"), Date.parse("2028-12-31T12:00Z")];

/** Return by how much the zone is ahead of UTC at a moment. */
const ahead = (at: number) => Date.parse(`${toField(at)}Z`) - at;

/** Return the weeks in which the clock of the zone changes, by their beginnings. */
function* changes(): Generator<number> {
  let before = ahead(FIRST);
  for (let at = FIRST; at < LAST; at += 7 * DAY_MS) {
    const after = ahead(at + 7 * DAY_MS);
    if (after !== before) yield at;
    before = after;
  }
}

test("days follow one another in every zone, whatever its clock does", () => {
  const wrong: string[] = [];
  for (const name of Intl.supportedValuesOf("timeZone")) {
    zone.value = name;
    for (const week of changes()) {
      let day = dayStart(new Date(week - DAY_MS));
      for (let n = 0; n < 9; n += 1) {
        const next = dayStart(day, 1);
        const told = new Date(Date.parse(`${dayName(day)}T12:00Z`) + DAY_MS).toISOString().slice(0, 10);
        const isFirst = dayName(new Date(next.getTime() - 1)) !== told;
        if (next <= day || dayName(next) !== told || !isFirst) wrong.push(`${name} ${told}`);
        day = next;
      }
    }
  }
  expect(wrong).toEqual([]);
}, 30_000);

test.each([
  ["America/New_York", "2026-03-08T02:30", "2026-03-08T03:30"],
  ["Asia/Kathmandu", "2026-03-08T02:30", "2026-03-08T02:30"],
  ["America/Santiago", "2026-09-06T00:00", "2026-09-06T01:00"],
  ["America/Havana", "2026-11-01T00:30", "2026-11-01T00:30"],
])("in %s, %s is %s on the clock", (where, typed, told) => {
  zone.value = where;
  expect(toField(fromField(typed))).toBe(told);
});
