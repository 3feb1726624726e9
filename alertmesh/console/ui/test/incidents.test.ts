/** In which order incidents stand, what stands together, and what a filter wants. */

import { describe, expect, test } from "vitest";
import { parseMatchers, written } from "../src/matchers";
import { common } from "../src/pages/incidents/common";
import { asked, fits, offers } from "../src/pages/incidents/filter";
import { grouped, held, ordered } from "../src/pages/incidents/order";
import { next, type Row, where } from "../src/pages/incidents/row";

const MINUTE = 60_000;
const START = Date.parse("2026-11-26T04:00:00Z");
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

function row(id: number, parts: Partial<Row> = {}): Row {
  return {
    id,
    title: `Trouble ${id}`,
    summary: "",
    priority: "P3",
    condition: "firing",
    state: "t1_paging",
    epoch: 1,
    tier: "ops",
    step: 0,
    team: "ops",
    owner: "",
    ops_owner: "",
    incoming: "",
    paged: [],
    opened_at: at(id),
    changed_at: at(id),
    since: at(id),
    deadlines: {},
    counts: { series: 1, firing: 1, alerts: 1 },
    labels: {},
    services: [],
    root: null,
    recurrence: null,
    merged_into: null,
    archived: false,
    ...parts,
  };
}

const of = (rows: readonly Row[]) => (id: number) => rows.find((one) => one.id === id);

describe("the order", () => {
  const rows = [
    row(1, { priority: "P4", counts: { series: 1, firing: 1, alerts: 90 } }),
    row(2, { priority: "P1", state: "t1_acked", owner: "li" }),
    row(3, { priority: "P1", deadlines: { step: at(9) } }),
    row(4, { priority: "P1", deadlines: { tier: at(30), step: at(5) }, changed_at: at(50) }),
    row(5, { priority: "P1", state: "snoozed", deadlines: { snooze: at(1) } }),
    row(6, { priority: "P1", state: "resolved" }),
    row(7, { priority: "P1" }),
  ];

  test("urgent: what nobody has, worst and soonest first; then what somebody has; then what is quiet or over", () => {
    expect(ordered(rows, "urgent")).toEqual([4, 3, 7, 1, 2, 5, 6]);
  });

  test.each([
    ["opened", [7, 5, 4, 3, 2, 1, 6]],
    ["changed", [4, 7, 5, 3, 2, 1, 6]],
    ["alerts", [1, 2, 3, 4, 5, 7, 6]],
  ] as const)("%s", (sort, wanted) => {
    expect(ordered(rows, sort)).toEqual(wanted);
  });

  test("the next deadline is the soonest", () => {
    expect(next(rows[3] as Row)).toEqual({ timer: "step", at: at(5) });
    expect(next(rows[6] as Row)).toBeNull();
  });
});

describe("groups", () => {
  const rows = [
    row(1, { services: ["cart"], counts: { series: 1, firing: 1, alerts: 5 } }),
    row(2, { labels: { service: "pay" }, priority: "P1", state: "t1_acked", owner: "li" }),
    row(3),
    row(4, { services: ["cart"], priority: "P2", state: "t2_acked" }),
  ];

  test("stand in the order of their first, those without a name last, with what they amount to", () => {
    expect(grouped([3, 1, 2, 4], of(rows), "service")).toEqual([
      { key: "cart", ids: [1, 4], worst: "P2", untaken: 1, alerts: 6 },
      { key: "pay", ids: [2], worst: "P1", untaken: 0, alerts: 1 },
      { key: "", ids: [3], worst: "P3", untaken: 1, alerts: 1 },
    ]);
  });

  test("a root is another one in another cluster", () => {
    const root = { entity: "node-07", score: 0.9 };
    const twins = ["east", "east", "west"].map((cluster, id) => row(id, { root, labels: { cluster } }));
    const groups = grouped([0, 1, 2], of(twins), "root");
    expect(groups.map((group) => [group.key, group.ids])).toEqual([
      ["east/node-07", [0, 1]],
      ["west/node-07", [2]],
    ]);
  });
});

test("while the order is held, new ones wait and those that ended stay", () => {
  expect(held([1, 2, 3], [4, 3, 1])).toEqual({ waiting: [4], gone: [2] });
});

describe("a filter", () => {
  const one = row(7, {
    title: "SwitchDown on tor-3.mgmt",
    labels: { cluster: "east", severity: "critical" },
    services: ["cart", "pay"],
    root: { entity: "tor-3.mgmt", score: 0.9 },
  });

  test.each([
    ['severity=~"warning|critical"', true],
    ['cluster="west"', false],
    ['team=""', false],
    ['rack=""', true],
    ['priority="P3",state="t1_paging"', true],
    ['service="pay"', true],
    ['service!="pay"', false],
    ['service!="search"', true],
    ['entity=~"tor-.*"', true],
    ['owner=""', true],
  ])("%s: %j", (text, wanted) => {
    expect(fits(one, { matchers: parseMatchers(text), words: "" })).toBe(wanted);
  });

  test.each([
    ["switch EAST", true],
    ["#7", true],
    ["switch west", false],
  ])("the words %s: %j", (words, wanted) => {
    expect(fits(one, { matchers: [], words })).toBe(wanted);
  });

  test("the server is asked for what it knows: labels", () => {
    expect(asked(parseMatchers('priority="P1",cluster="east",owner!="li"'))).toBe('cluster="east"');
  });

  test("goes on with labels, then with their values, the commonest first", () => {
    const rows = ["east", "west", "west"].map((cluster, id) => row(id, { labels: { cluster } }));
    expect(offers("clu", rows)).toEqual([{ text: "cluster=", shown: "cluster", count: 3, whole: false }]);
    expect(offers("cluster=", rows).map((offer) => [offer.text, offer.count])).toEqual([
      ['cluster="west"', 2],
      ['cluster="east"', 1],
    ]);
    expect(offers('cluster=~"west|e', rows).map((offer) => offer.text)).toEqual([
      'cluster=~"west|east"',
      'cluster=~"west|west"',
    ]);
    expect(offers("disk full", rows)).toEqual([]);
  });
});

test("what some have in common is what all of them have, but for how bad it is", () => {
  const rows = [
    row(1, { labels: { cluster: "east", pod: "a.1", severity: "critical", only: "x" } }),
    row(2, { labels: { cluster: "east", pod: "b.2", severity: "critical" } }),
  ];
  expect(common(rows).map(written)).toEqual(['cluster="east"', 'pod=~"a\\\\.1|b\\\\.2"']);
});

test("where it is: services first, then what holds them", () => {
  const labels = { cluster: "east", namespace: "shop", rack: "tor-3" };
  expect(where(row(1, { services: ["a", "b", "c", "d"], labels }))).toEqual([
    "a, b +2",
    "shop",
    "tor-3",
    "east",
  ]);
});
