/**
 * Sends what people do to incidents: to each one thing after the other, so that what somebody did a moment ago, and
 * has no answer for yet, is not held against what they do next. The same thing twice at once is one.
 */

import { type Answer, post, Problem, signedIn } from "./api";

export type Order =
  | "ack"
  | "unack"
  | "escalate"
  | "return"
  | "snooze"
  | "assign"
  | "priority"
  | "resolve"
  | "close"
  | "merge"
  | "split"
  | "move"
  | "root"
  | "unrelated"
  | "note";

/** The incident as it is once it is done. */
export type After = Answer<"/api/v1/incidents/{id}/ack", "post">;

export type Body = Record<string, string | number | boolean | string[] | null>;

/** Which epochs what was sent went by, and which came of it. */
interface Step {
  from: ReadonlySet<number>;
  to: number | null;
}

/** What was sent last to an incident and is not answered. */
interface Sent {
  what: string;
  after: Promise<After>;
  step: Promise<Step | undefined>;
}

const underWay = new Map<number, Sent>();

const named = (order: Order, body: Body) => `${order} ${JSON.stringify(body)}`;

/** Tell whether just this is under way already: who asks again, by a second tap, means the same. */
export const isUnderWay = (id: number, order: Order, body: Body = {}) =>
  underWay.get(id)?.what === named(order, body);

/** Do it as of an epoch, null for whatever the incident is by then. It waits for what is under way there. */
export function carryOut(id: number, order: Order, epoch: number | null, body: Body = {}): Promise<After> {
  const last = underWay.get(id);
  const what = named(order, body);
  if (last?.what === what) return last.after;
  const ahead = last?.step;
  const sent = send(id, order, epoch, body, ahead);
  const step = sent.then(
    ({ after, from }): Step => ({ from, to: after.epoch }),
    () => ahead,
  );
  const mine = { what, after: sent.then(({ after }) => after), step };
  underWay.set(id, mine);
  const end = () => {
    if (underWay.get(id) === mine) underWay.delete(id);
  };
  mine.after.then(end, end);
  return mine.after;
}

/** The same for a snooze of what one does not have: only who has it can put it off. `take` is told of it once it is taken. */
export async function takeAndSnooze(
  id: number,
  epoch: number | null,
  body: Body,
  take: (held: After) => void,
): Promise<After> {
  const held = await carryOut(id, "ack", epoch);
  take(held);
  return carryOut(id, "snooze", held.epoch, body);
}

async function send(
  id: number,
  order: Order,
  epoch: number | null,
  body: Body,
  ahead: Promise<Step | undefined> | undefined,
): Promise<{ after: After; from: ReadonlySet<number> }> {
  const step = await ahead;
  const of = epoch !== null && step?.from.has(epoch) ? step.to : epoch;
  const after = await posted(id, order, { ...body, epoch: of });
  return { after, from: new Set([...(step?.from ?? []), ...(of === null ? [] : [of])]) };
}

/** Send it; what was not heard because the session was over is sent again once the person is back. */
async function posted(id: number, order: Order, body: Body): Promise<After> {
  // Browsers see short ones through when the page goes away, and none that are longer.
  const asked = { path: { id }, body, keepalive: !("series" in body) };
  try {
    return await post(`/api/v1/incidents/{id}/${order}`, asked);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
    await signedIn();
    return post(`/api/v1/incidents/{id}/${order}`, asked);
  }
}
