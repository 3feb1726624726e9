/** Noise: from alerts to pages, what each rule took away, and what is proposed against the rest. */

import { type Answer, get } from "../../api";
import { Choose } from "../../kit/field";
import { Funnel } from "../../kit/funnel";
import { Page, Section } from "../../kit/layout";
import { Count, Time } from "../../kit/marks";
import { Spark } from "../../kit/spark";
import { Empty, Held } from "../../kit/states";
import { type Column, Table } from "../../kit/table";
import { full, percent } from "../../numbers";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { t } from "../../words";
import { Proposals } from "./proposals";
import "./noise.css";

type Noise = Answer<"/api/v1/noise">;
type Mechanism = Noise["mechanisms"][number];

const SPANS = ["1", "7", "30", "90"] as const;
const DAY_MS = 86_400_000;
const RENEW_MS = 60_000;
const STAGES = ["alerts", "changes", "series", "incidents", "pages"] as const;

export default function NoisePage() {
  const days = SPANS.find((one) => one === query.value.get("days")) ?? "7";
  const noise = useResource(
    (signal) =>
      get("/api/v1/noise", {
        query: { from: new Date(Date.now() - Number(days) * DAY_MS).toISOString() },
        signal,
      }),
    [days],
    RENEW_MS,
  );
  const span = (
    <Choose
      label={t("noise.span")}
      bare
      value={days}
      change={(value) => ask({ days: value === "7" ? null : value })}
      of={SPANS.map((one) => [one, t("noise.days", { n: Number(one) })] as const)}
    />
  );
  return (
    <Page title={t("noise.title")} actions={span} lead={t("noise.lead")}>
      <Held of={noise} lines={10}>
        {(found) => (
          <>
            <Section title={t("noise.funnel")}>
              <Stages of={found} />
            </Section>
            <Section title={t("noise.rules")}>
              <div class="noise-rules">
                <Mechanisms of={found} />
              </div>
            </Section>
          </>
        )}
      </Held>
      <Proposals />
    </Page>
  );
}

/** From alerts to pages, and how much went on the way. */
function Stages({ of }: { of: Noise }) {
  const { funnel } = of;
  if (!of.since || !funnel.alerts) return <Empty title={t("noise.nothing")}>{t("noise.nothingAbout")}</Empty>;
  const note = (place: number) => {
    const [stage, before] = [STAGES[place], STAGES[place - 1]];
    if (stage === "pages") return t("noise.perPerson");
    if (!stage || !before || !funnel[before]) return "";
    return t("noise.ofBefore", { share: percent(funnel[stage] / funnel[before], 1) });
  };
  return (
    <div class="trial">
      <p class="funnel-said">
        {t("noise.said", {
          alerts: full(funnel.alerts),
          incidents: full(funnel.incidents),
          share: percent(1 - funnel.incidents / Math.max(funnel.alerts, funnel.incidents), 1),
        })}
      </p>
      <Funnel
        of={STAGES.map((stage, place) => ({
          name: t(`noise.stage_${stage}`),
          count: funnel[stage],
          note: note(place),
        }))}
      />
      {of.since > of.from && (
        <p class="muted small">
          {t("noise.since")} <Time at={of.since} as="absolute" />
        </p>
      )}
    </div>
  );
}

function Mechanisms({ of }: { of: Noise }) {
  const columns: Column<Mechanism>[] = [
    { name: t("noise.rule"), head: true, show: (one) => <Named of={one} /> },
    { name: t("noise.compressed"), number: true, show: (one) => <Some of={one.compressed} /> },
    {
      name: t("noise.held"),
      number: true,
      show: (one) => (
        <div class="noise-figure">
          <Some of={one.held} />
          {!!one.held && one.unpaged !== null && (
            <small class="muted noise-note">{t("noise.unpaged", { n: one.unpaged })}</small>
          )}
        </div>
      ),
    },
    {
      name: t("noise.marked"),
      number: true,
      show: (one) => (
        <div class="noise-figure">
          <Some of={one.marked} />
          {!!one.marked_now && (
            <small class="muted noise-note">{t("noise.markedNow", { n: one.marked_now })}</small>
          )}
        </div>
      ),
    },
    {
      name: t("noise.course"),
      show: (one) => <Course of={one} />,
    },
  ];
  return <Table of={of.mechanisms} columns={columns} label={t("noise.rules")} keyOf={(one) => one.name} />;
}

const FILES: Record<string, string> = {
  repeats: "dedup/repeats.yaml",
  flap: "dedup/flap.yaml",
  selfheal: "dedup/selfheal.yaml",
  routine: "dedup/routine.yaml",
  chronic: "dedup/chronic.yaml",
  storm: "dedup/storm.yaml",
  correlation: "correlate/default.yaml",
  inhibition: "inhibit/kubernetes.yaml",
  maintenance: "maintenance/default.yaml",
};

function Named({ of }: { of: Mechanism }) {
  const file = FILES[of.name];
  const to =
    of.name === "silences" ? "/silences" : file ? `/rules?file=${encodeURIComponent(file)}` : "/rules";
  return (
    <span class="noise-rule">
      <a href={to}>{t(`noise.name_${of.name}`)}</a>
      <small class="muted">{t(`noise.about_${of.name}`)}</small>
    </span>
  );
}

function Course({ of }: { of: Mechanism }) {
  const sum = of.parts.reduce((all, part) => all + part, 0);
  if (!sum) return <span class="absent" />;
  const says = t("noise.courseOf", { rule: t(`noise.name_${of.name}`), n: full(sum) });
  return <Spark of={of.parts} width={120} height={24} says={says} />;
}

function Some({ of }: { of: number | null }) {
  if (of === null) return <span class="muted absent">–</span>;
  return of ? <Count of={of} /> : <span class="muted">0</span>;
}
