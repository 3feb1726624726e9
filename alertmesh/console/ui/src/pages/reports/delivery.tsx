import { type Answer, get } from "../../api";
import { Chart } from "../../kit/chart";
import { Figures, Section } from "../../kit/layout";
import { Empty, Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { full, percent } from "../../numbers";
import { useResource } from "../../resource";
import { t } from "../../words";
import { Listed, quick } from "./parts";
import { asked, daily, type Period } from "./period";

type Found = Answer<"/api/v1/reports/delivery">;
type Channel = Found["channels"][number];

const share = (value: number | null) => (value === null ? "–" : percent(value, 1));

/** What each channel carried, and how long it took. */
export function Delivery({ of }: { of: Period }) {
  const found = useResource((signal) => get("/api/v1/reports/delivery", { query: asked(of), signal }));
  return (
    <Held of={found}>
      {(report) =>
        report.total.attempts === 0 ? (
          <Empty title={t("reports.nothingSent")}>{t("reports.noneHint")}</Empty>
        ) : (
          <>
            <section class="card" aria-label={t("reports.name.delivery")}>
              <Figures
                of={[
                  { label: t("reports.attempts"), value: full(report.total.attempts) },
                  { label: t("reports.sent"), value: full(report.total.sent) },
                  { label: t("reports.delivered"), value: full(report.total.delivered) },
                  {
                    label: t("reports.failed"),
                    value: full(report.total.failed),
                    note: share(report.total.failure_rate),
                  },
                  {
                    label: t("reports.latency"),
                    value: quick(report.total.latency_p50_s),
                    note: `p95 ${quick(report.total.latency_p95_s)}`,
                  },
                ]}
              />
            </section>
            <Days of={of} report={report} />
            <Channels of={report} />
          </>
        )
      }
    </Held>
  );
}

function Days({ of, report }: { of: Period; report: Found }) {
  const { times, found } = daily(of, report.days, (one) => one.day);
  return (
    <div class="charts">
      <Section title={t("reports.latencyByDay")}>
        <Chart
          file="alertmesh-latency"
          times={times}
          lengths
          unit={quick}
          says={t("reports.latencySays", { p50: quick(report.total.latency_p50_s) })}
          series={[
            { name: t("reports.median"), values: found.map((one) => one?.latency_p50_s ?? null) },
            { name: "p95", values: found.map((one) => one?.latency_p95_s ?? null), colour: "muted" },
          ]}
        />
      </Section>
      <Section title={t("reports.sendsByDay")}>
        <Chart
          bars
          file="alertmesh-sends"
          times={times}
          says={t("reports.sendsSays", { n: report.total.sent, failed: report.total.failed })}
          series={[
            { name: t("reports.sent"), values: found.map((one) => one?.sent ?? 0), colour: "line-strong" },
            { name: t("reports.failed"), values: found.map((one) => one?.failed ?? 0), colour: "bad" },
          ]}
        />
      </Section>
    </div>
  );
}

function Channels({ of }: { of: Found }) {
  const rows = () => [
    [
      "channel",
      "attempts",
      "pages",
      "sent",
      "delivered",
      "failed",
      "withdrawn",
      "latency_p50_s",
      "latency_p95_s",
    ],
    ...of.channels.map((one) => [
      one.channel,
      one.attempts,
      one.pages,
      one.sent,
      one.delivered,
      one.failed,
      one.withdrawn,
      one.latency_p50_s,
      one.latency_p95_s,
    ]),
  ];
  return (
    <Listed title={t("reports.byChannel")} file="alertmesh-delivery" rows={rows}>
      <Table<Channel>
        label={t("reports.byChannel")}
        of={of.channels}
        keyOf={(one) => one.channel}
        columns={[
          { name: t("reports.channel"), head: true, show: (one) => one.channel },
          { name: t("reports.attempts"), number: true, show: (one) => full(one.attempts) },
          { name: t("reports.sent"), number: true, show: (one) => full(one.sent) },
          { name: t("reports.delivered"), number: true, show: (one) => full(one.delivered) },
          {
            name: t("reports.failed"),
            number: true,
            show: (one) => `${full(one.failed)} (${share(one.failure_rate)})`,
          },
          { name: t("reports.median"), number: true, show: (one) => quick(one.latency_p50_s) },
          { name: "p95", number: true, show: (one) => quick(one.latency_p95_s) },
        ]}
      />
    </Listed>
  );
}
