/** What people do to one incident: seen at once, taken back where it can be, and asked again when it moved on. */

import { signal } from "@preact/signals";
import { get, post, Problem } from "../../api";
import { done, failed } from "../../notices";
import { type After, type Body, carryOut, isUnderWay, type Order, takeAndSnooze } from "../../orders";
import { me } from "../../session";
import { owned } from "../../standing";
import { type Back, ofAck, ofAssign, ofSnooze, ofUnack } from "../../undo";
import { language, t } from "../../words";
import { called } from "../../people";
import type { Incident, Line } from "./model";

/** The incident that is worked at, and how to have it shown anew. */
export interface Bench {
  /** As it is shown: guesses lie over what the server told. */
  incident: Incident;
  /** The number of the last line of its timeline that is shown. */
  seen: number;
  /** Show a guess; return what takes it away. */
  guess: (parts: Partial<Incident>) => () => void;
  /** Take what the server says it is by now. */
  take: (now: After) => void;
  reload: () => void;
  /** Tell whether its page is still open. */
  isOpen: () => boolean;
}

/** What could not be done because the incident moved on meanwhile. */
export interface Conflict {
  order: Order;
  before: Incident;
  now: Incident;
  /** What was written into its timeline since. */
  lines: Line[];
  again: () => void;
  leave: () => void;
}

export const conflict = signal<Conflict | null>(null);

interface Deed {
  order: Order;
  body?: Body;
  /** Values for the words of it. */
  values?: Record<string, string | number>;
  /** What will most likely be, until the server says. */
  guess?: Partial<Incident>;
  /** Return what takes it back, by how it was before and is after; null for nothing. */
  undo?: (before: Incident, after: After) => (() => Promise<boolean>) | null;
}

/** Do it now; tell whether it was done. What is under way already is not done twice. */
export async function perform(bench: Bench, deed: Deed, epoch = bench.incident.epoch): Promise<boolean> {
  const before = bench.incident;
  if (isUnderWay(before.id, deed.order, deed.body)) return false;
  const takeAway = deed.guess ? bench.guess(deed.guess) : () => {};
  try {
    const after = await sent(bench, deed, epoch);
    bench.take(after);
    const undo = deed.undo?.(before, after);
    done(
      t(`incident.did.${deed.order}`, deed.values),
      undo ? () => void undo().then(() => bench.reload()) : undefined,
    );
    return true;
  } catch (error) {
    const now =
      error instanceof Problem && error.status === 409
        ? (error.rest["incident"] as After | undefined)
        : undefined;
    if (now) return ask(bench, deed, now);
    failed(error, t(`incident.not.${deed.order}`));
    return false;
  } finally {
    takeAway();
    bench.reload();
  }
}

function sent({ incident, take }: Bench, { order, body }: Deed, epoch: number | null): Promise<After> {
  return order === "snooze" && !owned(incident)
    ? takeAndSnooze(incident.id, epoch, body ?? {}, take)
    : carryOut(incident.id, order, epoch, body);
}

/** Ask whether to do it all the same; tell whether it was done in the end. */
async function ask(bench: Bench, deed: Deed, after: After): Promise<boolean> {
  const before = bench.incident;
  const now = { ...before, ...after };
  bench.take(after);
  const lines = await get("/api/v1/incidents/{id}/timeline", {
    path: { id: now.id },
    query: { after: bench.seen, limit: 20, language: language.peek() },
  }).then(
    (page) => page.timeline,
    () => [],
  );
  if (!bench.isOpen()) {
    const { id } = now;
    failed(t("incident.movedOnThere", { id }), t(`incident.not.${deed.order}`), `/incidents/${id}`);
    return false;
  }
  conflict.peek()?.leave();
  return new Promise((tell) => {
    const answer = (isDone: boolean | Promise<boolean>) => {
      conflict.value = null;
      tell(isDone);
    };
    conflict.value = {
      order: deed.order,
      before,
      now,
      lines,
      again: () => answer(perform({ ...bench, incident: now }, deed)),
      leave: () => answer(false),
    };
  });
}

/** Send an order that takes another one back, as of the incident that came out of that; without an epoch whatever it is. */
async function back(after: Pick<Incident, "id" | "epoch">, order: Order, body: Body = {}): Promise<boolean> {
  try {
    await carryOut(after.id, order, after.epoch, body);
    done(t("incident.undone"));
    return true;
  } catch (error) {
    failed(error, t("incident.notUndone"));
    return false;
  }
}

/** Return what sends what takes an order back. */
const sending = (after: After, to: Back | null) => to && (() => back(after, to.order, to.body));

