/** Matchers mean in the browser what they mean on the server. */

import { describe, expect, test } from "vitest";
import { accepts, anyOf, BadMatcher, parseMatchers, written } from "../src/matchers";

const fault = (text: string) => {
  try {
    parseMatchers(text);
  } catch (error) {
    if (error instanceof BadMatcher) return [error.why, error.at];
    throw error;
  }
  return [];
};

test.each([
  ["", []],
  ["{}", []],
  ['severity=~"a|b",team=db', ['severity=~"a|b"', 'team="db"']],
  ['{ a = "x, y" , b!~c }', ['a="x, y"', 'b!~"c"']],
  ['a="q\\"\\n\\\\",', ['a="q\\"\\n\\\\"']],
  ['"a b"=c', ['"a b"="c"']],
  ["空间=上海", ['空间="上海"']],
  ["a=", ['a=""']],
])("%s is read as %j", (text, wanted) => {
  const read = parseMatchers(text);
  expect(read.map(written)).toEqual(wanted);
  expect(parseMatchers(read.map(written).join(","))).toEqual(read);
});

test.each([
  ["disk full", "unread", 0],
  [' a="x" b="y"', "comma", 7],
  ['a="x",,', "unread", 6],
  ['cluster=~"c1|("', "expression", 10],
  ['{a="x}', "comma", 3],
])("%s is refused as %s at %i", (text, why, at) => {
  expect(fault(text)).toEqual([why, at]);
});

describe("a value", () => {
  test.each([
    ['a="x"', "x", true],
    ['a="x"', "xy", false],
    ['a!="x"', "", true],
    ['a=~"x|y"', "y", true],
    ['a=~"x"', "xx", false],
    ['a=~".+"', "", false],
    ['a=""', "", true],
    ['a!~"x.*"', "xy", false],
    ['a=~"(?P<n>x)y"', "xy", true],
  ])("%s on %j: %j", (text, value, wanted) => {
    const [matcher] = parseMatchers(text);
    expect(matcher && accepts(matcher, value)).toBe(wanted);
  });
});

test("an absent label is empty", () => {
  expect(parseMatchers('a="",b!="x"').map((one) => accepts(one, ""))).toEqual([true, true]);
  expect(parseMatchers('a=~".+"').map((one) => accepts(one, ""))).toEqual([false]);
});

test("any of some values is just these", () => {
  const matcher = anyOf("pod", ["a.b", "c+"]);
  expect(["a.b", "c+", "axb", "cc"].map((value) => accepts(matcher, value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(written(anyOf("pod", ["a.b"]))).toBe('pod="a.b"');
});
