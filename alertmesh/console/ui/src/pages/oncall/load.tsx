import { useSignal } from "@preact/signals";
import { Button } from "../../kit/button";
import { Section } from "../../kit/layout";
import { Tag } from "../../kit/marks";
import { Share } from "../../kit/spark";
import { Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { full, percent } from "../../numbers";
import { called } from "../../people";
import { useResource } from "../../resource";
import { t, tOr } from "../../words";
import { type Duty, elsewhere, type Fault, faults, type Faults, span } from "./model";

const DAYS = 56;
const SHOWN = 6;
const GRAVE = new Set(["gap", "empty_turn"]);

/** What is wrong with each roster in the eight weeks ahead, and how its hours are shared. */
export function Load({ rosters }: { rosters: readonly Duty[] }) {
  const names = rosters.map((one) => one.roster);
  const found = useResource((signal) => faults(names, DAYS, signal), [names.join()]);
  return (
    <Held of={found}>
      {(all) => (
        <>
          <p class="muted">{t("oncall.loadAbout")}</p>
          {all.map((one) => (
            <Roster key={one.roster} of={one} />
          ))}
        </>
      )}
    </Held>
  );
}

function Roster({ of }: { of: Faults }) {
  const all = useSignal(false);
  const calendar = `/api/v1/oncall/${encodeURIComponent(of.roster)}/calendar.ics`;
  return (
    <Section
      title={of.roster}
      actions={
        <a class="small" href={calendar} download>
          {t("oncall.calendarFile")}
        </a>
      }
    >
      <div class="stack">
        {of.faults.length === 0 ? (
          <p>
            <Tag tone="ok">{t("oncall.noFaults")}</Tag>
          </p>
        ) : (
          <ul class="list faults">
            {of.faults.slice(0, all.value ? undefined : SHOWN).map((one, place) => (
              <li key={place} class="row">
                <Tag tone={GRAVE.has(one.kind) ? "bad" : "warn"}>
                  {tOr(`oncall.fault.${one.kind}`, one.kind)}
                </Tag>
                <span class="grow">
                  {one.person && <strong>{called(one.person)} </strong>}
                  {when(one, of)}
                </span>
              </li>
            ))}
            {of.faults.length > SHOWN && (
              <li>
                <Button size="small" look="quiet" onClick={() => (all.value = !all.value)}>
                  {all.value ? t("oncall.fewer") : t("oncall.moreFaults", { n: of.faults.length - SHOWN })}
                </Button>
              </li>
            )}
          </ul>
        )}
        {of.load.length > 0 && <Loads of={of} />}
        {elsewhere(of.zone) && <p class="muted small">{t("oncall.rosterZone", { zone: of.zone })}</p>}
      </div>
    </Section>
  );
}

/** Nothing but its length is wrong with the whole span. */
function when(fault: Fault, of: Faults): string {
  if (fault.starts_at === of.starts_at && fault.ends_at === of.ends_at) return t("oncall.allTheTime");
  return span(fault.starts_at, fault.ends_at === of.ends_at ? null : fault.ends_at);
}

function Loads({ of }: { of: Faults }) {
  return (
    <Table
      label={t("oncall.loadOf", { roster: of.roster })}
      of={of.load}
      keyOf={(one) => one.person}
      columns={[
        { name: t("oncall.person"), head: true, show: (one) => called(one.person) },
        { name: t("oncall.hours"), number: true, show: (one) => full(Math.round(one.hours)) },
        { name: t("oncall.nights"), number: true, show: (one) => one.nights },
        { name: t("oncall.weekendDays"), number: true, show: (one) => one.weekend_days },
        {
          name: t("oncall.share"),
          show: (one) => {
            const said = t("oncall.shareSays", { share: percent(one.share), fair: percent(one.fair) });
            return (
              <span class="share-cell">
                <Share of={one.share} says={said} />
                <span class="small nowrap">{said}</span>
              </span>
            );
          },
        },
      ]}
    />
  );
}
