/** The timeline of one incident, read to its end and followed from there; and when to look at the rest again. */

import { effect, type Signal, untracked, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../../api";
import { changed, connected, longer } from "../../live";
import { language } from "../../words";
import type { Line } from "./model";

const AT_ONCE = 500;
const MOST = 5_000;
const SOON_MS = 400;
const SLOW_MS = 5_000;

export interface Lines {
  lines: Line[];
  /** All of them are here, and not only the first so many. */
  whole: boolean;
  loading: boolean;
  failed: boolean;
}

const NONE: Lines = { lines: [], whole: true, loading: true, failed: false };

/** Return the lines so far, in the language in force, and what asks for those that came since. */
export function useLines(id: number): [Signal<Lines>, () => Promise<Line[]>] {
  const held = useSignal<Lines>(NONE);
  const asking = useRef<Promise<Line[]> | null>(null);
  const isWanted = useRef(false);
  const told = language.value;
  const more = async (): Promise<Line[]> => {
    isWanted.current = false;
    const isOld = () => told !== language.peek();
    const fresh: Line[] = [];
    let after: number | null = held.peek().lines.at(-1)?.number ?? 0;
    let whole = true;
    try {
      while (after !== null) {
        const page: { timeline: Line[]; next: number | null } = await get("/api/v1/incidents/{id}/timeline", {
          path: { id },
          query: { after, limit: AT_ONCE, language: told },
        });
        if (isOld()) return [];
        fresh.push(...page.timeline);
        after = page.next;
        whole = after === null;
        if (held.peek().lines.length + fresh.length >= MOST) break;
      }
      held.value = { lines: [...held.peek().lines, ...fresh], whole, loading: false, failed: false };
    } catch {
      if (isOld()) return [];
      held.value = { ...held.peek(), loading: false, failed: !held.peek().lines.length };
    }
    // What was told while these were under way may not be among them.
    return isWanted.current ? [...fresh, ...(await more())] : fresh;
  };
  const ask = () => {
    if (asking.current) {
      isWanted.current = true;
      return asking.current;
    }
    const mine = more().finally(() => {
      if (asking.current === mine) asking.current = null;
    });
    return (asking.current = mine);
  };
  useEffect(() => {
    asking.current = null;
    held.value = NONE;
    void ask();
  }, [told]);
  return [held, ask];
}

/**
 * Call `look` when the incident changed, a moment later so that a burst is one. `rest` is called at most every `SLOW_MS`,
 * for what costs more; `glance` when its timeline alone has more, such as receipts.
 */
export function useFollow(
  id: number,
  does: { look: () => void; rest: () => void; glance: () => void },
): void {
  const newest = useRef(does);
  newest.current = does;
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    let later: ReturnType<typeof setTimeout> | undefined;
    let last = performance.now();
    const stop = told(changed, id, () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        newest.current.look();
      }, SOON_MS);
      later ??= setTimeout(
        () => {
          later = undefined;
          last = performance.now();
          newest.current.rest();
        },
        Math.max(SOON_MS, SLOW_MS - (performance.now() - last)),
      );
    });
    const end = told(longer, id, () => newest.current.glance());
    // Whatever happened while the stream was not up was not told.
    let was = connected.peek();
    let been = was;
    const back = effect(() => {
      const up = connected.value;
      if (up && !was) {
        if (been) newest.current.rest();
        if (been) newest.current.look();
        else newest.current.glance();
      }
      been ||= up;
      was = up;
    });
    return () => {
      stop();
      end();
      back();
      clearTimeout(soon);
      clearTimeout(later);
    };
  }, [id]);
}

/** Call `act` for each event from now on that names an incident; return what ends it. */
function told(events: typeof changed, id: number, act: () => void): () => void {
  const from = events.peek();
  return effect(() => {
    if (events.value !== from && events.value.ids.has(id)) untracked(act);
  });
}
