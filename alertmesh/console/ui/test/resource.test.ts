/** What the server has is shown however often it is asked, and however long its answers take. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

vi.stubGlobal("document", { documentElement: { dataset: {} }, visibilityState: "visible" });
vi.stubGlobal("navigator", { language: "en" });
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });

const { Asking } = await import("../src/resource");

let answers: { take: (data: string) => void; fail: (why: unknown) => void; signal: AbortSignal }[];
let found: string[];

function asking(): InstanceType<typeof Asking<string>> {
  return new Asking<string>((signal) => new Promise((take, fail) => answers.push({ take, fail, signal })), {
    asked: () => {},
    found: (data) => found.push(data),
    failed: (error) => found.push(`failed: ${error}`),
  });
}

/** Let the server answer the question of that number. */
async function says(number: number, data: string): Promise<void> {
  answers[number]?.take(data);
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  answers = [];
  found = [];
});

afterEach(() => vi.useRealTimers());

test("however often it is asked, answers come one after another, and the last question has its own", async () => {
  const one = asking();
  for (let n = 0; n < 5; n += 1) one.again();
  expect(answers).toHaveLength(1);
  await says(0, "first");
  one.again();
  expect(answers).toHaveLength(2);
  await says(1, "second");
  await says(2, "third");
  expect(found).toEqual(["first", "second", "third"]);
  expect(answers).toHaveLength(3);
});

test("a failure is told, and who asked meanwhile is served after it", async () => {
  const one = asking();
  one.again();
  one.again();
  answers[0]?.fail("broken");
  await vi.advanceTimersByTimeAsync(0);
  await says(1, "well");
  expect(found).toEqual(["failed: broken", "well"]);
});

test("an answer that is older than what is known does not count, and another one is asked for", async () => {
  const one = asking();
  one.overtake();
  one.again();
  one.overtake();
  await says(0, "old");
  await says(1, "new");
  expect(found).toEqual(["new"]);
  expect(answers).toHaveLength(2);
});

test("who left hears nothing more", async () => {
  const one = asking();
  one.again();
  one.again();
  one.drop();
  expect(answers[0]?.signal.aborted).toBe(true);
  await says(0, "late");
  expect([found, answers.length]).toEqual([[], 1]);
});

test("what takes far too long is asked anew", async () => {
  const one = asking();
  one.again();
  vi.advanceTimersByTime(31_000);
  expect(one.isBusy).toBe(false);
  one.again();
  await says(0, "late");
  await says(1, "well");
  expect(found).toEqual(["well"]);
});
