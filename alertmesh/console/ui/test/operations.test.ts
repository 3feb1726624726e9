/** What pages for operations make of what the server tells: troubles, standings, silences, values of modules. */

import { expect, test, vi } from "vitest";
import { type Channel, standing as how, tookS, troubles } from "../src/pages/delivery/health";
import { inLine } from "../src/pages/module/prose";
import { compare, type Column } from "../src/pages/module/value";
import { again, asked, changing, conditions, NEW, type Silence } from "../src/pages/silences/model";
import { bodyOf, isOff, ordered, type Sender, standing } from "../src/pages/sources/standing";
import { zone } from "../src/time";
import { fromField, toField } from "../src/zoned";

vi.hoisted(() => {
  // What the browser gives to whoever is loaded: the language is kept, and looked up once.
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
  vi.stubGlobal("document", { documentElement: { dataset: {} }, visibilityState: "visible" });
  vi.stubGlobal("navigator", { language: "en" });
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("location", { href: "http://mesh/" });
});

const NOW = Date.parse("2026-11-23T04:00:00Z");

function channel(parts: Partial<Channel> = {}): Channel {
  const quiet = { paused_until: null, why: "", refusals: {}, quotas: [], robots: [] };
  const times = {
    last_success_at: "2026-11-23T03:59:00Z",
    last_failure_at: null,
    probed_at: null,
    probe_since: null,
  };
  const counts = { waiting: 0, oldest_s: 0, sends: 9, delivered: 0, latency_p50_s: 1, latency_p95_s: 2 };
  const rest = {
    name: "ding",
    kind: "dingtalk",
    reports: false,
    last_error: "",
    healthy: null,
    probe_error: "",
  };
  return { ...quiet, ...times, ...counts, ...rest, ...parts } as Channel;
}

test.each([
  [{}, [], "works"],
  [{ sends: 0, last_success_at: null }, [], "unused"],
  [{ paused_until: "2026-11-23T04:05:00Z" }, ["paused bad"], "down"],
  [{ healthy: false, probe_error: "no such token" }, ["unhealthy bad"], "down"],
  [{ oldest_s: 90 }, ["waits warn"], "strained"],
  [{ oldest_s: 900 }, ["waits bad"], "down"],
  [{ last_failure_at: "2026-11-23T03:59:30Z" }, ["failing warn"], "strained"],
  [{ last_failure_at: "2026-11-23T03:58:00Z" }, [], "works"],
  [{ last_success_at: null, last_failure_at: "2026-11-23T03:58:00Z" }, ["failing bad"], "down"],
  [
    { robots: [{ name: "a", room: 0, per_minute: 18, paused_until: null, why: "" }] },
    ["full warn"],
    "strained",
  ],
] as [Partial<Channel>, string[], string][])("a channel with %j has %j", (parts, told, stands) => {
  const of = channel(parts);
  expect(troubles([of]).map((one) => `${one.kind} ${one.tone}`)).toEqual(told);
  expect(how(of)).toBe(stands);
});

test("what is grave is told first", () => {
  const found = troubles([channel({ name: "a", oldest_s: 90 }), channel({ name: "b", healthy: false })]);
  expect(found.map((one) => one.channel)).toEqual(["b", "a"]);
});

test("how long a message took is known once it was taken", () => {
  const due = { due_at: "2026-11-23T04:00:00Z", claimed_at: null, settled_at: null, state: "queued" };
  expect(tookS(due as never)).toBeNull();
  expect(tookS({ ...due, state: "sent", settled_at: "2026-11-23T04:00:07Z" } as never)).toBe(7);
});

function sender(parts: Partial<Sender> = {}): Sender {
  const counts = {
    requests: 9,
    alerts: 9,
    rejected: 0,
    unreadable: 0,
    requests_per_minute: 1,
    alerts_per_minute: 1,
  };
  const rest = {
    name: "prom",
    source: "prometheus",
    usual_gap_s: 30,
    skew_s: 0,
    silent_since: null,
    refusals: [],
  };
  return { ...counts, ...rest, last_seen: new Date(NOW - 20_000).toISOString(), ...parts } as Sender;
}

test.each([
  [{}, "reports"],
  [{ silent_since: "2026-11-23T03:50:00Z" }, "silent"],
  [{ requests: 0, unreadable: 3 }, "unread"],
  [{ last_seen: "2026-11-23T03:50:00Z" }, "late"],
  [{ last_seen: "2026-11-23T03:50:00Z", usual_gap_s: null }, "reports"],
] as [Partial<Sender>, string][])("a sender with %j %s", (parts, stands) => {
  expect(standing(sender(parts), NOW)).toBe(stands);
});

