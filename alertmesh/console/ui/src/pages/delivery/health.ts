/** What is wrong with the ways to people, read off the channels. */

import type { Answer } from "../../api";

export type Channel = Answer<"/api/v1/channels">["channels"][number];
export type Sent = Answer<"/api/v1/pages">["pages"][number];
export type Standing = "works" | "strained" | "down" | "unused";

export interface Trouble {
  channel: string;
  tone: "bad" | "warn";
  /** Key of its words, below `delivery.trouble`. */
  kind: "paused" | "unhealthy" | "waits" | "failing" | "full";
  why: string;
  /** Since when, until when, or for how many seconds. */
  at?: string;
  seconds?: number;
}

/** From how many seconds on a message that waits is told, and from how many on it is grave. */
const WAITS_S = 60;
const GRAVE_S = 180;

/** Return what is wrong with the channels, the gravest first. */
export function troubles(channels: readonly Channel[]): Trouble[] {
  return channels
    .flatMap(troublesOf)
    .sort((one, other) => Number(other.tone === "bad") - Number(one.tone === "bad"));
}

export function troublesOf(of: Channel): Trouble[] {
  const found: Trouble[] = [];
  const channel = of.name;
  if (of.paused_until) found.push({ channel, tone: "bad", kind: "paused", why: of.why, at: of.paused_until });
  if (of.healthy === false) {
    const since = of.probe_since ? { at: of.probe_since } : {};
    found.push({ channel, tone: "bad", kind: "unhealthy", why: of.probe_error, ...since });
  }
  if (of.oldest_s >= WAITS_S) {
    const tone = of.oldest_s >= GRAVE_S ? "bad" : "warn";
    found.push({ channel, tone, kind: "waits", why: "", seconds: of.oldest_s });
  }
  if (of.last_failure_at && (!of.last_success_at || of.last_failure_at > of.last_success_at)) {
    found.push({
      channel,
      tone: of.last_success_at ? "warn" : "bad",
      kind: "failing",
      why: of.last_error,
      at: of.last_failure_at,
    });
  }
  if (!of.paused_until && of.robots.length > 0 && of.robots.every((robot) => robot.room === 0)) {
    found.push({ channel, tone: "warn", kind: "full", why: "" });
  }
  return found;
}

/** Return how a channel stands, in one word. */
export function standing(of: Channel): Standing {
  const found = troublesOf(of);
  if (found.some((one) => one.tone === "bad")) return "down";
  if (found.length) return "strained";
  return of.sends || of.healthy ? "works" : "unused";
}

/** Return how long a message was under way until the channel took it, in seconds; null while it is. */
export function tookS(of: Sent["attempt"]): number | null {
  const taken = of.settled_at ?? of.claimed_at;
  if (!taken || of.state === "queued") return null;
  return Math.max(0, (new Date(taken).getTime() - new Date(of.due_at).getTime()) / 1_000);
}

/** Return what all channels come to: tries of the last day, failures, what waits. */
export function total(channels: readonly Channel[]) {
  const sum = (of: (channel: Channel) => number) => channels.reduce((all, channel) => all + of(channel), 0);
  return {
    sends: sum((one) => one.sends),
    failed: sum((one) => Object.values(one.refusals).reduce((all, count) => all + count, 0)),
    delivered: sum((one) => one.delivered),
    waiting: sum((one) => one.waiting),
    oldest: Math.max(0, ...channels.map((one) => one.oldest_s)),
    reports: channels.some((one) => one.reports),
  };
}
