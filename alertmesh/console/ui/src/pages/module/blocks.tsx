/** The kinds of block that a page of a module is made of. */

import type { ComponentChildren } from "preact";
import { Chart } from "../../kit/chart";
import { Snippet } from "../../kit/copy";
import { Section } from "../../kit/layout";
import { type Block, type Of, said } from "../../modules";
import { t } from "../../words";
import { Prose } from "./prose";
import { ModuleTable } from "./table";
import { type Figure, heading, mark, number, type Pressed, Value } from "./value";

type Press = (button: Pressed) => ComponentChildren;

export function ModuleBlock({ of, page, press }: { of: Block; page: string; press: Press }) {
  const title = heading(of);
  const inside = <Inside of={of} label={title || page} press={press} />;
  if (of.kind === "text") {
    return <div class={`card prose ${mark(of.tone)}`}>{inside}</div>;
  }
  if (title) return <Section title={title}>{inside}</Section>;
  return of.kind === "actions" ? inside : <div class="card">{inside}</div>;
}

function Inside({ of, label, press }: { of: Block; label: string; press: Press }) {
  switch (of.kind) {
    case "figures":
      return (
        <dl class="figures module-figures">
          {of.figures.map((figure) => (
            <OneFigure key={figure.label.en} of={figure} press={press} />
          ))}
        </dl>
      );
    case "table":
      return <ModuleTable of={of} label={label} press={press} />;
    case "chart":
      return of.times.length ? <OverTime of={of} label={label} /> : <ByGroup of={of} />;
    case "text":
      return (
        <>
          {of.title && <h2>{said(of.title)}</h2>}
          <Prose text={said(of.text)} />
        </>
      );
    case "log":
      return (
        <pre class="log" tabIndex={0} aria-label={label}>
          {of.lines.join("\n")}
        </pre>
      );
    case "code":
      return <Snippet text={of.text} label={label} />;
    case "actions":
      return <div class="row">{of.buttons.map((button) => press(button))}</div>;
  }
}

function OneFigure({ of, press }: { of: Figure; press: Press }) {
  const value = <Value of={of.value} as={of} press={press} />;
  return (
    <div class={`figure ${mark(of.tone)}`}>
      <dt>{said(of.label)}</dt>
      <dd>
        <strong>
          {of.to ? <a href={of.to}>{value}</a> : value}
          {of.unit && <span class="unit"> {said(of.unit)}</span>}
        </strong>
        {of.trend.length > 1 && <Trend of={of.trend} says={trendSays(of)} />}
        {of.about && <span class="muted small">{said(of.about)}</span>}
      </dd>
    </div>
  );
}

function trendSays(of: Figure): string {
  const write = (value: number) => number(value, of.type === "text" ? "number" : of.type);
  return t("module.trend", {
    name: said(of.label),
    least: write(Math.min(...of.trend)),
    most: write(Math.max(...of.trend)),
    n: of.trend.length,
  });
}

/** The last values as a small line, between the least and the most of them. */
function Trend({ of, says }: { of: readonly number[]; says: string }) {
  const [wide, tall] = [100, 24];
  const least = Math.min(...of);
  const span = Math.max(...of) - least || 1;
  const points = of.map((value, place) => {
    const x = (place / (of.length - 1)) * wide;
    const y = tall - 2 - ((value - least) / span) * (tall - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${wide} ${tall}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={says}
    >
      <polyline points={points.join(" ")} />
    </svg>
  );
}

const COLOURS = ["accent", "ok", "warn", "bad", "muted"] as const;
const TONES: Record<string, string> = { good: "ok", warning: "warn", bad: "bad", notice: "accent" };

function OverTime({ of, label }: { of: Of<"chart">; label: string }) {
  const write = (value: number) => number(value, of.type);
  const unit = said(of.unit);
  const series = of.series.map((one, place) => ({
    name: unit ? `${said(one.label)} (${unit})` : said(one.label),
    values: one.values,
    colour: TONES[one.tone] ?? COLOURS[place % COLOURS.length] ?? "accent",
  }));
  const says = series.map((one) => {
    const known = one.values.filter((value): value is number => value !== null);
    const last = known.at(-1);
    return last === undefined
      ? one.name
      : t("module.line", { name: one.name, last: write(last), most: write(Math.max(...known)) });
  });
  return (
    <Chart
      times={of.times.map((at) => new Date(at).getTime() / 1_000)}
      series={series}
      says={`${label}: ${says.join("; ")}`}
      bars={of.shape === "bars"}
      area={of.shape === "area"}
      unit={write}
    />
  );
}

/** Bars by name, each with its value: readable without the picture. */
function ByGroup({ of }: { of: Of<"chart"> }) {
  const most = Math.max(1e-9, ...of.series.flatMap((one) => one.values.map((value) => value ?? 0)));
  return (
    <dl class="bars">
      {of.groups.map((group, place) => (
        <div key={group}>
          <dt>{group}</dt>
          {of.series.map((one, at) => {
            const value = one.values[place] ?? null;
            const colour = TONES[one.tone] ?? COLOURS[at % COLOURS.length] ?? "accent";
            return (
              <dd key={one.label.en}>
                <svg
                  class={`swatch ${colour}`}
                  viewBox="0 0 100 8"
                  preserveAspectRatio="none"
                  aria-hidden="true"
                >
                  <rect width={((value ?? 0) / most) * 100} height="8" />
                </svg>
                <span>
                  {of.series.length > 1 && <span class="muted">{said(one.label)} </span>}
                  {value === null ? t("module.none") : `${number(value, of.type)} ${said(of.unit)}`}
                </span>
              </dd>
            );
          })}
        </div>
      ))}
    </dl>
  );
}
