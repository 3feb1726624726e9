import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { full } from "../numbers";
import { settings } from "../session";
import { format } from "../time";
import { language, t } from "../words";
import { Button, Toggle } from "./button";
import { type Cell, save } from "./csv";
import type { Drawn } from "./plot";

export interface Series {
  name: string;
  values: (number | null)[];
  /** A design token without its dashes, `accent` unless told. */
  colour?: string;
}

const DAY_S = 86_400;

/**
 * Values over time. The library is loaded when the first chart is shown; `says` tells the figure in one sentence. A
 * pointer, or the arrow keys when it has the focus, read it value by value.
 */
export function Chart({
  times,
  series,
  says,
  bars,
  area,
  height = 180,
  unit = full,
  lengths,
  file,
}: {
  /** Seconds since 1970, one for each value. */
  times: readonly number[];
  series: readonly Series[];
  says: string;
  bars?: boolean;
  /** Colour what lies below the lines. */
  area?: boolean;
  height?: number;
  unit?: (value: number) => string;
  /** The values are seconds. */
  lengths?: boolean;
  /** Offer the same as a table, and as a file of this name. */
  file?: string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn>(undefined);
  const at = useSignal<number | null>(null);
  const tabled = useSignal(false);
  const looks = `${language.value} ${settings.value.theme} ${document.documentElement.dataset["theme"]}`;
  useEffect(() => {
    const place = frame.current;
    if (!place) return;
    let gone = false;
    void import("./plot").then(({ plot }) => {
      if (gone) return;
      const pointed = (found: number | null) => (at.value = found);
      const how = { bars: !!bars, area: !!area, lengths: !!lengths, height, unit, pointed, date: format };
      drawn.current = plot(place, { times, series, ...how });
    });
    return () => {
      gone = true;
      drawn.current?.release();
      drawn.current = undefined;
    };
  }, [times, series, looks, bars, height]);
  const move = (event: KeyboardEvent) => {
    const now = at.value ?? (event.key === "ArrowLeft" ? times.length : -1);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: times.length - 1 }[event.key];
    if (to === undefined && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    drawn.current?.point(to === undefined ? null : Math.min(times.length - 1, Math.max(0, to)));
  };
  const daily = (times[1] ?? 0) - (times[0] ?? 0) >= DAY_S - 7_200;
  const named = (time: number) =>
    format(time * 1_000, {
      weekday: "short",
      month: "short",
      day: "numeric",
      ...(!daily && { hour: "2-digit", minute: "2-digit" }),
    });
  const pointed = at.value;
  const isEmpty = series.every((one) => one.values.every((value) => value === null));
  return (
    <figure class="chart">
      <figcaption class="row small">
        {series.map((one) => (
          <span key={one.name} class="row legend">
            <svg width="10" height="10" aria-hidden="true" class={`swatch ${one.colour ?? "accent"}`}>
              <rect width="10" height="10" rx="2" />
            </svg>
            {one.name}
            {pointed !== null && <strong>{told(one.values[pointed], unit)}</strong>}
          </span>
        ))}
        <span class="grow muted chart-at" aria-live="polite">
          {pointed !== null && named(times[pointed] ?? 0)}
        </span>
        {file && (
          <>
            <Toggle on={tabled.value} onClick={() => (tabled.value = !tabled.value)}>
              {t("kit.asTable")}
            </Toggle>
            <Button size="small" onClick={() => save(file, asCells(times, series))}>
              CSV
            </Button>
          </>
        )}
      </figcaption>
      {isEmpty ? (
        <p class="chart-none muted" style={{ height: `${height}px` }} hidden={tabled.value}>
          {t("kit.noData")}
        </p>
      ) : (
        <div
          ref={frame}
          role="img"
          aria-label={says}
          tabIndex={0}
          onKeyDown={move}
          onBlur={() => drawn.current?.point(null)}
          hidden={tabled.value}
        />
      )}
      {tabled.value && (
        <div class="chart-table" tabIndex={0} role="region" aria-label={says}>
          <table class="plain-table">
            <caption class="unseen">{says}</caption>
            <thead>
              <tr>
                <th scope="col">{t("kit.time")}</th>
                {series.map((one) => (
                  <th key={one.name} scope="col" class="number">
                    {one.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((time, place) => (
                <tr key={time}>
                  <th scope="row">{named(time)}</th>
                  {series.map((one) => (
                    <td key={one.name} class="number">
                      {told(one.values[place], unit)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </figure>
  );
}

const told = (value: number | null | undefined, unit: (value: number) => string) =>
  value === null || value === undefined ? "–" : unit(value);

function asCells(times: readonly number[], series: readonly Series[]): Cell[][] {
  const rows = times.map((time, place) => [
    new Date(time * 1_000).toISOString(),
    ...series.map((one) => one.values[place] ?? null),
  ]);
  return [["time", ...series.map((one) => one.name)], ...rows];
}
