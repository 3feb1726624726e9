import { type Answer, get } from "../../api";
import { Chart } from "../../kit/chart";
import { Funnel } from "../../kit/funnel";
import { Section } from "../../kit/layout";
import { Share } from "../../kit/spark";
import { Empty, Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { full, percent, short } from "../../numbers";
import { useResource } from "../../resource";
import { t } from "../../words";
import { Listed } from "./parts";
import { asked, daily, type Period } from "./period";

type Found = Answer<"/api/v1/reports/noise">;
type Name = Found["names"][number];

const SHOWN = 50;

/** What the alerts of each name led to: how many became incidents, how many woke somebody, and which for nothing. */
export function Noise({ of }: { of: Period }) {
  const found = useResource((signal) => get("/api/v1/reports/noise", { query: asked(of), signal }));
  return (
    <Held of={found}>
      {(report) =>
        report.names.length === 0 ? (
          <Empty title={t("reports.none")}>{t("reports.noneHint")}</Empty>
        ) : (
          <>
            <div class="charts">
              <Stages of={report.total} />
              <Days of={of} report={report} />
            </div>
            <Names of={report} />
          </>
        )
      }
    </Held>
  );
}

/** From alerts to pages, and how much went on the way. */
function Stages({ of }: { of: Name }) {
  const stages = [
    { name: t("reports.alerts"), count: of.alerts },
    { name: t("reports.series"), count: of.series },
    { name: t("reports.incidents"), count: of.incidents },
    { name: t("reports.pagedIncidents"), count: of.paged },
  ];
  return (
    <Section title={t("reports.funnel")}>
      <Funnel of={stages} />
      {of.incidents > 0 && (
        <p class="muted">
          {t("reports.compressed", { alerts: short(of.alerts), by: short(of.alerts / of.incidents) })}{" "}
          {of.resolved > 0 && t("reports.untouchedOf", { share: percent(of.untouched / of.resolved) })}
        </p>
      )}
    </Section>
  );
}

function Days({ of, report }: { of: Period; report: Found }) {
  const { times, found } = daily(of, report.days, (one) => one.day);
  return (
    <Section title={t("reports.incidentsByDay")}>
      <Chart
        bars
        file="alertmesh-noise"
        times={times}
        says={t("reports.noiseSays", { n: report.total.incidents, untouched: report.total.untouched })}
        series={[
          {
            name: t("reports.incidents"),
            values: found.map((one) => one?.incidents ?? 0),
            colour: "line-strong",
          },
          { name: t("reports.pagedIncidents"), values: found.map((one) => one?.paged ?? 0) },
          { name: t("reports.untouched"), values: found.map((one) => one?.untouched ?? 0), colour: "warn" },
        ]}
      />
    </Section>
  );
}

function Names({ of }: { of: Found }) {
  const rows = () => [
    ["name", "alerts", "series", "incidents", "paged", "pages", "healed", "resolved", "untouched", "flaps"],
    ...of.names.map((one) => [
      one.name,
      one.alerts,
      one.series,
      one.incidents,
      one.paged,
      one.pages,
      one.healed,
      one.resolved,
      one.untouched,
      one.flaps,
    ]),
  ];
  return (
    <Listed title={t("reports.names")} file="alertmesh-noise-names" rows={rows}>
      <Table<Name>
        label={t("reports.names")}
        of={of.names.slice(0, SHOWN)}
        keyOf={(one) => one.name}
        columns={[
          {
            name: t("reports.alertName"),
            head: true,
            show: (one) => (
              <div>
                <a href={`/?filter=${encodeURIComponent(`alertname="${one.name}"`)}`}>{one.name}</a>
                {Object.values(one.owner)[0] && <div class="muted small">{Object.values(one.owner)[0]}</div>}
              </div>
            ),
          },
          { name: t("reports.alerts"), number: true, show: (one) => short(one.alerts) },
          { name: t("reports.incidents"), number: true, show: (one) => full(one.incidents) },
          { name: t("reports.pagedIncidents"), number: true, show: (one) => full(one.paged) },
          { name: t("reports.pages"), number: true, show: (one) => full(one.pages) },
          { name: t("reports.healed"), number: true, show: (one) => full(one.healed) },
          { name: t("reports.untouched"), number: true, show: (one) => full(one.untouched) },
          {
            name: t("reports.forNothing"),
            show: (one) => {
              const part = one.resolved ? one.untouched / one.resolved : 0;
              return (
                <span class="report-share">
                  <Share of={part} says={percent(part)} /> {percent(part)}
                </span>
              );
            },
          },
        ]}
      />
      {of.distinct > SHOWN && <p class="muted small">{t("reports.moreNames", { n: of.distinct - SHOWN })}</p>}
    </Listed>
  );
}
