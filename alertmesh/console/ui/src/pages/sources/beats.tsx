/** Alerts that must keep coming, and whether they do. */

import { Countdown, Tag, Time } from "../../kit/marks";
import { type Column, Table } from "../../kit/table";
import { length } from "../../time";
import { t } from "../../words";
import { type Heartbeat, PULSES } from "./standing";

export function Beats({ of }: { of: readonly Heartbeat[] }) {
  return <Table of={of} columns={columns()} label={t("sources.heartbeats")} keyOf={named} />;
}

const named = (of: Heartbeat) => `${of.name} ${JSON.stringify(of.labels)}`;

function columns(): Column<Heartbeat>[] {
  return [
    {
      name: t("sources.name"),
      head: true,
      show: (one) => (
        <>
          {one.name}
          {Object.entries(one.labels).map(([name, value]) => (
            <span key={name} class="muted small">
              {" "}
              {name}={value}
            </span>
          ))}
        </>
      ),
    },
    {
      name: t("sources.state"),
      show: (one) => <Tag tone={PULSES[one.state] ?? "plain"}>{t(`sources.pulse.${one.state}`)}</Tag>,
    },
    { name: t("sources.lastSeen"), show: (one) => (one.last_seen ? <Time at={one.last_seen} /> : "–") },
    {
      name: t("sources.due"),
      show: (one) =>
        one.due ? (
          new Date(one.due).getTime() > Date.now() ? (
            <Countdown until={one.due} />
          ) : (
            <Time at={one.due} />
          )
        ) : (
          "–"
        ),
    },
    {
      name: t("sources.every"),
      show: (one) =>
        t("sources.everyGrace", { every: length(one.every_s, 1), grace: length(one.grace_s, 1) }),
    },
  ];
}
