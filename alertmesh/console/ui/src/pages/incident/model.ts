/** What the page of an incident is made of, worked out of what the server tells: no state, nothing drawn. */

import type { Answer } from "../../api";

export type Incident = Answer<"/api/v1/incidents/{id}">;
export type Members = Answer<"/api/v1/incidents/{id}/alerts">;
export type Member = Members["alerts"][number];
export type Attempt = Answer<"/api/v1/incidents/{id}/pages">["pages"][number];
export type Line = Answer<"/api/v1/incidents/{id}/timeline">["timeline"][number];
export type Graph = Answer<"/api/v1/incidents/{id}/graph">;
export type Node = Graph["nodes"][number];
export type Course = Answer<"/api/v1/incidents/{id}/repeats">;
export type ToDo = Answer<"/api/v1/incidents/{id}/runbooks">;
export type Runbook = ToDo["runbooks"][number];
export type ServiceNote = ToDo["services"][number];
export type Cause = Answer<"/api/v1/incidents/{id}/causes">["causes"][number];
export type Reason = Member["reasons"][number];

/** Return what happens next by itself, the nearest first; that somebody is reminded comes last, for it changes nothing. */
export function deadlines(one: Incident): { timer: string; at: string }[] {
  return Object.entries(one.deadlines)
    .map(([timer, at]) => ({ timer, at }))
    .sort(
      (a, b) =>
        Number(a.timer === "reminder") - Number(b.timer === "reminder") ||
        Date.parse(a.at) - Date.parse(b.at),
    );
}

/** The alerts of one name: `all` of them, of which `members` are known here, the foremost. */
export interface Kind {
  name: string;
  members: Member[];
  all: number;
  firing: number;
  worst: string;
  root: boolean;
  began: string;
}

/** Fold series by the name of their alert; the server has them in their order, to which the graph adds what it knows. */
export function folded(
  found: Pick<Members, "alerts" | "kinds">,
  causes: readonly Pick<Cause, "series">[],
  graph: Graph | undefined,
): Kind[] {
  const roots = new Set(rootSeries(causes, graph));
  const known = new Map<string, Member[]>(found.kinds.map((kind) => [kind.name, []]));
  for (const one of found.alerts) known.get(one.name)?.push(one);
  const kinds = found.kinds.map(({ name, series, firing, priority, began, root }): Kind => {
    const members = known.get(name) ?? [];
    const likely = root || members.some((one) => roots.has(one.series));
    return { name, members, all: series, firing, worst: priority, began, root: likely };
  });
  return kinds.sort((a, b) => Number(b.root) - Number(a.root));
}

/** Return the labels that tell one series from the others: those that not all of them have alike. */
export function telling(members: readonly Member[]): Set<string> {
  const values = new Map<string, Set<string>>();
  for (const one of members) {
    for (const [name, value] of Object.entries(one.labels)) {
      const seen = values.get(name) ?? new Set();
      if (seen.size < 2) seen.add(value);
      values.set(name, seen);
    }
  }
  return new Set([...values].filter(([, seen]) => seen.size > 1).map(([name]) => name));
}

/**
 * Return what happened in a few words: what the worst and earliest alert of the likely root says of itself. Without
 * one it is what the incident is called.
 */
export function headline(incident: Incident, members: readonly Member[], graph: Graph | undefined): string {
  const ids = new Set(rootSeries(incident.causes, graph));
  const telling = members
    .filter((one) => ids.has(one.series))
    .sort((a, b) => a.priority.localeCompare(b.priority) || a.opened_at.localeCompare(b.opened_at))[0];
  const said = telling ? telling.summary || `${telling.name} · ${telling.entity.name}` : incident.summary;
  return (said || incident.title).replace(/[.。\s]+$/, "");
}

/** Return the series that the likeliest root tells by; without a graph that which speaks for it. */
function rootSeries(causes: readonly Pick<Cause, "series">[], graph: Graph | undefined): readonly string[] {
  let best: Node | undefined;
  for (const node of graph?.nodes ?? []) {
    if (node.hop === 0 && node.root !== null && node.root > (best?.root ?? 0)) best = node;
  }
  return best?.series ?? causes.slice(0, 1).map((cause) => cause.series);
}

