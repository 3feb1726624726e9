import { useSignal } from "@preact/signals";
import { Button } from "../../kit/button";
import { Section } from "../../kit/layout";
import { Tag } from "../../kit/marks";
import { Held } from "../../kit/states";
import { called, people } from "../../people";
import { useRenewed, useResource } from "../../resource";
import { may } from "../../session";
import { clock, relative } from "../../time";
import { t } from "../../words";
import { FindCover } from "./findcover";
import { acting, DAY_MS, type Duty, dutyOf, type Mine, type Override, span, turns } from "./model";
import { OverrideRow } from "./override";

const SHOWN = 5;

/** What concerns oneself at once: duty now, and what one is asked. */
export function Standing({
  rosters,
  asked,
  changed,
}: {
  rosters: readonly Duty[];
  asked: readonly Override[];
  changed: () => void;
}) {
  const me = acting.value;
  if (!me) return people.value.size ? <p class="muted">{t("oncall.sayWho")}</p> : null;
  const holding = rosters.filter((one) => one.primary === me || one.secondary === me);
  return (
    <>
      <p class={`duty-now ${holding.length ? "on" : ""}`} role="status">
        <span class={`dot ${holding.length ? "ok" : ""}`} />
        {holding.length
          ? holding
              .map((one) =>
                t(one.primary === me ? "oncall.youAreFirst" : "oncall.youAreSecond", {
                  roster: one.roster,
                  until: one.until ? clock(one.until) : t("oncall.furtherNotice"),
                }),
              )
              .join(" ")
          : t("oncall.youAreFree")}
      </p>
      {asked.length > 0 && (
        <section class="asked stack" aria-label={t("oncall.askedYou")}>
          <h2>{t("oncall.askedOfYou", { n: asked.length })}</h2>
          <ul class="list">
            {asked.map((one) => (
              <OverrideRow key={one.id} of={one} changed={changed} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** The shifts of two weeks, as a list, with a way out of each. */
export function Shifts({ rosters, changed }: { rosters: readonly Duty[]; changed: () => void }) {
  const me = acting.value;
  const names = rosters.map((one) => one.roster);
  const now = new Date();
  const ahead = useResource(
    (signal) =>
      me ? turns(names, new Date(), new Date(Date.now() + 14 * DAY_MS), signal) : Promise.resolve([]),
    [me],
  );
  // When anybody's duty changes, shifts do as well.
  useRenewed(ahead, [rosters.map((one) => `${one.roster} ${one.primary} ${one.override}`).join()]);
  const all = useSignal(false);
  const covering = useSignal<Mine | null>(null);
  if (!me) return null;
  const again = () => {
    changed();
    ahead.reload();
  };
  return (
    <Section title={t("oncall.yourShifts", { name: called(me) })}>
      <div class="stack">
        <Held of={ahead} lines={3}>
          {(found) => {
            const mine = dutyOf(me, found);
            if (!mine.length) return <p class="muted">{t("oncall.noShifts")}</p>;
            return (
              <>
                <ul class="list shifts">
                  {mine.slice(0, all.value ? undefined : SHOWN).map((one) => (
                    <li key={`${one.roster} ${one.starts} ${one.first}`} class="row">
                      <span class="grow">
                        <strong>{span(one.starts, one.ends)}</strong>{" "}
                        <span class="muted small nowrap">
                          {Date.parse(one.starts) > now.getTime()
                            ? relative(one.starts)
                            : t("oncall.running")}
                        </span>
                      </span>
                      <span class="row small">
                        <Tag>{one.roster}</Tag>
                        <Tag tone={one.first ? "accent" : "plain"}>
                          {t(one.first ? "oncall.first" : "oncall.second")}
                        </Tag>
                        {one.covered !== undefined && (
                          <Tag tone="warn">
                            {one.covered
                              ? t("oncall.for", { who: called(one.covered) })
                              : t("oncall.tookOver")}
                          </Tag>
                        )}
                      </span>
                      {may("respond") && (
                        <Button size="small" onClick={() => (covering.value = one)}>
                          {t("oncall.findCover")}
                        </Button>
                      )}
                    </li>
                  ))}
                </ul>
                <div class="row">
                  {mine.length > SHOWN && (
                    <Button size="small" look="quiet" onClick={() => (all.value = !all.value)}>
                      {all.value ? t("oncall.fewer") : t("oncall.allShifts", { n: mine.length })}
                    </Button>
                  )}
                  <a
                    class="small"
                    href={`/api/v1/oncall/people/${encodeURIComponent(me)}/calendar.ics`}
                    download
                  >
                    {t("oncall.myCalendar")}
                  </a>
                </div>
              </>
            );
          }}
        </Held>
        {covering.value && (
          <FindCover
            of={covering.value}
            turns={ahead.data ?? []}
            changed={again}
            close={() => {
              covering.value = null;
            }}
          />
        )}
      </div>
    </Section>
  );
}
