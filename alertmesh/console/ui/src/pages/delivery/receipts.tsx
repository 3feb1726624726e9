/** Every try to reach somebody: filtered, a page at a time, with what the channel said. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../../api";
import { Button, Toggle } from "../../kit/button";
import { Choose } from "../../kit/field";
import { Section } from "../../kit/layout";
import { PriorityMark, StateTag, Time } from "../../kit/marks";
import { Empty, Held } from "../../kit/states";
import { type Column, Table } from "../../kit/table";
import { failed } from "../../notices";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { length } from "../../time";
import { t, tOr } from "../../words";
import { type Sent, tookS } from "./health";

const STATES: [string, string[]][] = [
  ["", []],
  ["open", ["queued", "claimed", "unknown"]],
  ["arrived", ["sent", "delivered", "read"]],
  ["failed", ["failed"]],
];
const EVERY_MS = 15_000;

export function Receipts({
  channels,
  people,
}: {
  channels: string[];
  people: (readonly [string, string])[];
}) {
  const state = query.value.get("state") ?? "";
  const channel = query.value.get("channel") ?? "";
  const person = query.value.get("person") ?? "";
  const page = query.value.get("page") ?? "";
  const wanted = {
    state: STATES.find(([name]) => name === state)?.[1] ?? [],
    channel: channel ? [channel] : [],
    person: person ? [person] : [],
    page: page ? [page] : [],
  };
  const first = useResource(
    (signal) => get("/api/v1/pages", { query: { ...wanted, limit: 50 }, signal }),
    [state, channel, person, page],
    EVERY_MS,
  );
  const older = useSignal<Sent[]>([]);
  const next = useSignal<number | null | undefined>(undefined);
  const busy = useSignal(false);
  useEffect(() => {
    older.value = [];
    next.value = undefined;
  }, [state, channel, person, page]);

  const further = async (before: number) => {
    busy.value = true;
    try {
      const found = await get("/api/v1/pages", { query: { ...wanted, limit: 50, before } });
      older.value = [...older.value, ...found.pages];
      next.value = found.next;
    } catch (error) {
      failed(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <Section title={t("delivery.receipts")} id="receipts">
      <div class="row receipts-filter">
        <div class="row" role="group" aria-label={t("delivery.state")}>
          {STATES.map(([name]) => (
            <Toggle key={name} on={name === state} onClick={() => ask({ state: name })}>
              {t(`delivery.filter.${name || "all"}`)}
            </Toggle>
          ))}
        </div>
        <Choose
          bare
          label={t("delivery.channel")}
          value={channel}
          change={(value) => ask({ channel: value })}
          of={[["", t("delivery.anyChannel")], ...channels.map((name) => [name, name] as const)]}
        />
        <Choose
          bare
          label={t("delivery.person")}
          value={person}
          change={(value) => ask({ person: value })}
          of={[["", t("delivery.anyPerson")], ...people]}
        />
        {page && (
          <Toggle on onClick={() => ask({ page: null })}>
            {t("delivery.onlyPage")} ×
          </Toggle>
        )}
      </div>
      <Held of={first}>
        {(found) => {
          const seen = new Set(found.pages.map((one) => one.number));
          const all = [...found.pages, ...older.value.filter((one) => !seen.has(one.number))];
          const before = next.value === undefined ? found.next : next.value;
          return (
            <>
              {all.length || before !== null ? (
                <div class="receipts-list">
                  <Table
                    of={all}
                    columns={columns()}
                    label={t("delivery.receipts")}
                    keyOf={(one) => one.number}
                  />
                </div>
              ) : (
                <Empty title={t("delivery.noReceipts")} />
              )}
              {before !== null && (
                <Button busy={busy.value} onClick={() => void further(before)}>
                  {t("delivery.older")}
                </Button>
              )}
            </>
          );
        }}
      </Held>
    </Section>
  );
}

function columns(): Column<Sent>[] {
  return [
    {
      name: t("delivery.about"),
      head: true,
      show: (one) => (
        <span class="row about">
          <PriorityMark of={one.attempt.priority} />
          {one.incident === null ? (
            <span>{t("delivery.test")}</span>
          ) : (
            <a href={`/incidents/${one.incident}`}>#{one.incident}</a>
          )}
          {one.attempt.kind !== "page" && one.incident !== null && (
            <span class="muted">{tOr(`delivery.message.${one.attempt.kind}`, one.attempt.kind)}</span>
          )}
        </span>
      ),
    },
    {
      name: t("delivery.person"),
      show: (one) => one.attempt.person || <span class="muted">{t("delivery.group")}</span>,
    },
    { name: t("delivery.channel"), show: (one) => one.attempt.channel },
    { name: t("delivery.state"), show: (one) => <StateTag of={one.attempt.state} /> },
    { name: t("delivery.when"), show: (one) => <Time at={one.attempt.due_at} /> },
    {
      name: t("delivery.took"),
      number: true,
      show: (one) => {
        const took = tookS(one.attempt);
        return took === null ? (
          <span class="muted none">–</span>
        ) : took < 1 ? (
          t("delivery.atOnce")
        ) : (
          length(took)
        );
      },
    },
    { name: t("delivery.answer"), show: (one) => <Said of={one.attempt} /> },
  ];
}

function Said({ of }: { of: Sent["attempt"] }) {
  if (!of.error && !of.provider_id && of.tries < 2) return <span class="muted none">–</span>;
  return (
    <span class="small">
      {of.error && <q class="delivery-said delivery-alarm">{of.error}</q>}
      {of.provider_id && <span class="mono muted"> {of.provider_id}</span>}
      {of.tries > 1 && <span class="muted"> {t("delivery.tries", { n: of.tries })}</span>}
    </span>
  );
}
