/** What rings: a P1 that nobody has, once. */

import { expect, test } from "vitest";
import { fresh, type Known } from "../src/fresh";

const row = (id: number, more: Partial<Known> = {}): Known => ({
  id,
  priority: "P1",
  state: "t1_paging",
  archived: false,
  ...more,
});
const news = (before: Set<number>, ...all: Known[]) => fresh(all, before, false).map((one) => one.id);

test("what is there at first is no news, what comes later is, once", () => {
  const before = new Set<number>();
  expect(fresh([row(1)], before, true)).toEqual([]);
  expect(news(before, row(1), row(2))).toEqual([2]);
  expect(news(before, row(1), row(2))).toEqual([]);
});

test.each([
  ["of a lower priority", { priority: "P2" }],
  ["that somebody has", { state: "t1_acked" }],
  ["that is kept quiet", { state: "suppressed" }],
  ["that waits still", { state: "held" }],
  ["that is over", { state: "resolved" }],
  ["of the archive", { archived: true }],
] as [string, Partial<Known>][])("one %s is no news", (_, more) => {
  expect(news(new Set(), row(1, more))).toEqual([]);
});

test("one that is raised to P1, or whose silence ends, is news then", () => {
  const before = new Set<number>();
  expect(news(before, row(1, { priority: "P2" }), row(2, { state: "suppressed" }))).toEqual([]);
  expect(news(before, row(1), row(2, { state: "t2_paging" }))).toEqual([1, 2]);
});

test("one that is paged again after an ack is no news, one that ended and comes back is", () => {
  const before = new Set<number>();
  expect(news(before, row(1))).toEqual([1]);
  expect(news(before, row(1, { state: "t1_acked" }))).toEqual([]);
  expect(news(before, row(1))).toEqual([]);
  expect(news(before, row(1, { state: "resolved" }))).toEqual([]);
  expect(news(before, row(1))).toEqual([1]);
});
