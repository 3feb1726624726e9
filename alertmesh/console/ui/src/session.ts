/** Who looks, what they may do, and how they like it. */

import { computed, effect, signal } from "@preact/signals";
import { type Answer, get, patch, post, Problem, remove, signedOut } from "./api";
import { failed } from "./notices";
import { zone } from "./time";
import { waitMs } from "./waits";
import { chosen, type Language, t } from "./words";

export type Theme = "light" | "dark" | "auto";

export interface Settings {
  language: Language | "auto";
  zone: string;
  theme: Theme;
  sound: boolean;
  notify: boolean;
  density: "dense" | "roomy";
}

export interface Session {
  name: string;
  display: string;
  role: string;
  scopes: string[];
  way: "session" | "token" | "local";
  until: string | null;
  authentication: boolean;
  /** Whether they have a password here; without it a provider vouches for them. */
  password: boolean;
  person: string | null;
  settings: Settings;
}

/** Where this browser keeps the settings for the next visit, and who was signed in last for its other tabs. */
const KEPT = "alertmesh.settings";
const WHO = "alertmesh.who";

/** Who looks; null until that is known. */
export const session = signal<Session | null>(null);

/** Whether somebody would have to sign in, and there is no account to do it with. */
export const unmade = signal(false);

/** How the person likes it; kept on the server, and here for the first moment of the next visit. */
export const settings = signal<Settings>(remembered());

/** Tell whether the person may do what takes a scope. */
export const may = (scope: "read" | "ingest" | "respond" | "admin"): boolean => {
  const scopes = session.value?.scopes ?? [];
  return scopes.includes(scope) || scopes.includes("admin");
};

/** The name by which the person is on call, that of the account when it is nobody who can be paged; empty for nobody. */
export const me = computed(() => session.value?.person || session.value?.name || "");

/** Ask who looks, until the server tells; `signedOut` is set when it wants to know first. */
export async function enter(tries = 0): Promise<void> {
  try {
    take((await get("/api/v1/session")) as Session);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) {
      setTimeout(() => {
        if (!session.peek()) void enter(tries + 1);
      }, waitMs(tries));
      return;
    }
    session.value = null;
    unmade.value = error.kind === "no-account";
    signedOut.value = true;
  }
}

/** Sign in. What was open waits for the same person; for another one the console begins anew. */
export async function signIn(name: string, password: string): Promise<void> {
  const before = session.peek()?.name;
  const found = (await post("/api/v1/session", { body: { name, password } })) as Session;
  if (before !== undefined && before !== found.name) location.reload();
  else take(found);
}

/** How one can sign in. */
export type Ways = Answer<"/api/v1/session/ways">;

/** Sign out, at the provider too if it vouched for the person, and leave nothing of them on the screen. */
export async function signOut(): Promise<void> {
  if (session.peek()?.password !== false) {
    await remove("/api/v1/session");
    sessionStorage.clear();
    localStorage.setItem(WHO, "");
    location.assign("/");
    return;
  }
  const { next } = await post("/api/v1/session/oidc/logout");
  sessionStorage.clear();
  localStorage.setItem(WHO, "");
  location.assign(next ?? "/");
}

/** Take another password; every other browser that the person is signed in with is out. */
export async function changePassword(old: string, fresh: string): Promise<void> {
  take((await post("/api/v1/session/password", { body: { old, new: fresh } })) as Session);
}

function take(found: Session): void {
  session.value = found;
  kept = found.settings;
  show();
  signedOut.value = false;
  localStorage.setItem(WHO, found.name);
}

// All tabs have one cookie: another person must neither see what was open here, nor act under the name that stands here.
addEventListener("storage", ({ key, newValue }) => {
  if (key === WHO && (newValue ?? "") !== (session.peek()?.name ?? "")) location.reload();
  if (key === KEPT) {
    kept = remembered();
    show();
  }
});

// What the browser kept of a page that was left may be of somebody who signed out since.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

/** What the server has, as far as is known, and what is on its way there. */
let kept = settings.peek();
let underWay: readonly Partial<Settings>[] = [];
let last: Promise<void> = Promise.resolve();

/** Change how the person likes it, here at once and on the server, where another device may have changed the rest. */
export function change(parts: Partial<Settings>): Promise<void> {
  underWay = [...underWay, parts];
  show();
  last = last.then(() => send(parts));
  return last;
}

async function send(parts: Partial<Settings>): Promise<void> {
  try {
    kept = (await patch("/api/v1/session/settings", { body: parts })) as Settings;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) signedOut.value = true;
    failed(error, t("settings.notKept"));
  }
  underWay = underWay.filter((one) => one !== parts);
  show();
}

function show(): void {
  settings.value = Object.assign({ ...kept }, ...underWay) as Settings;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const darkNow = signal(dark.matches);
dark.addEventListener("change", () => {
  darkNow.value = dark.matches;
});

function remembered(): Settings {
  const standard: Settings = {
    language: "auto",
    zone: "auto",
    theme: "auto",
    sound: false,
    notify: false,
    density: "dense",
  };
  try {
    return { ...standard, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Settings>) };
  } catch {
    return standard;
  }
}

effect(() => {
  const { language, theme, density, zone: wanted } = settings.value;
  localStorage.setItem(KEPT, JSON.stringify(settings.value));
  chosen.value = language;
  zone.value = wanted === "auto" ? Intl.DateTimeFormat().resolvedOptions().timeZone : wanted;
  const root = document.documentElement;
  root.dataset["theme"] = theme === "auto" ? (darkNow.value ? "dark" : "light") : theme;
  root.dataset["density"] = density;
});
