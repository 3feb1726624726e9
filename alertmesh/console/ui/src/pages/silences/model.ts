/** Silences as people think of them: what they cover, how long they hold, what is asked for. */

import type { Answer } from "../../api";
import { BadMatcher, parseMatchers } from "../../matchers";
import { t } from "../../words";

export type Silence = Answer<"/api/v1/silences">["silences"][number];
export type Window = Answer<"/api/v1/maintenance">["maintenance"][number];
export type State = "active" | "pending" | "expired";

export const STATES: readonly State[] = ["active", "pending", "expired"];

/** Lengths that are one tap away. */
export const LENGTHS_S = [1_800, 3_600, 14_400, 86_400] as const;

/** What somebody is about to ask for. `id` is of the silence that it changes. */
export interface Draft {
  id: string;
  matchers: string;
  comment: string;
  /** In UTC; empty for at once. */
  starts: string;
  /** In UTC; empty: by `seconds`. */
  ends: string;
  seconds: number;
}

export const NEW: Draft = { id: "", matchers: "", comment: "", starts: "", ends: "", seconds: 3_600 };

/** Return a draft that changes a silence. */
export function changing(of: Silence): Draft {
  const starts = of.state === "pending" ? of.starts_at : "";
  return { id: of.id, matchers: of.matchers, comment: of.comment, starts, ends: of.ends_at, seconds: 0 };
}

/** Return a draft of the like of one that is over, as long as that one was. */
export function again(of: Silence): Draft {
  const seconds = Math.round((new Date(of.ends_at).getTime() - new Date(of.starts_at).getTime()) / 1_000);
  return { ...NEW, matchers: of.matchers, comment: of.comment, seconds: Math.max(60, seconds) };
}

/** Return the body that asks for what a draft says. */
export function asked(of: Draft) {
  return {
    matchers: of.matchers,
    comment: of.comment.trim(),
    ...(of.id && { id: of.id }),
    ...(of.starts && { starts_at: of.starts }),
    ...(of.ends ? { ends_at: of.ends } : { duration_s: of.seconds }),
  };
}

/** Return what is wrong with matchers, in words; undefined when nothing is. */
export function faultOf(text: string): string | undefined {
  try {
    return parseMatchers(text).length ? undefined : t("silences.noMatchers");
  } catch (error) {
    if (!(error instanceof BadMatcher)) throw error;
    return t(`silences.fault.${error.why}`, { at: error.at + 1, what: error.what });
  }
}

/** Return the conditions of a silence, one by one; the whole text when it cannot be read. */
export function conditions(text: string): string[] {
  try {
    return parseMatchers(text).map((one) => `${one.name}${one.op}"${one.value}"`);
  } catch {
    return [text];
  }
}
