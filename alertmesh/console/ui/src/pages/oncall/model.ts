/** Who has duty, who will have it, and who stands in: what the views of this page share. */

import { computed } from "@preact/signals";
import { type Answer, get, remove } from "../../api";
import { people } from "../../people";
import { query } from "../../route";
import { session } from "../../session";
import { format, zone } from "../../time";
import { t } from "../../words";
import { toField } from "../../zoned";

export type Duty = Answer<"/api/v1/oncall">["oncall"][number];
export type Shift = Answer<"/api/v1/oncall/{roster}/shifts">["shifts"][number];
export type Faults = Answer<"/api/v1/oncall/{roster}/gaps">;
export type Fault = Faults["faults"][number];
export type Override = Answer<"/api/v1/oncall/overrides">["overrides"][number];

/** A shift and whose it is. */
export interface Turn extends Shift {
  roster: string;
}

/** Duty of one person without a break, in one place of one roster. */
export interface Mine {
  roster: string;
  first: boolean;
  starts: string;
  ends: string | null;
  /** By an override, in whose place; undefined for a turn of their own. */
  covered: string | undefined;
}

export const DAY_MS = 86_400_000;
const SHOWN = 500;
const KEPT = "alertmesh.oncall.as";

/**
 * Who one is on call. Where nobody signs in, that is whom the address or the last visit names; empty while it is not
 * known.
 */
export const acting = computed(() => {
  const known = session.value?.person;
  if (known) return known;
  const said = query.value.get("as") ?? localStorage.getItem(KEPT) ?? "";
  return people.value.has(said) ? said : "";
});

/** Say who one is, where nobody signs in. */
export function remember(name: string): void {
  localStorage.setItem(KEPT, name);
}

/** Those that policies page come first, tier 1 before tier 2. */
function rank(of: Duty): number {
  const tiers = of.used_by.map((one) => one.tier);
  return tiers.includes("ops") ? 0 : tiers.includes("rnd") ? 1 : 2;
}

/** Ask who has duty in every roster, those that are paged first. */
export async function duties(signal: AbortSignal): Promise<Duty[]> {
  const found: Duty[] = [];
  let after: string | null = null;
  do {
    const page: Answer<"/api/v1/oncall"> = await get("/api/v1/oncall", {
      query: { limit: SHOWN, after },
      signal,
    });
    found.push(...page.oncall);
    after = page.next;
  } while (after !== null);
  return found.sort((one, other) => rank(one) - rank(other));
}

/** Ask for the shifts of some rosters in a span of time. */
export async function turns(
  rosters: readonly string[],
  from: Date,
  to: Date,
  signal: AbortSignal,
): Promise<Turn[]> {
  const asked = rosters.map(async (roster) => {
    const found: Turn[] = [];
    const span = { from: from.toISOString(), to: to.toISOString() };
    let after: string | null = null;
    do {
      const page: Answer<"/api/v1/oncall/{roster}/shifts"> = await get("/api/v1/oncall/{roster}/shifts", {
        path: { roster },
        query: after === null ? { ...span, limit: SHOWN } : { after, limit: SHOWN },
        signal,
      });
      found.push(...page.shifts.map((one) => ({ ...one, roster })));
      after = page.next;
    } while (after !== null);
    return found;
  });
  return (await Promise.all(asked)).flat();
}

/** Ask what is wrong with some rosters in the days ahead. */
export async function faults(
  rosters: readonly string[],
  days: number,
  signal: AbortSignal,
): Promise<Faults[]> {
  const to = new Date(Date.now() + days * DAY_MS).toISOString();
  return Promise.all(
    rosters.map((roster) => get("/api/v1/oncall/{roster}/gaps", { path: { roster }, query: { to }, signal })),
  );
}

/** Ask for the overrides that may still matter: what is asked for, agreed, and the latest of the others. */
export async function overrides(signal: AbortSignal): Promise<Override[]> {
  return (await get("/api/v1/oncall/overrides", { query: { limit: 200 }, signal })).overrides;
}

/** Take an override back, or end it. */
export const end = (id: string) => remove("/api/v1/oncall/overrides/{id}", { path: { id } });

/** Return when somebody has duty, what follows without a break as one. */
export function dutyOf(person: string, all: readonly Turn[]): Mine[] {
  const found: Mine[] = [];
  for (const one of all) {
    if (one.primary !== person && one.secondary !== person) continue;
    const first = one.primary === person;
    const covered = first && one.override ? one.covered : undefined;
    const last = found.at(-1);
    if (last && last.roster === one.roster && last.first === first && last.covered === covered)
      if (last.ends === one.starts_at) {
        last.ends = one.ends_at;
        continue;
      }
    found.push({ roster: one.roster, first, starts: one.starts_at, ends: one.ends_at, covered });
  }
  return found.sort((one, other) => one.starts.localeCompare(other.starts));
}

/** Return whether somebody may answer what is asked. */
export const mayAnswer = (one: Override, person: string) =>
  one.state === "asked" && !!person && one.covered !== person && (one.person === "" || one.person === person);

/** Return a span of time in words: the day once when it is the same. */
export function span(from: string | Date, to: string | Date | null): string {
  const whole: Intl.DateTimeFormatOptions = {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  };
  if (to === null) return t("oncall.fromOn", { at: format(from, whole) });
  const same = toField(from).slice(0, 10) === toField(to).slice(0, 10);
  return `${format(from, whole)} – ${format(to, same ? { hour: "2-digit", minute: "2-digit" } : whole)}`;
}

/** Return whether the times of a roster are read on another clock than the person's. */
export const elsewhere = (of: string) => of !== zone.value;
