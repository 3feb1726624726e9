/**
 * What people do to incidents from the list: seen at once, told by number where it failed, and taken back where it can
 * be. What cannot be taken back waits for some seconds before it is sent.
 */

import { signal } from "@preact/signals";
import { addressOf, Problem } from "../../api";
import { guess, said, told } from "../../guesses";
import { dismiss, done, failed, whyNot } from "../../notices";
import { type After, carryOut, isUnderWay, takeAndSnooze } from "../../orders";
import { rows } from "../../rows";
import { me } from "../../session";
import { owned } from "../../standing";
import { type Back, ofAck, ofSnooze } from "../../undo";
import { t } from "../../words";
import { past, pending, selected, unselect } from "./list";
import type { Row } from "./row";

export type Order = "ack" | "unack" | "snooze" | "assign" | "escalate" | "merge" | "resolve" | "close";

type Body = { minutes?: number; person?: string; into?: number };

/** What is done to some incidents, and of which epoch each was when that was decided. */
interface Deed {
  order: Order;
  body: Body;
  epochs: ReadonlyMap<number, number | null>;
}

/** What takes back what was done to an incident that was so. */
type BackOf = (was: Row) => Back | null;

/** An incident that moved on before something could be done to it. */
export interface Stale {
  id: number;
  title: string;
  before: string;
  now: string;
  owner: string;
}

/** What could not be done because incidents moved on; it is asked whether to do it all the same. */
export const stale = signal<{ order: Order; items: readonly Stale[]; again: () => void } | null>(null);

/** Which question is asked before something is done, and to which incidents. */
export const asking = signal<{
  what: "snooze" | "assign" | "merge" | "silence";
  ids: readonly number[];
} | null>(null);

/** Counts up when something here changed rows. */
export const stirred = signal(0);

const WAITS_MS = 5_000;
const AT_ONCE = 6;

export function ack(ids: readonly number[]): void {
  void perform(deed("ack", ids), (was) => ofAck(was, me.peek()));
}

export function snooze(ids: readonly number[], minutes: number): void {
  void perform(deed("snooze", ids, { minutes }), (was) => ofSnooze(was, me.peek()));
}

export const assign = (ids: readonly number[], person: string) => later(deed("assign", ids, { person }));
export const escalate = (ids: readonly number[]) => later(deed("escalate", ids));
export const resolve = (ids: readonly number[]) => later(deed("resolve", ids));
export const close = (ids: readonly number[]) => later(deed("close", ids));

export const merge = (ids: readonly number[], into: number) =>
  later(
    deed(
      "merge",
      ids.filter((id) => id !== into),
      { into },
    ),
  );

function deed(order: Order, ids: readonly number[], body: Body = {}): Deed {
  return { order, body, epochs: new Map(ids.map((id) => [id, rowOf(id)?.epoch ?? null])) };
}

/** Do it now; `backOf` tells what takes it back. What is under way already is not done twice. */
async function perform(wanted: Deed, backOf: BackOf = () => null): Promise<void> {
  const { order, body } = wanted;
  const what = without(wanted, (id) => isUnderWay(id, order, body));
  const ids = [...what.epochs.keys()];
  if (!ids.length) return;
  const before = new Map(ids.map((id) => [id, rowOf(id)]));
  const { reached, refused } = await carriedOut(what);
  stirred.value += 1;
  if (reached.size)
    done(worded(`incidents.did.${order}`, [...reached.keys()], body), takesBack(reached, before, backOf));
  const moved = [...refused].filter(([, problem]) => problem.status === 409);
  const others = [...refused].filter(([, problem]) => problem.status !== 409);
  if (others.length)
    failed(reasons(others), worded(`incidents.not.${order}`, [...new Map(others).keys()], body));
  if (moved.length) ask(what, moved, backOf);
}

function without(what: Deed, left: (id: number) => boolean): Deed {
  return { ...what, epochs: new Map([...what.epochs].filter(([id]) => !left(id))) };
}

