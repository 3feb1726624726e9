import { type Answer, get } from "../../api";
import { Chart } from "../../kit/chart";
import { Figures, Section } from "../../kit/layout";
import { Spark } from "../../kit/spark";
import { Empty, Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { full, percent } from "../../numbers";
import { useResource } from "../../resource";
import { t } from "../../words";
import { called } from "../../people";
import { Listed } from "./parts";
import { asked, daily, type Period } from "./period";

type Found = Answer<"/api/v1/reports/load">;
type Person = Found["people"][number];

/** How much each person was paged, by night too. */
export function Load({ of }: { of: Period }) {
  const found = useResource((signal) => get("/api/v1/reports/load", { query: asked(of), signal }));
  return (
    <Held of={found}>
      {(report) =>
        report.people.length === 0 ? (
          <Empty title={t("reports.nobodyPaged")}>{t("reports.noneHint")}</Empty>
        ) : (
          <>
            <section class="card" aria-label={t("reports.name.load")}>
              <Figures
                of={[
                  { label: t("reports.pages"), value: full(report.pages) },
                  {
                    label: t("reports.nightPages"),
                    value: full(report.night_pages),
                    note: report.pages ? percent(report.night_pages / report.pages) : "",
                  },
                  { label: t("reports.people"), value: full(report.people.length) },
                  {
                    label: t("reports.nightsMost"),
                    value: full(Math.max(...report.people.map((one) => one.nights_interrupted))),
                    note: t("reports.nightsWhat"),
                  },
                ]}
              />
            </section>
            <Days of={of} report={report} />
            <People of={of} report={report} />
          </>
        )
      }
    </Held>
  );
}

function Days({ of, report }: { of: Period; report: Found }) {
  const { times, found } = daily(of, report.days, (one) => one.day);
  return (
    <Section title={t("reports.pagesByDay")}>
      <Chart
        bars
        file="alertmesh-pages"
        times={times}
        says={t("reports.pagesSays", { n: report.pages, night: report.night_pages })}
        series={[
          { name: t("reports.pages"), values: found.map((one) => one?.pages ?? 0), colour: "line-strong" },
          { name: t("reports.nightPages"), values: found.map((one) => one?.night_pages ?? 0) },
        ]}
      />
    </Section>
  );
}

function People({ of, report }: { of: Period; report: Found }) {
  const rows = () => [
    ["person", "zone", "pages", "incidents", "acks", "night_pages", "nights_interrupted", "tier_1", "tier_2"],
    ...report.people.map((one) => [
      one.person,
      one.zone,
      one.pages,
      one.incidents,
      one.acks,
      one.night_pages,
      one.nights_interrupted,
      one.tiers["ops"] ?? 0,
      one.tiers["rnd"] ?? 0,
    ]),
  ];
  return (
    <Listed title={t("reports.byPerson")} file="alertmesh-load" rows={rows}>
      <Table<Person>
        label={t("reports.byPerson")}
        of={report.people}
        keyOf={(one) => one.person}
        columns={[
          { name: t("reports.person"), head: true, show: (one) => called(one.person) },
          { name: t("reports.pages"), number: true, show: (one) => full(one.pages) },
          { name: t("reports.nightPages"), number: true, show: (one) => full(one.night_pages) },
          { name: t("reports.nights"), number: true, show: (one) => full(one.nights_interrupted) },
          { name: t("reports.eachNight"), show: (one) => <Nights of={of} person={one} /> },
          { name: t("reports.acks"), number: true, show: (one) => full(one.acks) },
          { name: t("reports.tier.ops"), number: true, show: (one) => full(one.tiers["ops"] ?? 0) },
          { name: t("reports.tier.rnd"), number: true, show: (one) => full(one.tiers["rnd"] ?? 0) },
        ]}
      />
    </Listed>
  );
}

function Nights({ of, person }: { of: Period; person: Person }) {
  const { found } = daily(of, person.nights, (one) => one.night);
  const says = t("reports.nightsSays", { n: person.night_pages, nights: person.nights_interrupted });
  return <Spark of={found.map((one) => one?.pages ?? 0)} says={says} />;
}
