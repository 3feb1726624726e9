import { expect, test } from "vitest";
import { Slots } from "../src/pages/incidents/slots";

const told = (found: ReadonlyMap<string, number>) => [...found];

test("lines that stay keep their slots, and those that come take the slots of those that went", () => {
  const slots = new Slots();
  expect(told(slots.of(["a", "b", "c"], null))).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 2],
  ]);
  expect(told(slots.of(["c", "b", "d"], null))).toEqual([
    ["c", 2],
    ["b", 1],
    ["d", 0],
  ]);
});

test("the slot of a line with the focus is given to no other one", () => {
  const slots = new Slots();
  slots.of(["a", "b"], null);
  expect(told(slots.of(["c", "d"], "b"))).toEqual([
    ["c", 0],
    ["d", 2],
  ]);
});

test("no two lines share a slot, however they come and go", () => {
  const slots = new Slots();
  for (let step = 0; step < 200; step++) {
    const names = Array.from({ length: 10 + (step % 7) }, (_, place) => `r${(step * 5 + place) % 90}`);
    const found = slots.of(names, `r${(step * 3) % 90}`);
    expect(new Set(found.values()).size).toBe(new Set(names).size);
  }
});
