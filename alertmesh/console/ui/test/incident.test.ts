/** What the page of one incident works out of what the server tells. */

import { describe, expect, test } from "vitest";
import { layout, towards } from "../src/pages/incident/force";
import {
  type Attempt,
  folded,
  type Graph,
  headline,
  type Incident,
  type Line,
  type Member,
  moved,
  padded,
  runs,
  sortOf,
  telling,
  told,
  untilMorning,
} from "../src/pages/incident/model";
import { conditions } from "../src/pages/incidents/common";

const member = (series: string, name: string, parts: Partial<Member> = {}) =>
  ({
    series,
    name,
    priority: "P3",
    state: "firing",
    opened_at: "2026-11-26T04:00:00Z",
    labels: { alertname: name },
    summary: "",
    role: "member",
    entity: { kind: "pod", name: series, cluster: "", namespace: "" },
    readings: [],
    ...parts,
  }) as Member;

const line = (number: number, kind: string, text = "", parts: Partial<Line> = {}) =>
  ({ number, kind, text, at: "2026-11-26T04:00:00Z", actor: "", rule: "", data: {}, ...parts }) as Line;

const node = (name: string, root: number | null, series: string[]) => ({
  id: name,
  name,
  root,
  series,
  hop: 0,
});

describe("a layout", () => {
  const star = Array.from({ length: 8 }, (_, place) => [0, place + 1] as const);

  test("is the same each time", () => {
    expect(layout(9, star)).toEqual(layout(9, star));
  });

  test("puts what hangs together closer than what does not", () => {
    const at = layout(4, [
      [0, 1],
      [2, 3],
    ]);
    const far = (a: number, b: number) =>
      Math.hypot((at[a]?.x ?? 0) - (at[b]?.x ?? 0), (at[a]?.y ?? 0) - (at[b]?.y ?? 0));
    expect(far(0, 1)).toBeLessThan(far(0, 2));
    expect(far(2, 3)).toBeLessThan(far(1, 3));
  });

  test("lets no two things lie on each other", () => {
    const at = layout(9, star);
    for (const [a, one] of at.entries()) {
      for (const other of at.slice(a + 1))
        expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(0.3);
    }
  });

  test("is gone through by arrow keys", () => {
    const square = [
      { x: 0, y: 0 },
      { x: 10, y: 1 },
      { x: 1, y: 10 },
    ];
    expect([towards(square, 0, 1, 0), towards(square, 0, 0, 1), towards(square, 0, -1, 0)]).toEqual([
      1, 2, -1,
    ]);
  });
});

describe("alerts", () => {
  const disk = member("d", "DiskFull", { priority: "P1", summary: "/var is full." });
  const pods = ["a", "b", "c"].map((one) => member(one, "PodNotReady"));
  const graph = { nodes: [node("app", null, ["a", "b", "c"]), node("n1", 0.9, ["d"])] } as unknown as Graph;

  test("are folded by name, what is likely the root first", () => {
    const rest = { began: disk.opened_at, root: false };
    const told = {
      alerts: [disk, ...pods],
      kinds: [
        { name: "PodNotReady", series: 900, firing: 899, priority: "P3", ...rest },
        { name: "DiskFull", series: 2, firing: 1, priority: "P1", ...rest },
      ],
    };
    const kinds = folded(told, [], graph);
    expect(kinds.map((kind) => [kind.name, kind.all, kind.firing, kind.worst, kind.root])).toEqual([
      ["DiskFull", 2, 1, "P1", true],
      ["PodNotReady", 900, 899, "P3", false],
    ]);
    expect(kinds.map((kind) => kind.members.length)).toEqual([1, 3]);
  });

  test("show the labels that tell them apart", () => {
    const some = ["x", "y"].map((pod) => member(pod, "A", { labels: { alertname: "A", pod } }));
    expect([...telling(some)]).toEqual(["pod"]);
  });

  test("give an incident its headline: what the root says of itself", () => {
    const incident = { title: "PodNotReady on app (+3)", summary: "app", causes: [] } as unknown as Incident;
    expect(headline(incident, [...pods, disk], graph)).toBe("/var is full");
    expect(headline({ ...incident, summary: "" }, [], undefined)).toBe("PodNotReady on app (+3)");
  });

  test("are silenced by what they have in common", () => {
    const some = ["x", "y"].map((pod) =>
      member(pod, "A", { labels: { alertname: "A", pod, severity: pod } }),
    );
    expect(conditions(some)).toBe('alertname="A", pod=~"x|y"');
  });

  test("have bars of one width from the beginning", () => {
    expect(padded([3], 3)).toEqual([0, 0, 3]);
    expect(padded([1, 2, 3, 4], 3)).toEqual([1, 2, 3, 4]);
  });
});

describe("a timeline", () => {
  const page = line(2, "page", "wang (ops, step 1, round 1) by ding", { data: { page: "p1" } });
  const attempt = { id: "p1/ding", page: "p1", channel: "ding", state: "read" } as Attempt;

  test("has each page with what became of it, the newest first", () => {
    const found = told(
      [line(1, "opened"), page, line(3, "sent"), line(4, "read"), line(5, "note")],
      [attempt],
    );
    expect(found.map((one) => [one.line.kind, one.attempts.length])).toEqual([
      ["note", 0],
      ["page", 1],
      ["opened", 0],
    ]);
  });

  test("keeps receipts whose page it does not know", () => {
    expect(told([line(3, "sent")], [attempt]).map((one) => one.line.kind)).toEqual(["sent"]);
  });

  test("folds a long run of alerts that join, and leaves what people did in sight", () => {
    const lines = [
      line(1, "opened"),
      ...[2, 3, 4, 5, 6].map((n) => line(n, "joined")),
      line(7, "note"),
      line(8, "joined"),
    ];
    const found = runs(told(lines, []));
    expect(found.map((one) => [one.line.number, one.more.length])).toEqual([
      [8, 0],
      [7, 0],
      [6, 4],
      [1, 0],
    ]);
  });

  test.each([
    ["ack", "people"],
    ["delivered", "pages"],
    ["joined", "alerts"],
    ["whatever comes", "rules"],
  ])("sorts %s under %s", (kind, sort) => {
    expect(sortOf(kind)).toBe(sort);
  });
});

test("what moved on is named", () => {
  const before = {
    state: "t1_paging",
    owner: "",
    priority: "P1",
    condition: "firing",
    merged_into: null,
  } as Incident;
  expect(moved(before, { ...before, state: "t1_acked", owner: "li" })).toEqual([
    { name: "state", before: "t1_paging", now: "t1_acked" },
    { name: "owner", before: "", now: "li" },
  ]);
});

test.each([
  ["04:12", 228],
  ["08:00", 1_440],
  ["23:30", 510],
])("at %s it is %d minutes until morning", (clock, minutes) => {
  expect(untilMorning(clock)).toBe(minutes);
});
