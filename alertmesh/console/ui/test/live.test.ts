/** The live stream is taken up where it broke off, and a change of one row touches that row alone. */

import { effect } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Row } from "../src/rows";

type Listener = (event: { data: string; lastEventId: string }) => void;

/** A connection as the browser makes it; the test plays the server. */
class Source {
  static all: Source[] = [];
  static get last(): Source {
    return Source.all.at(-1) as Source;
  }

  onerror: (() => void) | null = null;
  isClosed = false;
  private readonly listeners = new Map<string, Listener>();

  constructor(readonly url: string) {
    Source.all.push(this);
  }
  addEventListener(kind: string, listener: Listener) {
    this.listeners.set(kind, listener);
  }
  close() {
    this.isClosed = true;
  }
  says(kind: string, data: unknown, id = "") {
    if (!this.isClosed) this.listeners.get(kind)?.({ data: JSON.stringify(data), lastEventId: id });
  }
  greets(id: string) {
    this.says("hello", { now: new Date().toISOString(), version: "1" }, id);
  }
}

const page = { rows: [] as Row[], next: null as number | null, live: "a-1" };
const asked: string[] = [];
let answers = 200;
let held: Promise<unknown> | undefined;
let seen: () => void = () => {};
let online: () => void = () => {};
const view = { visibilityState: "visible", addEventListener: (_: string, act: () => void) => (seen = act) };

function row(id: number, more: Partial<Row> = {}): Row {
  return { id, title: `trouble ${id}`, state: "t1_paging", archived: false, owner: "", ...more } as Row;
}

vi.stubGlobal("EventSource", Source);
vi.stubGlobal("document", { ...view, documentElement: { dataset: {} } });
vi.stubGlobal("addEventListener", (kind: string, act: () => void) => kind === "online" && (online = act));
vi.stubGlobal("navigator", { language: "en", languages: ["en"] });
vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {} }));
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
vi.stubGlobal("fetch", async (url: string) => {
  asked.push(url);
  if (answers === 0) throw new TypeError("no network");
  const body = JSON.stringify(url.includes("rows") ? page : {});
  const status = answers;
  await held;
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/json" },
  });
});

const live = await import("../src/live");
const { known, rows, tidy } = await import("../src/rows");
const { signedOut } = await import("../src/api");

beforeEach(async () => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "performance", "Date"],
  });
  Source.all = [];
  asked.length = 0;
  answers = 200;
  signedOut.value = false;
  Object.assign(page, { rows: [row(1), row(2)], next: null, live: "a-1" });
  await live.follow();
});

afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("the rows are read, and followed from the moment they were", () => {
  expect(Source.last.url).toBe("/api/v1/live?since=a-1");
  expect(known.value).toEqual([1, 2]);
});

test("a change touches its row alone", () => {
  const drawn = new Map([
    [1, 0],
    [2, 0],
  ]);
  for (const id of drawn.keys())
    effect(() => void (rows.get(id)?.value && drawn.set(id, (drawn.get(id) ?? 0) + 1)));
  const list = known.value;
  Source.last.says("rows", { full: [], changed: [{ id: 2, owner: "ann" }] }, "a-2");
  expect([...drawn.values()]).toEqual([1, 2]);
  expect(rows.get(2)?.value).toEqual(row(2, { owner: "ann" }));
  expect(known.value).toBe(list);
  expect([...live.changed.value.ids]).toEqual([2]);
});

test("a new incident is known, and a change of one that is not known is for others", () => {
  Source.last.says("rows", { full: [row(3)], changed: [{ id: 9, owner: "ann" }] }, "a-2");
  expect(known.value).toEqual([1, 2, 3]);
  expect(rows.has(9)).toBe(false);
});

test("a connection that broke is taken up where it was", async () => {
  Source.last.greets("a-1");
  Source.last.says("rows", { full: [], changed: [] }, "a-7");
  Source.last.onerror?.();
  expect(live.connected.value).toBe(false);
  await pass(1_000);
  expect(Source.all.map((one) => [one.url, one.isClosed])).toEqual([
    ["/api/v1/live?since=a-1", true],
    ["/api/v1/live?since=a-7", false],
  ]);
  expect(live.lostAt.value).toBeNull();
});

