/** What happens while we look: one stream of events, taken up again where it broke off. */

import { signal } from "@preact/signals";
import { get, signedOut } from "./api";
import { fetchRows, type News, state, take, tidy } from "./rows";
import { settings } from "./session";
import { setClock } from "./time";
import { waitMs } from "./waits";

/** Whether the stream is up. */
export const connected = signal(false);

/** Since when nothing is heard, once that has lasted long enough to matter; null while all is well. */
export const lostAt = signal<number | null>(null);

/** How the server stands, as its `status` event tells. */
export const status = signal<Status | null>(null);

/** Counts up when incidents changed, with their numbers: for views that show more than the row. */
export const changed = signal<{ count: number; ids: ReadonlySet<number> }>({ count: 0, ids: new Set() });

/** The same for incidents of which nothing changed but that their timelines have more. */
export const longer = signal<{ count: number; ids: ReadonlySet<number> }>({ count: 0, ids: new Set() });

/** Channels named here are not at rest; senders those heard since the server began, fifty at most. */
export interface Status {
  ready: boolean;
  reasons: string[];
  storms: { source: string; since: string; per_minute: number; usual_per_minute: number }[];
  queue: number;
  firing: number;
  open: number;
  channels: { name: string; waiting: number; broken: boolean; limited: boolean; healthy: boolean | null }[];
  sender_count: number;
  senders: { name: string; source: string; alerts: boolean; silent_since: string | null }[];
  rules: string;
  config_faults: string[];
}

// The server is never silent for longer than fifteen seconds.
const SILENT_MS = 40_000;
const LOOK_MS = 5_000;
const MATTERS_MS = 4_000;
// A browser has six connections to a server, and a page that nobody looks at needs none.
const HIDDEN_MS = 5 * 60_000;

let stream: EventSource | null = null;
/** The last event that the rows know of; empty while they are to be read anew. */
let place = "";
let heardAt = 0;
let turn = 0;
let tries = 0;
let hiddenAt: number | null = null;
let waiting: ReturnType<typeof setTimeout> | undefined;
let telling: ReturnType<typeof setTimeout> | undefined;
let watch: ReturnType<typeof setInterval> | undefined;

/** Ask for the rows and follow them from there; call it once somebody may. */
export async function follow(): Promise<void> {
  const mine = begin();
  try {
    const live = await fetchRows(() => mine === turn);
    if (mine !== turn) return;
    place = live;
    tries = 0;
    listen(mine);
  } catch {
    if (mine !== turn || signedOut.peek()) return;
    if (state.peek() !== "there") state.value = "failed";
    later(follow);
  }
}

/** Hang up. */
export function stop(): void {
  begin();
  clearInterval(watch);
  watch = undefined;
  found();
}

/** End what is under way; return the turn that what comes now belongs to. */
function begin(): number {
  clearTimeout(waiting);
  stream?.close();
  stream = null;
  connected.value = false;
  watch ??= setInterval(look, LOOK_MS);
  return (turn += 1);
}

function listen(mine: number): void {
  const opened = new EventSource(`/api/v1/live?since=${encodeURIComponent(place)}`);
  stream = opened;
  heardAt = performance.now();
  const on = (kind: string, act: (data: string) => void) =>
    opened.addEventListener(kind, (event: MessageEvent<string>) => {
      if (mine !== turn) return;
      heardAt = performance.now();
      if (event.lastEventId) place = event.lastEventId;
      act(event.data);
    });
  on("hello", (data) => {
    tries = 0;
    connected.value = true;
    found();
    setClock((JSON.parse(data) as { now: string }).now);
  });
  on("rows", (data) => {
    const news = JSON.parse(data) as News;
    take(news);
    const ids = new Set([...news.full, ...news.changed].map((row) => row.id));
    changed.value = { count: changed.peek().count + 1, ids };
  });
  on("lines", (data) => {
    const { incidents } = JSON.parse(data) as { incidents: number[] };
    longer.value = { count: longer.peek().count + 1, ids: new Set(incidents) };
  });
  on("status", (data) => {
    status.value = JSON.parse(data) as Status;
  });
  on("reset", () => {
    place = "";
    void follow();
  });
  on("ping", () => {});
  opened.onerror = () => mine === turn && lost();
}

/** Take it up again, at once the first time; after that only when the server answers, who may say that we must sign in. */
function lost(): void {
  begin();
  telling ??= setTimeout(() => {
    lostAt.value = Date.now() - MATTERS_MS;
  }, MATTERS_MS);
  later(resume);
}

function found(): void {
  clearTimeout(telling);
  telling = undefined;
  lostAt.value = null;
}

async function resume(): Promise<void> {
  const mine = begin();
  try {
    if (tries > 1) await get("/api/v1/status");
    if (mine === turn) listen(mine);
  } catch {
    if (mine === turn && !signedOut.peek()) later(resume);
  }
}

/** Try later: after longer each time, and not when every other console does. */
function later(act: () => Promise<void>): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void act(), waitMs(tries));
  tries += 1;
}

/** See whether the stream is still alive, and still wanted. */
function look(): void {
  const now = performance.now();
  tidy();
  if (stream && now - heardAt > SILENT_MS) lost();
  const { sound, notify } = settings.peek();
  if (stream && hiddenAt !== null && now - hiddenAt > HIDDEN_MS && !sound && !notify) begin();
}

/** Be up to date again as soon as somebody looks, or the network is back. */
function wake(): void {
  hiddenAt = document.visibilityState === "hidden" ? performance.now() : null;
  if (hiddenAt !== null || !watch || signedOut.peek()) return;
  if (stream && performance.now() - heardAt <= SILENT_MS) return;
  tries = 0;
  void (place ? resume() : follow());
}

document.addEventListener("visibilitychange", wake);
addEventListener("online", () => {
  // What was heard by another network comes no more, though nobody says so.
  if (stream) void resume();
  else wake();
});
