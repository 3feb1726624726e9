/** The series of an incident: few of them at first, and more where somebody wants them. */

import { get } from "../../api";
import { type Resource, useRenewed, useResource, useWorded } from "../../resource";
import { language } from "../../words";
import type { Kind, Member, Members, Node } from "./model";

/** So many of each kind are shown at first. */
export const AT_ONCE = 30;
const MOST = 500;
/** So many series can be asked for by their ids at once. */
export const MOST_NAMED = 200;

export const NONE: Members = { alerts: [], next: null, kinds: [], kinds_left_out: 0, common: {} };

interface Which {
  name?: string;
  series?: readonly string[];
  each?: number;
  after?: string | null;
  limit: number;
}

const ask = (id: number, which: Which, signal?: AbortSignal): Promise<Members> =>
  get("/api/v1/incidents/{id}/alerts", {
    path: { id },
    query: { ...which, language: language.peek() },
    ...(signal && { signal }),
  });

/** Return the foremost of each kind, with how many there are. */
export function useForemost(id: number): Resource<Members> {
  return useWorded((signal) => ask(id, { each: AT_ONCE, limit: MOST }, signal));
}

/** Return those of one thing of the graph; none while no thing is chosen. */
export function useThose(id: number, of: Node | null): Resource<Members> {
  return useWorded(
    (signal) => {
      const series = of?.series.slice(0, MOST_NAMED) ?? [];
      return series.length ? ask(id, { series, limit: MOST_NAMED }, signal) : Promise.resolve(NONE);
    },
    [of?.id],
  );
}

/** Return the first `most` of a kind, once they are there: until then those that are known. */
export function useMost(id: number, kind: Kind, most: number): readonly Member[] {
  const isLacking = kind.members.length < Math.min(most, kind.all);
  const more = useResource<readonly Member[]>((signal) =>
    isLacking ? ofKind(id, kind.name, most, signal) : Promise.resolve([]),
  );
  useRenewed(more, [most, kind]);
  const found = isLacking ? (more.data ?? []) : [];
  return (found.length > kind.members.length ? found : kind.members).slice(0, most);
}

/** Return the first `most` of a kind, page by page. */
export async function ofKind(
  id: number,
  name: string,
  most = Infinity,
  signal?: AbortSignal,
): Promise<Member[]> {
  const found: Member[] = [];
  let after: string | null = null;
  do {
    const page = await ask(id, { name, after, limit: Math.min(MOST, most - found.length) }, signal);
    found.push(...page.alerts);
    after = page.next;
  } while (after !== null && found.length < most);
  return found;
}