export function ack(bench: Bench): Promise<boolean> {
  const { state, tier } = bench.incident;
  const next = tier === "rnd" ? "t2_acked" : "t1_acked";
  return perform(bench, {
    order: "ack",
    guess: { owner: me.peek(), ...(state !== "t2_paging" && { state: next, deadlines: {} }) },
    undo: (before, after) => sending(after, ofAck(before, me.peek())),
  });
}

export const unack = (bench: Bench) =>
  perform(bench, {
    order: "unack",
    guess: {
      owner: "",
      state: bench.incident.tier === "rnd" ? "t2_paging" : "t1_paging",
      deadlines: {},
    },
    undo: (before, after) => sending(after, ofUnack(before, me.peek())),
  });

export const escalate = (bench: Bench, body: Body = {}) =>
  perform(bench, { order: "escalate", body, guess: { state: "t2_paging", tier: "rnd", deadlines: {} } });

export const giveBack = (bench: Bench, text: string) => perform(bench, { order: "return", body: { text } });

/** Keep it quiet for a while; only who has it may, so it is taken first if nobody has. */
export const snooze = (bench: Bench, minutes: number, values: Record<string, string>) =>
  perform(bench, {
    order: "snooze",
    body: { minutes },
    values,
    guess: {
      state: "snoozed",
      owner: owned(bench.incident) ? bench.incident.owner : me.peek(),
      deadlines: { snooze: new Date(Date.now() + minutes * 60_000).toISOString() },
    },
    undo: (before, after) => sending(after, ofSnooze(before, me.peek())),
  });

export const assign = (bench: Bench, person: string) =>
  perform(bench, {
    order: "assign",
    body: { person },
    values: { person: called(person) },
    undo: (before, after) => sending(after, ofAssign(before, person)),
  });

export const setPriority = (bench: Bench, priority: string, text: string) =>
  perform(bench, {
    order: "priority",
    body: { priority, ...(text && { text }) },
    values: { priority },
    guess: { priority },
    undo:
      ({ priority: had }, after) =>
      () =>
        back(after, "priority", { priority: had }),
  });

export const resolve = (bench: Bench, text: string) =>
  perform(bench, {
    order: "resolve",
    body: text ? { text } : {},
    guess: { state: "resolved", deadlines: {} },
  });

export const close = (bench: Bench, text: string) =>
  perform(bench, { order: "close", body: text ? { text } : {}, guess: { state: "closed" } });

/** Others may act meanwhile; what is written stays as true, so no epoch is held against it. */
export const note = (bench: Bench, text: string) => perform(bench, { order: "note", body: { text } }, null);

export const merge = (bench: Bench, into: number) =>
  perform(bench, {
    order: "merge",
    body: { into },
    values: { id: into },
    guess: { merged_into: into, state: "merged" },
  });

/** Put series where they belong: into another incident, or into one of their own. */
export function move(bench: Bench, series: string[], into: number | null): Promise<boolean> {
  const from = bench.incident.id;
  const values = { n: series.length, id: into ?? 0 };
  if (into === null) return perform(bench, { order: "split", body: { series }, values });
  return perform(bench, {
    order: "move",
    body: { series, into },
    values,
    undo: () => () => back({ id: into, epoch: null }, "move", { series, into: from }),
  });
}

export const markRoot = (bench: Bench, body: { series?: string[]; entity?: string }, name: string) =>
  perform(bench, { order: "root", body, values: { name } });

export const unrelated = (bench: Bench, body: { series?: string[]; other?: number }) =>
  perform(bench, { order: "unrelated", body, values: { n: body.series?.length ?? 0, id: body.other ?? 0 } });

/** Tick a step, or take the tick back. Others may tick at the same time, so no epoch is held against it. */
export async function tick(bench: Bench, runbook: string, step: number, on: boolean): Promise<boolean> {
  try {
    await post("/api/v1/incidents/{id}/step", {
      path: { id: bench.incident.id },
      body: { runbook, step, done: on },
    });
    return true;
  } catch (error) {
    failed(error, t("incident.not.step"));
    return false;
  }
}

/** Have a suggestion carried out, or say that it is wrong. */
export async function answer(bench: Bench, n: number, action: "accept" | "dismiss"): Promise<void> {
  const { id, epoch } = bench.incident;
  try {
    await post("/api/v1/incidents/{id}/suggestions/{n}", { path: { id, n }, body: { action, epoch } });
    done(t(`incident.did.${action}`));
  } catch (error) {
    failed(error);
  }
  bench.reload();
}
