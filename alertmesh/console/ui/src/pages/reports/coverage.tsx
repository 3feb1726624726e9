import { type Answer, get } from "../../api";
import { Chart } from "../../kit/chart";
import { Figures, Section } from "../../kit/layout";
import { PriorityMark, Tag, Time } from "../../kit/marks";
import { Empty, Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { full } from "../../numbers";
import { useWorded } from "../../resource";
import { language, t } from "../../words";
import { Listed } from "./parts";
import { asked, daily, type Period } from "./period";

type Found = Answer<"/api/v1/reports/coverage">;
type Gap = Found["gaps"][number];

const SHOWN = 100;

/** The pages that found nobody. */
export function Coverage({ of }: { of: Period }) {
  const said = language.value;
  const found = useWorded((signal) =>
    get("/api/v1/reports/coverage", { query: { ...asked(of), language: said }, signal }),
  );
  return (
    <Held of={found}>
      {(report) =>
        report.gaps.length === 0 ? (
          <Empty title={t("reports.allReached")}>{t("reports.allReachedHint")}</Empty>
        ) : (
          <>
            <section class="card" aria-label={t("reports.name.coverage")}>
              <Figures
                of={[
                  { label: t("reports.incidentsTouched"), value: full(report.incidents) },
                  ...Object.entries(report.counts).map(([kind, count]) => ({
                    label: t(`reports.kind.${kind}`),
                    value: full(count),
                    note: t(`reports.what.${kind}`),
                  })),
                ]}
              />
            </section>
            <Days of={of} report={report} />
            <Gaps of={report} />
          </>
        )
      }
    </Held>
  );
}

function Days({ of, report }: { of: Period; report: Found }) {
  const { times, found } = daily(of, report.days, (one) => one.day);
  return (
    <Section title={t("reports.gapsByDay")}>
      <Chart
        bars
        file="alertmesh-gaps"
        height={140}
        times={times}
        says={t("reports.gapsSays", { n: report.gaps.length })}
        series={[
          { name: t("reports.foundNobody"), values: found.map((one) => one?.gaps ?? 0), colour: "bad" },
        ]}
      />
    </Section>
  );
}

function Gaps({ of }: { of: Found }) {
  const rows = () => [
    ["at", "incident", "priority", "title", "kind", "text"],
    ...of.gaps.map((one) => [one.at, one.incident, one.priority, one.title, one.kind, one.text]),
  ];
  return (
    <Listed title={t("reports.gaps")} file="alertmesh-coverage" rows={rows}>
      <Table<Gap>
        label={t("reports.gaps")}
        of={of.gaps.slice(0, SHOWN)}
        keyOf={(one) => `${one.incident} ${one.at} ${one.kind} ${one.text}`}
        columns={[
          {
            name: t("reports.incident"),
            head: true,
            show: (one) => (
              <span class="row">
                <PriorityMark of={one.priority} />
                <a href={`/incidents/${one.incident}`}>
                  #{one.incident} {one.title}
                </a>
              </span>
            ),
          },
          { name: t("reports.when"), show: (one) => <Time at={one.at} as="clock" /> },
          { name: t("reports.kind"), show: (one) => <Tag tone="bad">{t(`reports.kind.${one.kind}`)}</Tag> },
          { name: t("reports.why"), show: (one) => one.text },
        ]}
      />
    </Listed>
  );
}
