import { get } from "../../api";
import { Button } from "../../kit/button";
import { Page, Section } from "../../kit/layout";
import { Empty, Held } from "../../kit/states";
import { type Column, Table } from "../../kit/table";
import { useResource } from "../../resource";
import { ask } from "../../route";
import { length, moment } from "../../time";
import { t } from "../../words";
import { Beats } from "./beats";
import { Senders } from "./senders";
import "./sources.css";
import { type Kind, ordered } from "./standing";
import { TrialSection } from "./trial";
import { Unknown } from "./unknown";

/** Who reports to us and whether they still do, what must keep coming, and what would become of a body. */
export default function Sources() {
  const sources = useResource((signal) => get("/api/v1/sources", { signal }), [], 10_000);
  const heartbeats = useResource((signal) => get("/api/v1/heartbeats", { signal }), [], 10_000);
  return (
    <Page title={t("sources.title")} lead={t("sources.lead")}>
      <Section title={t("sources.senders")} {...(sources.data && { count: sources.data.sources.length })}>
        <Held of={sources}>
          {(found) =>
            found.sources.length ? (
              <Senders of={ordered(found.sources, moment.value)} />
            ) : (
              <Empty title={t("sources.nobody")}>
                <a href="/first">{t("sources.howTo")}</a>
              </Empty>
            )
          }
        </Held>
      </Section>
      {!!sources.data?.unknown_words.length && <Unknown of={sources.data.unknown_words} />}
      <Section title={t("sources.heartbeats")}>
        <p class="muted small">{t("sources.heartbeatsMeans")}</p>
        <Held of={heartbeats} lines={2}>
          {(found) =>
            found.heartbeats.length ? (
              <Beats of={found.heartbeats} />
            ) : (
              <Empty title={t("sources.noHeartbeats")} />
            )
          }
        </Held>
      </Section>
      {sources.data && <TrialSection kinds={sources.data.kinds} />}
      <Section title={t("sources.kinds")} folded>
        <Held of={sources}>
          {(found) => (
            <Table of={found.kinds} columns={kinds()} label={t("sources.kinds")} keyOf={(one) => one.name} />
          )}
        </Held>
      </Section>
    </Page>
  );
}

function kinds(): Column<Kind>[] {
  return [
    { name: t("sources.name"), head: true, show: (one) => one.name },
    { name: t("sources.madeOf"), show: (one) => t(one.mapped ? "sources.mapped" : "sources.plugin") },
    { name: t("sources.takes"), show: (one) => t(one.forms ? "sources.jsonAndForms" : "sources.json") },
    { name: t("sources.lease"), show: (one) => (one.lease_s ? length(one.lease_s, 1) : "–") },
    {
      name: t("sources.address"),
      show: (one) => <span class="mono small">/api/v1/ingest/{one.name}</span>,
    },
    {
      name: t("sources.try"),
      show: (one) => (
        <Button
          size="small"
          onClick={() => {
            ask({ try: one.name });
            document.getElementById("try")?.scrollIntoView();
          }}
        >
          {t("sources.tryIt")}
        </Button>
      ),
    },
  ];
}
