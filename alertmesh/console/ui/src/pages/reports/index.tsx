import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button, Toggle } from "../../kit/button";
import { Field } from "../../kit/field";
import { Page, Tabs } from "../../kit/layout";
import { ask, query } from "../../route";
import { t } from "../../words";
import { dayName, dayStart } from "../../zoned";
import { meet } from "../../people";
import { Coverage } from "./coverage";
import { Delivery } from "./delivery";
import { Load } from "./load";
import { Noise } from "./noise";
import { type Period, period } from "./period";
import "./reports.css";
import { Response } from "./response";

const REPORTS = { response: Response, load: Load, noise: Noise, delivery: Delivery, coverage: Coverage };
type Report = keyof typeof REPORTS;
const KEYS = Object.keys(REPORTS) as Report[];

/** How fast people answer, how much they are woken, and what for nothing. */
export default function Reports() {
  const said = query.value.get("report") as Report | null;
  const report = said && KEYS.includes(said) ? said : "response";
  const span = period();
  const Shown = REPORTS[report];
  useEffect(() => void meet(), []);
  return (
    <Page title={t("reports.title")} lead={t(`reports.about.${report}`)} actions={<Periods of={span} />}>
      <Tabs<Report>
        label={t("reports.title")}
        on={report}
        choose={(key) => ask({ report: key === "response" ? null : key })}
        of={KEYS.map((key) => ({ key, name: t(`reports.name.${key}`) }))}
      />
      <Shown key={`${report} ${span.from.getTime()} ${span.to.getTime()}`} of={span} />
    </Page>
  );
}

/** The last week, the last month, or days of one's own. */
function Periods({ of }: { of: Period }) {
  const open = useSignal(false);
  const from = useSignal(dayName(of.from));
  const to = useSignal(dayName(dayStart(of.to, -1)));
  return (
    <>
      {[7, 30].map((days) => (
        <Toggle
          key={days}
          on={of.days === days}
          onClick={() => {
            open.value = false;
            ask({ days: days === 7 ? null : String(days), from: null, to: null });
          }}
        >
          {t("reports.days", { n: days })}
        </Toggle>
      ))}
      <Toggle on={of.days === null} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        {of.days === null ? `${dayName(of.from)} – ${dayName(dayStart(of.to, -1))}` : t("reports.custom")}
      </Toggle>
      {open.value && (
        <form
          class="row period"
          onSubmit={(event) => {
            event.preventDefault();
            open.value = false;
            ask({ days: null, from: from.value, to: to.value });
          }}
        >
          <Field
            type="date"
            bare
            label={t("reports.from")}
            value={from.value}
            change={(value) => (from.value = value)}
          />
          <span aria-hidden="true">–</span>
          <Field
            type="date"
            bare
            label={t("reports.to")}
            value={to.value}
            change={(value) => (to.value = value)}
          />
          <Button type="submit" disabled={!from.value || !to.value || from.value > to.value}>
            {t("reports.show")}
          </Button>
        </form>
      )}
    </>
  );
}
