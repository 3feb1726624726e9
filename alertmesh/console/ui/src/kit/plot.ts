/** uPlot in our colours, our language and on a 24-hour clock; a part of its own, since few pages draw charts. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "./chart";

interface Wanted {
  times: readonly number[];
  series: readonly Series[];
  bars: boolean;
  area: boolean;
  height: number;
  unit: (value: number) => string;
  /** The values are seconds, so that the axis is divided as clocks are. */
  lengths: boolean;
  /** Told which value the pointer is at, null when it is at none. */
  pointed: (place: number | null) => void;
  date: (at: number, options: Intl.DateTimeFormatOptions) => string;
}

const FONT = "12px system-ui, sans-serif";
const DAY_S = 86_400;
const ALONE_S = 1_800;

/** What tells how wide a text is. */
const pen = document.createElement("canvas").getContext("2d");
const ROUND_S = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1_800,
  3_600,
  7_200,
  14_400,
  21_600,
  43_200,
  DAY_S,
  2 * DAY_S,
  7 * DAY_S,
];
const WHOLE = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

export interface Drawn {
  /** Point at a value, as a pointer would. */
  point: (place: number | null) => void;
  /** Take the drawing away. */
  release: () => void;
}

/** Draw into a place, as wide as it is. */
export function plot(place: HTMLElement, wanted: Wanted): Drawn {
  const colour = (name: string) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const { times, series, unit } = wanted;
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0];
  const span = to - from;
  // Bars stand around their time: without room beside the first and the last, half of those would be missing. A single
  // point needs room too: the axis would have no length.
  const apart = span / Math.max(1, times.length - 1);
  const beside = wanted.bars ? (apart || DAY_S) / 2 : span ? 0 : ALONE_S;
  const parts: Intl.DateTimeFormatOptions =
    span > 2 * DAY_S ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
  const line = { stroke: colour("line"), width: 1 };
  const axis = { stroke: colour("muted"), grid: line, ticks: line, font: FONT };
  const paths = wanted.bars ? uPlot.paths.bars?.({ size: [0.7, 40] }) : undefined;
  const chart = new uPlot(
    {
      width: place.clientWidth || 300,
      height: wanted.height,
      padding: [8, 32, 0, 0],
      cursor: { points: { size: 6 }, y: false, drag: { x: false, y: false } },
      hooks: { setCursor: [(u) => wanted.pointed(u.cursor.idx ?? null)] },
      legend: { show: false },
      scales: {
        x: { range: [from - beside, to + beside] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          values: (_, at) => at.map((one) => wanted.date(one * 1_000, parts)),
          space: 70,
          size: 32,
          // Bars are named by what they stand for, wherever a round time would be.
          ...(wanted.bars && { splits: (u: uPlot) => some(times, Math.max(2, Math.floor(u.width / 70))) }),
        },
        {
          ...axis,
          values: (_, at) => at.map(unit),
          size: (_, said) => widest(said ?? []),
          ...(wanted.lengths && { incrs: ROUND_S }),
          ...(!wanted.lengths && counts(series) && { incrs: WHOLE }),
        },
      ],
      series: [
        {},
        ...series.map((one) => {
          const drawn = colour(one.colour ?? "accent");
          return {
            label: one.name,
            stroke: drawn,
            width: wanted.bars ? 0 : 1.5,
            points: { size: 5, filter: (u: uPlot, place: number) => alone(u.data[place] ?? []) },
            ...(wanted.bars && { fill: drawn }),
            ...(wanted.area && { fill: `${drawn}22` }),
            ...(paths && { paths }),
          };
        }),
      ],
    },
    [[...times], ...series.map((one) => [...one.values])],
    place,
  );
  const watch = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: wanted.height }));
  watch.observe(place);
  return {
    point: (at) => {
      const left = at === null ? -10 : chart.valToPos(times[at] ?? 0, "x");
      chart.setCursor({ left, top: at === null ? -10 : 0 });
    },
    release: () => {
      watch.disconnect();
      chart.destroy();
    },
  };
}

/** Tell whether all values are counts, of which there are no halves. */
function counts(series: readonly Series[]): boolean {
  return series.every((one) => one.values.every((value) => value === null || Number.isInteger(value)));
}

/** Return at most so many of the times, evenly apart. */
function some(times: readonly number[], most: number): number[] {
  const step = Math.max(1, Math.ceil(times.length / most));
  return times.filter((_, place) => place % step === 0);
}

/** Return where values stand alone, which no line would show. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  const there = (place: number) => values[place] !== null && values[place] !== undefined;
  return Array.from(values, (_, place) => place).filter(
    (place) => there(place) && !there(place - 1) && !there(place + 1),
  );
}

/** Return how wide an axis must be for what is written beside it. */
function widest(said: readonly string[]): number {
  if (!pen) return 64;
  pen.font = FONT;
  return 16 + Math.ceil(Math.max(28, ...said.map((one) => pen.measureText(one).width)));
}
