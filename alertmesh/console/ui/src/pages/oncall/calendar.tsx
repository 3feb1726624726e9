import { IconButton, Button, Toggle } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Tag } from "../../kit/marks";
import { Held } from "../../kit/states";
import { called } from "../../people";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { format, formatter, zone } from "../../time";
import { t } from "../../words";
import { dayName, dayStart, fromField } from "../../zoned";
import { acting, type Duty, type Turn, turns } from "./model";

const WEEK = 7;
const SHOWN = 2 * WEEK;

/** A turn as far as it lies on one day. */
interface Piece {
  turn: Turn;
  from: Date;
  to: Date;
  whole: boolean;
}

/** Two weeks of every roster, as a grid of days or as a list; days are those of the person's zone. */
export function Calendar({ rosters }: { rosters: readonly Duty[] }) {
  const chosen = query.value.get("roster") ?? "";
  const names = rosters.map((one) => one.roster).filter((name) => !chosen || name === chosen);
  const first = dayStart(startOf(query.value.get("from")));
  const days = Array.from({ length: SHOWN + 1 }, (_, day) => dayStart(first, day));
  const end = days[SHOWN] ?? first;
  const found = useResource(
    (signal) => turns(names, first, end, signal),
    [names.join(), first.getTime()],
    60_000,
  );
  const listed = query.value.get("as-list") === "1";
  const move = (by: number) => ask({ from: dayName(dayStart(first, by)) });
  return (
    <section class="card" aria-label={t("oncall.view.calendar")}>
      <div class="row calendar-head">
        <IconButton says={t("oncall.earlier")} icon="left" onClick={() => move(-SHOWN)} />
        <Button size="small" onClick={() => ask({ from: null })}>
          {t("oncall.today")}
        </Button>
        <IconButton says={t("oncall.later")} icon="right" onClick={() => move(SHOWN)} />
        <h2>
          {format(first, { month: "short", day: "numeric" })} –{" "}
          {format(days[SHOWN - 1] ?? first, { month: "short", day: "numeric", year: "numeric" })}
        </h2>
        <span class="muted small grow">{t("oncall.inZone", { zone: zone.value })}</span>
        <Toggle on={listed} onClick={() => ask({ "as-list": listed ? null : "1" })} class="only-wide">
          {t("oncall.asList")}
        </Toggle>
      </div>
      {rosters.length > 1 && (
        <div class="row">
          <Toggle on={!chosen} onClick={() => ask({ roster: null })}>
            {t("oncall.allRosters")}
          </Toggle>
          {rosters.map((one) => (
            <Toggle key={one.roster} on={chosen === one.roster} onClick={() => ask({ roster: one.roster })}>
              {one.roster}
            </Toggle>
          ))}
        </div>
      )}
      <Held of={found}>
        {(all) => (
          <>
            {!listed &&
              [0, WEEK].map((begin) => (
                <Week key={begin} rosters={names} days={days.slice(begin, begin + WEEK + 1)} all={all} />
              ))}
            <List days={days} all={all} always={listed} />
          </>
        )}
      </Held>
    </section>
  );
}

function startOf(asked: string | null): Date {
  const typed = asked ? fromField(`${asked}T00:00`) : "";
  return typed ? new Date(typed) : new Date();
}

/** Return what of some turns lies on the day between two moments. */
function onDay(all: readonly Turn[], from: Date, to: Date): Piece[] {
  return all.flatMap((turn) => {
    const begins = Math.max(Date.parse(turn.starts_at), from.getTime());
    const ends = Math.min(turn.ends_at ? Date.parse(turn.ends_at) : Infinity, to.getTime());
    if (begins >= ends) return [];
    const whole = begins === from.getTime() && ends === to.getTime();
    return [{ turn, from: new Date(begins), to: new Date(ends), whole }];
  });
}