/** Return counts with room before them, so that a bar is as wide at the beginning as later on. */
export function padded(counts: readonly number[], least = 16): number[] {
  return [...Array<number>(Math.max(0, least - counts.length)).fill(0), ...counts];
}

/** Return the readings of a series as numbers, for a small figure; none where they are not all numbers. */
export function figures(member: Member): number[] {
  const found = member.readings.map((one) => Number.parseFloat(one.value));
  return found.length > 1 && found.every(Number.isFinite) ? found : [];
}

export type Sort = "people" | "pages" | "alerts" | "rules";

const SORTS: Record<Sort, ReadonlySet<string>> = {
  people: new Set(
    "ack unack escalate return assign snooze note step close root unrelated moved dismissed priority handover resolved reopened".split(
      " ",
    ),
  ),
  pages: new Set(
    "paging page sent delivered read failed coverage_gap reminded exhausted routed undeliverable".split(" "),
  ),
  alerts: new Set("opened joined grew worse eased cleared refired merged split absorbed".split(" ")),
  rules: new Set("rule held flapping suppressed unsuppressed suggested noop archived".split(" ")),
};

/** Return what sort of thing a line tells of. */
export function sortOf(kind: string): Sort {
  return (Object.keys(SORTS) as Sort[]).find((sort) => SORTS[sort].has(kind)) ?? "rules";
}

const RECEIPTS = new Set(["sent", "delivered", "read", "failed"]);

/** A line as it is shown: a page stands with everything that became of it. */
export interface Told {
  line: Line;
  attempts: Attempt[];
  sort: Sort;
  /** Lines of the same run that are folded into this one, the newest first. */
  more: Line[];
}

const RUNS = new Set(["joined", "grew", "held"]);
const LONG = 4;

/** Fold long runs of alerts that join into one line each, so that what people did stays in sight. */
export function runs(of: readonly Told[]): Told[] {
  const found: Told[] = [];
  let run: Told[] = [];
  const end = () => {
    const head = run.find((one) => one.line.kind === "joined") ?? run[0];
    if (head && run.length >= LONG) {
      found.push({ ...head, more: run.filter((one) => one !== head).map((one) => one.line) });
    } else found.push(...run);
    run = [];
  };
  for (const one of of) {
    if (RUNS.has(one.line.kind)) run.push(one);
    else {
      end();
      found.push(one);
    }
  }
  end();
  return found;
}

/** Whether anything can still be done to it. */
export const open = (one: Incident) => !one.archived && one.state !== "merged";

/** Put receipts to their pages; a receipt whose page is not known stays a line. Newest first. */
export function told(lines: readonly Line[], attempts: readonly Attempt[]): Told[] {
  const byPage = new Map<string, Attempt[]>();
  for (const one of attempts) byPage.set(one.page, [...(byPage.get(one.page) ?? []), one]);
  const shown: Told[] = [];
  const paired = new Set<string>();
  for (const line of lines) {
    const page = line.kind === "page" ? line.data["page"] : undefined;
    if (page) paired.add(page);
    shown.push({ line, attempts: page ? (byPage.get(page) ?? []) : [], sort: sortOf(line.kind), more: [] });
  }
  const known = paired.size > 0 && [...byPage.keys()].every((page) => paired.has(page));
  return shown.filter(({ line }) => !known || !RECEIPTS.has(line.kind)).reverse();
}

/** What changed of an incident between two looks at it, by name. */
export function moved(before: Incident, now: Incident): { name: string; before: string; now: string }[] {
  const names = ["state", "owner", "priority", "condition", "merged_into"] as const;
  return names
    .map((name) => ({ name, before: String(before[name] ?? ""), now: String(now[name] ?? "") }))
    .filter((one) => one.before !== one.now);
}

/** Return how many minutes are left until eight in the morning, when it is `clock` (HH:MM) now. */
export function untilMorning(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return (8 * 60 - hours * 60 - minutes + 1_440) % 1_440 || 1_440;
}
