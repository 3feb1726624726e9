/** A sound and a notification of the browser when an incident becomes a P1 that nobody has yet. */

import { effect } from "@preact/signals";
import { fresh } from "./fresh";
import { changed } from "./live";
import notifier from "./notifier.ts?worker&url";
import { go } from "./route";
import { known, type Row, rows, state } from "./rows";
import { settings } from "./session";
import { t } from "./words";

const RUNG = "alertmesh.rung";
const ONE_TAB_MS = 4_000;

/** Whether this browser may tell of a P1 while nobody looks, and if not why. */
export type Permission = "granted" | "denied" | "default" | "unsafe" | "missing";

export function permission(): Permission {
  if (!isSecureContext) return "unsafe";
  return typeof Notification === "undefined" ? "missing" : Notification.permission;
}

/** Ask the person for it, where the browser still lets us. */
export async function askPermission(): Promise<Permission> {
  if (permission() === "default") await Notification.requestPermission();
  return permission();
}

let audio: AudioContext | null = null;

/** Make the sound of a P1. Browsers stay silent until the person has done something on the page: then it is false. */
export async function ring(): Promise<boolean> {
  audio ??= new AudioContext();
  if (audio.state === "suspended")
    await Promise.race([audio.resume(), new Promise((past) => setTimeout(past, 300))]);
  if (audio.state !== "running") return false;
  for (const [begins, pitch] of [
    [0, 880],
    [0.22, 660],
    [0.5, 880],
    [0.72, 660],
  ] as const) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + begins;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.22);
  }
  return true;
}

/** Show a notification of the browser, which leads to `to`; false where it cannot. */
export async function notify(title: string, text: string, tag: string, to: string): Promise<boolean> {
  if (permission() !== "granted") return false;
  const how: NotificationOptions = { body: text, tag, requireInteraction: true, data: { to } };
  try {
    // Phones show only what a worker shows; where there is none, the page does it.
    if (navigator.serviceWorker) await (await worker()).showNotification(title, how);
    else shownHere(new Notification(title, how), to);
    return true;
  } catch {
    return false;
  }
}

function shownHere(shown: Notification, to: string): void {
  shown.onclick = () => {
    window.focus();
    go(to);
    shown.close();
  };
}

let working: Promise<ServiceWorkerRegistration> | null = null;

/** Return the worker that shows notifications, once it does. */
function worker(): Promise<ServiceWorkerRegistration> {
  working ??= begun().catch((error: unknown) => {
    working = null;
    throw error;
  });
  return working;
}

async function begun(): Promise<ServiceWorkerRegistration> {
  const registered = await navigator.serviceWorker.register(notifier);
  const young = registered.installing ?? registered.waiting;
  if (!registered.active && young)
    await new Promise<void>((done) => {
      young.addEventListener("statechange", () => young.state === "activated" && done());
    });
  return registered;
}

const seen = new Set<number>();
let watching = false;

function* current(): Generator<Row> {
  for (const id of known.peek()) {
    const row = rows.get(id)?.peek();
    if (row) yield row;
  }
}

function tell(news: Row[]): void {
  const { sound, notify: notices } = settings.peek();
  const [row] = news;
  if (!row) return;
  if (sound && isFirstTab(row.id)) void ring();
  if (!notices) return;
  if (news.length > 3) void notify(t("settings.manyP1", { n: news.length }), row.title, "p1", "/");
  else
    for (const one of news)
      void notify(`P1 · ${one.title}`, one.summary, `incident-${one.id}`, `/incidents/${one.id}`);
}

/** Tell whether no other tab of this browser made the sound for it a moment ago. */
function isFirstTab(id: number): boolean {
  const [before, at] = (localStorage.getItem(RUNG) ?? "").split(" ").map(Number);
  if (before === id && at && Date.now() - at < ONE_TAB_MS) return false;
  localStorage.setItem(RUNG, `${id} ${Date.now()}`);
  return true;
}

/** Watch the rows from now on. */
export function watch(): void {
  if (watching) return;
  watching = true;
  // A tap may be on what another tab showed, or this one before it was loaded again.
  navigator.serviceWorker?.addEventListener("message", ({ data }: MessageEvent<{ to: string }>) =>
    go(data.to),
  );
  navigator.serviceWorker?.startMessages();
  let first = true;
  effect(() => {
    void changed.value;
    void known.value;
    if (state.value !== "there") return;
    tell(fresh(current(), seen, first));
    first = false;
  });
  effect(() => {
    if (!settings.value.sound) return;
    // The browser lets us be heard once the person has touched the page.
    const unlock = () => {
      audio ??= new AudioContext();
      if (audio.state === "suspended") void audio.resume();
    };
    addEventListener("pointerdown", unlock, { once: true });
    addEventListener("keydown", unlock, { once: true });
  });
}
