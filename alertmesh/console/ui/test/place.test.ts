/** Where a cursor stands in a rule file, with a line still being typed. */

import { expect, test } from "vitest";
import { keyAt, placeAt, siblings } from "../src/pages/rules/place";

/** Return lines and the cursor, which is written as `|`. */
function written(text: string): [string[], number, number] {
  const lines = text.split("\n");
  const line = lines.findIndex((one) => one.includes("|"));
  const column = lines[line]?.indexOf("|") ?? 0;
  return [lines.map((one) => one.replace("|", "")), line, column];
}

test.each([
  ["fla|", [], "key", "fla"],
  ["flap:\n  ena|", ["flap"], "key", "ena"],
  ["flap:\n  enabled: t|", ["flap", "enabled"], "value", "t"],
  ["flap:\n  # a comment\n\n  enabled: |", ["flap", "enabled"], "value", ""],
  ["windows:\n  - na|", ["windows", -1], "key", "na"],
  ["windows:\n  - name: a\n    zo|", ["windows", -1], "key", "zo"],
  ["windows:\n- name: a\n  zone: |", ["windows", -1, "zone"], "value", ""],
  ["flap:\n  bounds: {P1: 0s, P|", ["flap", "bounds"], "key", "P"],
  ["flap:\n  windows:\n    - {length: 30m, hi|", ["flap", "windows", -1], "key", "hi"],
  ["flap:\n  windows:\n    - {length: |", ["flap", "windows", -1, "length"], "value", ""],
  ["a:\n  by: [clu|", ["a", "by", -1], "value", "clu"],
  ["a:\n  b:\n    c: 1\n  d|", ["a"], "key", "d"],
  ["a:\n  b: 1\nc|", [], "key", "c"],
  ["- matchers: 'x: y'\n  eq|", [-1], "key", "eq"],
])("%j", (text, path, of, typed) => {
  const found = placeAt(...written(text));
  expect([found.path, found.of, found.typed]).toEqual([path, of, typed]);
});

test("what the mapping has already is known, above and below", () => {
  const [lines, line] = written("windows:\n  - name: a\n    |\n    zone: UTC\n  - begins: b\n");
  expect(siblings(lines, line)).toEqual(new Set(["name", "zone"]));
});

test("a key is found under the pointer", () => {
  const [lines, line, column] = written("flap:\n  windows:\n    - len|gth: 30m\n");
  expect(keyAt(lines, line, column)).toEqual(["flap", "windows", -1, "length"]);
  expect(keyAt(lines, line, 14)).toBeNull();
});