test("senders with troubles come first, and a clock is off either way", () => {
  const all = [
    sender({ name: "b" }),
    sender({ name: "a" }),
    sender({ name: "z", silent_since: "2026-11-23T03:50:00Z" }),
  ];
  expect(ordered(all, NOW).map((one) => one.name)).toEqual(["z", "a", "b"]);
  expect([sender({ skew_s: -61 }), sender({ skew_s: 59 }), sender({ skew_s: null })].map(isOff)).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  ["  ", undefined],
  ['{"a": 1}', "application/json"],
  ["[{}]", "application/json"],
  ["host=web-01&state=DOWN", "application/x-www-form-urlencoded"],
])("%j is sent as %j", (typed, type) => {
  expect(bodyOf(typed)?.type).toBe(type);
});

const silence: Silence = {
  id: "s1",
  state: "expired",
  matchers: 'cluster="east", severity=~"a|b"',
  starts_at: "2026-11-23T03:00:00Z",
  ends_at: "2026-11-23T05:00:00Z",
  created_by: "li",
  comment: " works ",
  updated_at: "2026-11-23T03:00:00Z",
  alerts: 0,
};

test("a silence is asked for by its length, or until a moment; once more means as long", () => {
  expect(asked({ ...NEW, matchers: "a=b", comment: " why " })).toEqual({
    matchers: "a=b",
    comment: "why",
    duration_s: 3_600,
  });
  expect(asked(again(silence))).toEqual({ matchers: silence.matchers, comment: "works", duration_s: 7_200 });
  expect(asked(changing({ ...silence, state: "active" }))).toEqual({
    id: "s1",
    matchers: silence.matchers,
    comment: "works",
    ends_at: silence.ends_at,
  });
  expect(asked(changing({ ...silence, state: "pending" }))).toHaveProperty("starts_at", silence.starts_at);
});

test("conditions stand one by one; what cannot be read stands whole", () => {
  expect(conditions(silence.matchers)).toEqual(['cluster="east"', 'severity=~"a|b"']);
  expect(conditions("a=b c")).toEqual(["a=b c"]);
});

test.each([
  ["Asia/Shanghai", "2026-11-23T12:00", "2026-11-23T04:00:00.000Z"],
  ["Europe/Berlin", "2026-07-01T12:00", "2026-07-01T10:00:00.000Z"],
  ["Europe/Berlin", "2026-10-25T04:30", "2026-10-25T03:30:00.000Z"],
  ["America/New_York", "2026-03-08T01:30", "2026-03-08T06:30:00.000Z"],
  ["Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15:00.000Z"],
])("in %s, %s is %s", (where, typed, at) => {
  zone.value = where;
  expect(fromField(typed)).toBe(at);
  expect(toField(at)).toBe(typed);
});

test("nothing typed is no moment", () => {
  expect([fromField(""), fromField("2026-13-40T00:00")]).toEqual(["", ""]);
});

const column = (type: Column["type"]): Column => ({
  name: "c",
  title: { en: "C", zh: "C" },
  type,
  sortable: true,
  states: {
    good: { words: { en: "g", zh: "g" }, tone: "good" },
    bad: { words: { en: "b", zh: "b" }, tone: "bad" },
  },
});

test.each([
  ["number", [3, null, 20, 1], [1, 3, 20, null]],
  ["text", ["n10", "n9", null, "n1"], ["n1", "n9", "n10", null]],
  ["state", ["bad", "good"], ["good", "bad"]],
  [
    "moment",
    ["2026-01-02T00:00:00Z", "2026-01-01T23:00:00Z"],
    ["2026-01-01T23:00:00Z", "2026-01-02T00:00:00Z"],
  ],
] as [Column["type"], unknown[], unknown[]][])("cells of %s are in order", (type, cells, sorted) => {
  expect([...cells].sort((one, other) => compare(one, other, column(type)))).toEqual(sorted);
});

test.each([
  ["plain", 1],
  ["a **b** c", 3],
  ["`x` [y](/m/z/y)", 3],
  ["[y](javascript:alert(1))", 1],
  ["[y](//elsewhere)", 1],
])("%s is %i parts", (text, parts) => {
  expect(inLine(text)).toHaveLength(parts);
});