test("while it cannot be reached that is told, the server is asked before, and ever more seldom", async () => {
  answers = 0;
  Source.last.onerror?.();
  await pass(1_000);
  Source.last.onerror?.();
  await pass(120_000);
  expect(live.lostAt.value).not.toBeNull();
  expect(Source.all).toHaveLength(2);
  const often = asked.filter((url) => url.includes("status")).length;
  expect(often).toBeGreaterThan(3);
  expect(often).toBeLessThan(20);
  answers = 200;
  await pass(30_000);
  Source.last.greets("a-1");
  expect(live.connected.value).toBe(true);
  expect(live.lostAt.value).toBeNull();
});

test("who must sign in is not asked again and again", async () => {
  answers = 401;
  Source.last.onerror?.();
  await pass(1_000);
  Source.last.onerror?.();
  await pass(120_000);
  expect(signedOut.value).toBe(true);
  expect(asked.filter((url) => url.includes("status"))).toHaveLength(1);
});

test("after a reset the rows are read anew", async () => {
  Object.assign(page, { rows: [row(2, { owner: "li" })], live: "b-5" });
  Source.last.says("reset", {}, "b-4");
  await pass(0);
  expect(known.value).toEqual([2]);
  expect(rows.get(2)?.value.owner).toBe("li");
  expect(Source.last.url).toBe("/api/v1/live?since=b-5");
});

test("whoever looks while a reset waits for the network has the rows read anew", async () => {
  Source.last.greets("a-1");
  Object.assign(page, { rows: [row(3)], live: "b-5" });
  answers = 0;
  Source.last.says("reset", {}, "b-4");
  await pass(0);
  answers = 200;
  seen();
  await pass(0);
  expect(known.value).toEqual([3]);
  expect(Source.last.url).toBe("/api/v1/live?since=b-5");
});

test("rows that nobody waits for any more change nothing", async () => {
  let letGo = () => {};
  held = new Promise<void>((done) => (letGo = done));
  void live.follow();
  held = undefined;
  Object.assign(page, { rows: [row(3)], live: "a-5" });
  await live.follow();
  letGo();
  await pass(0);
  expect(known.value).toEqual([3]);
});

test("in another network the stream is taken up again at once, though the old one seems to live", async () => {
  Source.last.greets("a-3");
  (document as { visibilityState: string }).visibilityState = "hidden";
  online();
  (document as { visibilityState: string }).visibilityState = "visible";
  await pass(0);
  expect(Source.all.map((one) => [one.url, one.isClosed])).toEqual([
    ["/api/v1/live?since=a-1", true],
    ["/api/v1/live?since=a-3", false],
  ]);
});

test("silence means that it is dead", async () => {
  Source.last.greets("a-1");
  await pass(30_000);
  Source.last.says("ping", {});
  await pass(30_000);
  expect(Source.all).toHaveLength(1);
  await pass(20_000);
  expect(Source.all.length).toBeGreaterThan(1);
});

test("a page that nobody looks at hangs up, and is up to date again when somebody does", async () => {
  const look = (at: string) => {
    (document as { visibilityState: string }).visibilityState = at;
    seen();
  };
  Source.last.greets("a-1");
  look("hidden");
  for (let minute = 0; minute < 6; minute += 1) {
    Source.last.says("ping", {});
    await pass(30_000);
    Source.last.says("ping", {});
    await pass(30_000);
  }
  expect(Source.all.every((one) => one.isClosed)).toBe(true);
  look("visible");
  await pass(0);
  expect(Source.last.isClosed).toBe(false);
});

test("what ended stays for a while, so that a held list can show it, and then goes", () => {
  Source.last.says(
    "rows",
    {
      full: [],
      changed: [
        { id: 1, state: "resolved" },
        { id: 2, state: "closed" },
      ],
    },
    "a-2",
  );
  expect([...known.value].sort()).toEqual([1, 2]);
  Source.last.says("rows", { full: [row(2)], changed: [] }, "a-3");
  tidy(Date.now() + 20 * 60_000);
  expect(known.value).toEqual([2]);
});