const hour = (at: Date) => format(at, { hour: "2-digit", minute: "2-digit" });
const today = (day: Date) => dayName(day) === dayName(new Date());
const weekend = (day: Date) =>
  /^(Sat|Sun)/.test(formatter("en", zone.value, { weekday: "short" }).format(day));

function Week({
  rosters,
  days,
  all,
}: {
  rosters: readonly string[];
  days: readonly Date[];
  all: readonly Turn[];
}) {
  const shown = days.slice(0, WEEK);
  return (
    <table class="week">
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">{t("oncall.roster")}</span>
          </th>
          {shown.map((day) => (
            <th
              key={day.getTime()}
              scope="col"
              class={`${today(day) ? "today" : ""} ${weekend(day) ? "weekend" : ""}`}
              {...(today(day) && { "aria-current": "date" as const })}
            >
              {format(day, { weekday: "short" })} <strong>{format(day, { day: "numeric" })}</strong>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rosters.map((roster) => {
          const own = all.filter((one) => one.roster === roster);
          return (
            <tr key={roster}>
              <th scope="row">{roster}</th>
              {shown.map((day, place) => (
                <td
                  key={day.getTime()}
                  class={`${today(day) ? "today" : ""} ${weekend(day) ? "weekend" : ""}`}
                >
                  {onDay(own, day, days[place + 1] ?? day).map((one) => (
                    <Slot key={one.from.getTime()} of={one} />
                  ))}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Slot({ of }: { of: Piece }) {
  const { primary, secondary, override, covered } = of.turn;
  const mine = primary === acting.value && !!primary;
  const why = !override ? "" : covered ? t("oncall.for", { who: called(covered) }) : t("oncall.tookOver");
  return (
    <div
      class={`slot ${primary ? "" : "gap"} ${mine ? "mine" : ""} ${override ? "covered" : ""}`}
      title={[secondary && t("oncall.then", { who: called(secondary) }), why].filter(Boolean).join(" · ")}
    >
      {!of.whole && (
        <span class="hours">
          {hour(of.from)}–{hour(of.to)}
        </span>
      )}
      <span class="name">
        {primary ? called(primary) : t("oncall.gap")}
        {override && <Icon name="person" size={16} />}
      </span>
      {why && <span class="hours">{why}</span>}
    </div>
  );
}

/** The same day by day, for a phone and for those who like lists. */
function List({ days, all, always }: { days: readonly Date[]; all: readonly Turn[]; always: boolean }) {
  return (
    <ol class={`days ${always ? "" : "only-narrow"}`}>
      {days.slice(0, SHOWN).map((day, place) => {
        const own = onDay(all, day, days[place + 1] ?? day);
        return (
          <li key={day.getTime()} class={today(day) ? "today" : ""}>
            <h3 {...(today(day) && { "aria-current": "date" as const })}>
              {format(day, { weekday: "short", month: "short", day: "numeric" })}
              {today(day) && <Tag tone="accent">{t("oncall.today")}</Tag>}
            </h3>
            <ul>
              {own.map((one) => (
                <Line key={`${one.turn.roster} ${one.from.getTime()}`} of={one} />
              ))}
            </ul>
          </li>
        );
      })}
    </ol>
  );
}

function Line({ of }: { of: Piece }) {
  const { primary, secondary, override, covered, roster } = of.turn;
  return (
    <li class={primary === acting.value && primary ? "mine" : ""}>
      <span class="hours nowrap">{of.whole ? t("oncall.allDay") : `${hour(of.from)}–${hour(of.to)}`}</span>
      <span class="muted cut">{roster}</span>
      <span>
        {primary ? <strong>{called(primary)}</strong> : <Tag tone="bad">{t("oncall.gap")}</Tag>}
        {secondary && <span class="muted small"> {t("oncall.then", { who: called(secondary) })}</span>}
        {override && (
          <Tag tone="warn">{covered ? t("oncall.for", { who: called(covered) }) : t("oncall.tookOver")}</Tag>
        )}
      </span>
    </li>
  );
}