/** Return what takes back what was done, as of what came of it; nothing where there is nothing to take back. */
function takesBack(
  reached: ReadonlyMap<number, After>,
  before: ReadonlyMap<number, Row | undefined>,
  backOf: BackOf,
): (() => void) | undefined {
  const deeds = new Map<string, Deed & { epochs: Map<number, number | null> }>();
  for (const [id, { epoch }] of reached) {
    const was = before.get(id);
    const back = was && backOf(was);
    if (!back) continue;
    const alike = JSON.stringify(back);
    const one = deeds.get(alike) ?? { ...back, epochs: new Map<number, number | null>() };
    one.epochs.set(id, epoch);
    deeds.set(alike, one);
  }
  return deeds.size ? () => deeds.forEach((one) => void perform(one)) : undefined;
}

interface Outcome {
  reached: Map<number, After>;
  /** What was refused, and why. */
  refused: Map<number, Problem>;
}

/** Show it at once, and send it: some at a time, or all while somebody is about to leave. */
async function carriedOut(what: Deed): Promise<Outcome> {
  const guesses = new Map([...what.epochs.keys()].map((id) => [id, guessOf(id, what)]));
  stirred.value += 1;
  const left = [...what.epochs];
  const outcome: Outcome = { reached: new Map(), refused: new Map() };
  const work = async () => {
    for (let one = left.shift(); one; one = left.shift()) {
      const [id, epoch] = one;
      try {
        const after = await sent(what, id, epoch);
        take(after);
        outcome.reached.set(id, after);
      } catch (error) {
        outcome.refused.set(id, error instanceof Problem ? error : new Problem(0, "broken", String(error)));
      }
      guesses.get(id)?.();
    }
  };
  const most = document.visibilityState === "hidden" ? left.length : AT_ONCE;
  await Promise.all(Array.from({ length: most }, work));
  return outcome;
}

function sent({ order, body }: Deed, id: number, epoch: number | null): Promise<After> {
  const kept = keptOf(id);
  return order === "snooze" && kept && !owned(told(kept))
    ? takeAndSnooze(id, epoch, body, take)
    : carryOut(id, order, epoch, body);
}

function ask(what: Deed, moved: readonly [number, Problem][], backOf: BackOf): void {
  const epochs = new Map<number, number | null>();
  const items = moved.map(([id, problem]) => {
    const now = problem.rest["incident"] as After | undefined;
    const was = rowOf(id);
    epochs.set(id, now?.epoch ?? null);
    const item = {
      id,
      title: now?.title ?? was?.title ?? "",
      before: was?.state ?? "",
      now: now?.state ?? "",
      owner: now?.owner ?? "",
    };
    if (now) take(now);
    return item;
  });
  if (!isAttended) {
    const ids = items.map(({ id }) => id);
    failed(
      t("incidents.movedOn", { ids: ids.map((id) => `#${id}`).join(", ") }),
      worded(`incidents.not.${what.order}`, ids, what.body),
      ids.length === 1 ? `/incidents/${ids[0]}` : "/",
    );
    return;
  }
  stale.value = {
    order: what.order,
    items,
    again: () => {
      stale.value = null;
      void perform({ ...what, epochs }, backOf);
    },
  };
}

let isAttended = false;

/** Have questions asked here, as long as there is somebody to see them; return what ends that. */
export function attend(): () => void {
  isAttended = true;
  return () => {
    isAttended = false;
    stale.value = null;
  };
}

// What is seen before the server answers

/** Show what will most likely be; return what takes that away. */
function guessOf(id: number, what: Deed): () => void {
  const kept = keptOf(id);
  return kept ? guess(kept, guessed(kept.peek(), what)) : () => {};
}

