/** How senders and heartbeats stand. */

import type { Answer } from "../../api";
import type { Tone } from "../../kit/marks";

export type Sender = Answer<"/api/v1/sources">["sources"][number];
export type Kind = Answer<"/api/v1/sources">["kinds"][number];
export type UnknownWord = Answer<"/api/v1/sources">["unknown_words"][number];
export type Heartbeat = Answer<"/api/v1/heartbeats">["heartbeats"][number];
export type Standing = "reports" | "late" | "silent" | "unread";

/** A clock that is off by more is told; less is the way of an alert to us. */
export const SKEW_S = 60;
const LATE = 2;

export const TONES: Record<Standing, Tone> = { reports: "ok", late: "warn", silent: "bad", unread: "bad" };
export const PULSES: Record<string, Tone> = { alive: "ok", waiting: "plain", late: "warn", missing: "bad" };

/** Return how a sender stands: nothing of it could be read, it is missing, it is late, or it reports. */
export function standing(of: Sender, now: number): Standing {
  if (of.silent_since) return "silent";
  if (of.unreadable > 0 && of.requests === 0) return "unread";
  const since = (now - new Date(of.last_seen).getTime()) / 1_000;
  return of.usual_gap_s !== null && since > LATE * of.usual_gap_s + 60 ? "late" : "reports";
}

/** Tell whether a clock is so far off that times of alerts mislead. */
export const isOff = (of: Sender): boolean => of.skew_s !== null && Math.abs(of.skew_s) >= SKEW_S;

/** Order senders: those with troubles first, then by name. */
export function ordered(senders: readonly Sender[], now: number): Sender[] {
  const rank = { silent: 0, unread: 1, late: 2, reports: 3 };
  return [...senders].sort(
    (one, other) =>
      rank[standing(one, now)] - rank[standing(other, now)] || one.name.localeCompare(other.name),
  );
}

/** Return what was typed as it is to be sent: JSON as such, anything else as a form of a browser. */
export function bodyOf(typed: string): { text: string; type: string } | undefined {
  const text = typed.trim();
  if (!text) return undefined;
  const type = /^[[{]/.test(text) ? "application/json" : "application/x-www-form-urlencoded";
  return { text, type };
}
