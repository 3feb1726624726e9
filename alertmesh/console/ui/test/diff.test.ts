/** Two texts are held against each other by line. */

import { expect, test } from "vitest";
import { diffLines } from "../src/diff";

const shown = (before: string, after: string) =>
  diffLines(before, after).map(
    ({ kind, text }) => ({ same: " ", gone: "-", new: "+", gap: "~" })[kind] + text,
  );

const sizeOf = (lines: ReturnType<typeof diffLines>) => ({
  added: lines.filter((line) => line.kind === "new").length,
  removed: lines.filter((line) => line.kind === "gone").length,
});

test.each([
  ["a\n", "a\n", []],
  ["", "a\nb\n", ["+a", "+b"]],
  ["a\nb\nc\n", "a\nB\nc\n", [" a", "-b", "+B", " c"]],
  ["a\nb\n", "b\n", ["-a", " b"]],
])("%j and %j", (before, after, lines) => {
  expect(shown(before, after)).toEqual(lines);
});

test("what is far from any change is left out", () => {
  const before = Array.from({ length: 20 }, (_, line) => `${line}\n`).join("");
  expect(shown(before, before.replace("10\n", "x\n"))).toEqual([
    "~",
    " 7",
    " 8",
    " 9",
    "-10",
    "+x",
    " 11",
    " 12",
    " 13",
    "~",
  ]);
  expect(sizeOf(diffLines(before, `${before}y\n`))).toEqual({ added: 1, removed: 0 });
});

test("very long texts are told at once, as gone and new", () => {
  const many = (mark: string) => Array.from({ length: 3_000 }, (_, line) => `${mark}${line}`).join("\n");
  expect(sizeOf(diffLines(many("a"), many("b")))).toEqual({ added: 3_000, removed: 3_000 });
});
