import { type Answer, get } from "../../api";
import { Toggle } from "../../kit/button";
import { Chart } from "../../kit/chart";
import { Figures, Section } from "../../kit/layout";
import { PriorityMark } from "../../kit/marks";
import { Empty, Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { full, percent } from "../../numbers";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { t } from "../../words";
import { Listed, lasted } from "./parts";
import { asked, daily, type Period } from "./period";

type Found = Answer<"/api/v1/reports/response">;
type Numbers = Found["total"];
interface Line {
  key: string;
  figures: Numbers;
}

const WAYS = ["priority", "team", "roster", "week"] as const;
const share = (value: number | null) => (value === null ? "–" : percent(value));

/** How fast incidents are taken and ended, and how many nobody took. */
export function Response({ of }: { of: Period }) {
  const said = query.value.get("by");
  const by = WAYS.find((one) => one === said) ?? "priority";
  const found = useResource(
    (signal) => get("/api/v1/reports/response", { query: { ...asked(of), by }, signal }),
    [by],
  );
  const days = useResource((signal) =>
    get("/api/v1/reports/response", { query: { ...asked(of), by: "day" }, signal }),
  );
  return (
    <Held of={found}>
      {(report) =>
        report.total.incidents === 0 ? (
          <Empty title={t("reports.none")}>{t("reports.noneHint")}</Empty>
        ) : (
          <>
            <Total of={report.total} />
            <Held of={days} lines={6}>
              {(each) => <Days of={of} parts={each.parts} />}
            </Held>
            <Parts of={report} by={by} />
            <Tiers of={report.total} />
          </>
        )
      }
    </Held>
  );
}

function Total({ of }: { of: Numbers }) {
  return (
    <section class="card" aria-label={t("reports.name.response")}>
      <Figures
        of={[
          {
            label: t("reports.mtta"),
            value: lasted(of.to_ack_s.median),
            note: t("reports.p90", { p90: lasted(of.to_ack_s.p90) }),
          },
          {
            label: t("reports.mttr"),
            value: lasted(of.to_resolve_s.median),
            note: t("reports.p90", { p90: lasted(of.to_resolve_s.p90) }),
          },
          {
            label: t("reports.incidents"),
            value: full(of.incidents),
            note: t("reports.openOf", { n: of.open }),
          },
          { label: t("reports.paged"), value: full(of.paged), note: t("reports.ackedOf", { n: of.acked }) },
          {
            label: t("reports.noAck"),
            value: share(of.no_ack_rate),
            note: t("reports.unackedOf", { n: of.unacked }),
          },
          {
            label: t("reports.escalation"),
            value: share(of.escalation_rate),
            note: t("reports.escalatedOf", { n: of.escalated }),
          },
          {
            label: t("reports.effective"),
            value: share(of.page_effectiveness),
            note: t("reports.effectiveWhat"),
          },
        ]}
      />
    </section>
  );
}

function Days({ of, parts }: { of: Period; parts: readonly Line[] }) {
  const { times, found } = daily(of, parts, (one) => one.key);
  const numbers = found.map((one) => one?.figures);
  return (
    <div class="charts">
      <Section title={t("reports.toAckByDay")}>
        <Chart
          file="alertmesh-ack"
          times={times}
          lengths
          unit={lasted}
          says={t("reports.toAckSays")}
          series={[
            { name: t("reports.median"), values: numbers.map((one) => one?.to_ack_s.median ?? null) },
            { name: "p90", values: numbers.map((one) => one?.to_ack_s.p90 ?? null), colour: "muted" },
          ]}
        />
      </Section>
      <Section title={t("reports.toResolveByDay")}>
        <Chart
          file="alertmesh-resolve"
          times={times}
          lengths
          unit={lasted}
          says={t("reports.toResolveSays")}
          series={[
            { name: t("reports.median"), values: numbers.map((one) => one?.to_resolve_s.median ?? null) },
            { name: "p90", values: numbers.map((one) => one?.to_resolve_s.p90 ?? null), colour: "muted" },
          ]}
        />
      </Section>
      <Section title={t("reports.incidentsByDay")}>
        <Chart
          bars
          file="alertmesh-incidents"
          times={times}
          says={t("reports.incidentsSays")}
          series={[
            {
              name: t("reports.incidents"),
              values: numbers.map((one) => one?.incidents ?? 0),
              colour: "line-strong",
            },
            { name: t("reports.paged"), values: numbers.map((one) => one?.paged ?? 0) },
          ]}
        />
      </Section>
    </div>
  );
}

function Parts({ of, by }: { of: Found; by: string }) {
  const rows = () => [
    [
      by,
      "incidents",
      "paged",
      "acked",
      "unacked",
      "ack_median_s",
      "ack_p90_s",
      "resolve_median_s",
      "resolve_p90_s",
    ],
    ...of.parts.map(({ key, figures }) => [
      key,
      figures.incidents,
      figures.paged,
      figures.acked,
      figures.unacked,
      figures.to_ack_s.median,
      figures.to_ack_s.p90,
      figures.to_resolve_s.median,
      figures.to_resolve_s.p90,
    ]),
  ];
  return (
    <Listed title={t("reports.parts")} file={`alertmesh-response-${by}`} rows={rows}>
      <div class="row ways-of">
        {WAYS.map((way) => (
          <Toggle key={way} on={way === by} onClick={() => ask({ by: way === "priority" ? null : way })}>
            {t(`reports.by.${way}`)}
          </Toggle>
        ))}
      </div>
      <Table<Line>
        label={t("reports.parts")}
        of={of.parts}
        keyOf={(one) => one.key}
        columns={[
          {
            name: t(`reports.by.${by}`),
            head: true,
            show: (one) =>
              by === "priority" ? (
                <PriorityMark of={one.key} />
              ) : one.key === "none" ? (
                t("reports.unnamed")
              ) : (
                one.key
              ),
          },
          { name: t("reports.incidents"), number: true, show: (one) => full(one.figures.incidents) },
          { name: t("reports.paged"), number: true, show: (one) => full(one.figures.paged) },
          { name: t("reports.mtta"), number: true, show: (one) => lasted(one.figures.to_ack_s.median) },
          { name: t("reports.mttaP90"), number: true, show: (one) => lasted(one.figures.to_ack_s.p90) },
          { name: t("reports.mttr"), number: true, show: (one) => lasted(one.figures.to_resolve_s.median) },
          { name: t("reports.mttrP90"), number: true, show: (one) => lasted(one.figures.to_resolve_s.p90) },
          { name: t("reports.noAck"), number: true, show: (one) => share(one.figures.no_ack_rate) },
          { name: t("reports.escalation"), number: true, show: (one) => share(one.figures.escalation_rate) },
        ]}
      />
    </Listed>
  );
}

function Tiers({ of }: { of: Numbers }) {
  const tiers = Object.entries(of.tiers);
  const rows = () => [
    ["tier", "pages", "answered", "effectiveness", "ack_median_s", "ack_p90_s"],
    ...tiers.map(([tier, one]) => [
      tier,
      one.pages,
      one.answered,
      one.effectiveness,
      one.to_ack_s.median,
      one.to_ack_s.p90,
    ]),
  ];
  return (
    <Listed title={t("reports.tiers")} file="alertmesh-tiers" rows={rows}>
      <Table
        label={t("reports.tiers")}
        of={tiers}
        keyOf={([tier]) => tier}
        columns={[
          { name: t("reports.tier"), head: true, show: ([tier]) => t(`reports.tier.${tier}`) },
          { name: t("reports.pages"), number: true, show: ([, one]) => full(one.pages) },
          { name: t("reports.answered"), number: true, show: ([, one]) => full(one.answered) },
          { name: t("reports.effective"), number: true, show: ([, one]) => share(one.effectiveness) },
          { name: t("reports.mtta"), number: true, show: ([, one]) => lasted(one.to_ack_s.median) },
          { name: t("reports.mttaP90"), number: true, show: ([, one]) => lasted(one.to_ack_s.p90) },
        ]}
      />
    </Listed>
  );
}
