/** The lines that can be seen, and some beyond: a thousand incidents cost no more than thirty. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { columns, cursor, type Line } from "./list";
import { Slots } from "./slots";

const BEYOND_PX = 240;

/** Where the list was left, for who comes back to it. */
const left = { query: "", top: 0 };

const CARD_PX = 304;
const GAP_PX = 8;

export function Lines({
  of,
  heightOf,
  show,
  label,
  framed,
}: {
  of: readonly Line[];
  heightOf: (line: Line) => number;
  show: (line: Line, slot: number) => ComponentChildren;
  label: string;
  framed: boolean;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const slice = useRef<HTMLDivElement>(null);
  const slots = useRef(new Slots());
  const range = useSignal({ from: 0, to: 40 });
  const tops = useMemo(() => {
    const found = new Float64Array(of.length + 1);
    for (const [place, line] of of.entries()) found[place + 1] = (found[place] ?? 0) + heightOf(line);
    return found;
  }, [of, heightOf]);

  const look = () => {
    const place = frame.current;
    if (!place) return;
    const { top, width } = place.getBoundingClientRect();
    const from = Math.max(0, at(tops, -top - BEYOND_PX));
    const to = Math.min(of.length, at(tops, innerHeight - top + BEYOND_PX) + 1);
    if (from !== range.peek().from || to !== range.peek().to) range.value = { from, to };
    const wide = Math.max(1, Math.floor((width + GAP_PX) / (CARD_PX + GAP_PX)));
    if (wide !== columns.peek()) columns.value = wide;
  };
  const newest = useRef(look);
  newest.current = look;

  useEffect(() => {
    if (left.query === location.search && left.top) scrollTo(0, left.top);
    let asked = 0;
    const soon = () => {
      left.query = location.search;
      left.top = scrollY;
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        newest.current();
      });
    };
    addEventListener("scroll", soon, { passive: true });
    const watch = new ResizeObserver(soon);
    watch.observe(document.documentElement);
    if (frame.current) watch.observe(frame.current);
    return () => {
      removeEventListener("scroll", soon);
      watch.disconnect();
      cancelAnimationFrame(asked);
    };
  }, []);

  const { from, to } = range.value;
  const seen = of.slice(from, to);
  const busy = document.activeElement?.closest<HTMLElement>("[data-line]")?.dataset["line"] ?? null;
  const rowNames = seen.filter((line) => line.kind === "row").map((line) => line.name);
  const placed = slots.current.of(rowNames, busy);
  useLayoutEffect(() => {
    frame.current?.style.setProperty("height", `${tops[of.length] ?? 0}px`);
    // By `top`, not by a transform: lines that stay where they are then need not be painted again.
    slice.current?.style.setProperty("top", `${tops[Math.min(from, of.length)] ?? 0}px`);
    look();
  });

  // The keyboard goes where it is sent, also out of sight.
  const wanted = cursor.value;
  useEffect(() => {
    const place = of.findIndex(
      (line) => line.name === wanted || (line.kind === "cards" && line.ids.some((id) => `r${id}` === wanted)),
    );
    if (wanted === null || place < 0 || !frame.current) return;
    const top = frame.current.getBoundingClientRect().top + (tops[place] ?? 0);
    const bottom = top + heightOf(of[place] as Line);
    const [least, most] = [72, innerHeight - 128];
    if (top < least) scrollBy(0, top - least);
    else if (bottom > most) scrollBy(0, bottom - most);
    look();
    const later = requestAnimationFrame(() => {
      // Who types fast is further on already; the focus must not take them back.
      if (cursor.peek() !== wanted) return;
      const line = frame.current?.querySelector<HTMLElement>(`[data-line="${CSS.escape(wanted)}"]`);
      if (line && !line.contains(document.activeElement))
        line.querySelector<HTMLElement>("[data-first]")?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(later);
  }, [wanted]);

  return (
    <div class={`lines ${framed ? "framed" : ""}`} ref={frame} role="list" aria-label={label}>
      <div class="lines-seen" ref={slice} role="presentation">
        {seen.map((line) => show(line, placed.get(line.name) ?? -1))}
      </div>
    </div>
  );
}

/** Return the line at a height, by halving. */
function at(tops: Float64Array, height: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}
