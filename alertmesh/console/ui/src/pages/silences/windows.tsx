/** Maintenance windows: written in the rules, shown here with when each holds. */

import { Tag, Time } from "../../kit/marks";
import { type Column, Table } from "../../kit/table";
import { t } from "../../words";
import { conditions, type Window } from "./model";

export function Windows({ of }: { of: readonly Window[] }) {
  return <Table of={of} columns={columns()} label={t("silences.windows")} keyOf={(one) => one.name} />;
}

function columns(): Column<Window>[] {
  return [
    {
      name: t("silences.name"),
      head: true,
      show: (one) => (
        <>
          {one.name}
          {one.comment && <span class="muted small"> {one.comment}</span>}
        </>
      ),
    },
    {
      name: t("silences.matchers"),
      show: (one) => (
        <span class="row">
          {conditions(one.matchers).map((condition) => (
            <code key={condition} class="condition">
              {condition}
            </code>
          ))}
        </span>
      ),
    },
    {
      name: t("silences.now"),
      show: (one) =>
        one.active_until ? (
          <span class="row">
            <Tag tone="accent">{t("silences.holds")}</Tag> {t("silences.thenUntil")}{" "}
            <Time at={one.active_until} as="clock" />
          </span>
        ) : (
          <Tag>{t("silences.rests")}</Tag>
        ),
    },
    {
      name: t("silences.next"),
      show: (one) =>
        one.next_start && one.next_end ? (
          <span>
            <Time at={one.next_start} as="clock" /> – <Time at={one.next_end} as="clock" />
          </span>
        ) : (
          "–"
        ),
    },
    { name: t("silences.covered"), number: true, show: (one) => one.alerts },
  ];
}