function guessed(row: Row, { order, body }: Deed): Partial<Row> {
  const owner = me.peek();
  switch (order) {
    case "ack":
      return row.state === "t2_paging"
        ? { owner }
        : { owner, state: row.tier === "rnd" ? "t2_acked" : "t1_acked", deadlines: {} };
    case "unack":
      return { owner: "", state: row.tier === "rnd" ? "t2_paging" : "t1_paging", deadlines: {} };
    case "snooze":
      return {
        owner: owned(row) ? row.owner : owner,
        state: "snoozed",
        deadlines: { snooze: new Date(Date.now() + (body.minutes ?? 0) * 60_000).toISOString() },
      };
    case "merge":
      return { state: "merged", merged_into: body.into ?? null, deadlines: {} };
    case "resolve":
      return { state: "resolved", deadlines: {} };
    case "close":
      return { state: "closed", deadlines: {} };
    case "escalate":
      return { state: "t2_paging", tier: "rnd", deadlines: {} };
    case "assign":
      return { owner: body.person ?? "" };
  }
}

const TAKEN_OVER = [
  "state",
  "epoch",
  "priority",
  "condition",
  "tier",
  "step",
  "team",
  "owner",
  "ops_owner",
  "incoming",
  "paged",
  "since",
  "deadlines",
  "changed_at",
  "merged_into",
  "archived",
] as const satisfies readonly (keyof Row & keyof After)[];

/** Take what the server says an incident is by now. */
function take(now: After): void {
  const kept = keptOf(now.id);
  if (!kept || (told(kept).epoch ?? 0) > (now.epoch ?? 0)) return;
  said(kept, { ...told(kept), ...Object.fromEntries(TAKEN_OVER.map((name) => [name, now[name]])) });
}

// What waits before it is sent

interface Wait {
  what: Deed;
  end: (doIt: boolean) => void;
}

const waits = new Set<Wait>();

/** Do it in a while. What waits for just this already is not done twice. */
function later(wanted: Deed): void {
  const what = without(wanted, (id) => isAwaited(id, wanted));
  const ids = [...what.epochs.keys()];
  if (!ids.length) return;
  pending.value = new Set([...pending.peek(), ...ids]);
  if (ids.some((id) => selected.peek().has(id))) unselect();
  const end = (doIt: boolean) => {
    clearTimeout(timer);
    if (!waits.delete(wait)) return;
    dismiss(notice);
    pending.value = new Set([...waits].flatMap((one) => [...one.what.epochs.keys()]));
    if (doIt) void perform(what);
  };
  const wait = { what, end };
  waits.add(wait);
  const notice = done(worded(`incidents.will.${what.order}`, ids, what.body), () => end(false));
  const timer = setTimeout(() => end(true), WAITS_MS);
}

function isAwaited(id: number, { order, body }: Deed): boolean {
  return [...waits].some(
    ({ what }) =>
      what.order === order && what.epochs.has(id) && JSON.stringify(what.body) === JSON.stringify(body),
  );
}

// Whoever locks the phone, or leaves the console, meant what they said. Timers may stand still from then on.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") for (const wait of [...waits]) wait.end(true);
});
addEventListener("pagehide", () => {
  for (const { what, end } of [...waits]) {
    end(false);
    // Nothing of a page that goes away runs later, so this queues for nothing.
    for (const [id, epoch] of what.epochs) {
      void fetch(addressOf(`/api/v1/incidents/{id}/${what.order}`, { path: { id } }), {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ epoch, ...what.body }),
      });
    }
  }
});

// In words

function worded(key: string, ids: readonly number[], { minutes, person, into }: Body): string {
  const values = {
    n: ids.length,
    minutes: minutes ?? 0,
    person: person ?? "",
    into: into ?? 0,
    id: ids[0] ?? 0,
  };
  const which = ids.length === 1 ? t("incidents.thisOne", values) : t("incidents.these", values);
  return t(key, { ...values, which });
}

function reasons(of: readonly [number, Problem][]): string {
  return of
    .map(([id, problem]) =>
      t("incidents.because", { id, why: problem.status ? whyNot(problem) : t("incidents.unreached") }),
    )
    .join("; ");
}

const keptOf = (id: number) => rows.get(id) ?? past.get(id);
const rowOf = (id: number): Row | undefined => keptOf(id)?.peek();
