/** One incident, as a line at a desk or as a card in a hand. */

import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Count, Countdown, PriorityMark, StateTag, Time } from "../../kit/marks";
import { type Choice, Menu } from "../../kit/menu";
import { percent } from "../../numbers";
import { me, may } from "../../session";
import { over, owned, untaken } from "../../standing";
import { second } from "../../time";
import { t } from "../../words";
import { ack, asking, close, escalate, resolve, snooze } from "./act";
import { cursor, find, pending, select, selected } from "./list";
import { called } from "../../people";
import { view } from "./view";
import { next, type Row, where, who } from "./row";

const SOON_MS = 120_000;
export const SNOOZES = [15, 30, 60, 240] as const;

/** Follow something of one incident; the same element shows another one later. */
const useOf = <T,>(id: number, tell: () => T): T => useMemo(() => computed(tell), [id]).value;

/** What is known of a row's place: whether it is selected, waited for, or where the keyboard is. */
function useMarks(id: number): string {
  return useOf(id, () => {
    const row = find(id);
    return [
      selected.value.has(id) ? "selected" : "",
      pending.value.has(id) ? "pending" : "",
      cursor.value === `r${id}` ? "at" : "",
      row && over(row) ? (view.value === "past" ? "ended" : "over") : "",
      row && untaken(row) ? "untaken" : "",
    ].join(" ");
  });
}

export function RowLine({ id }: { id: number }) {
  const row = find(id);
  const marks = useMarks(id);
  if (!row) return null;
  return (
    <div
      class={`line incident ${marks}`}
      role="listitem"
      data-line={`r${id}`}
      data-incident={id}
      onFocusIn={() => (cursor.value = `r${id}`)}
    >
      <Pick row={row} />
      <div class="line-mark">
        <PriorityMark of={row.priority} />
        <span class="small muted">#{id}</span>
      </div>
      <div class="line-what">
        <a class="cut line-title" href={`/incidents/${id}`} title={`${row.title}\n${row.summary}`} data-first>
          {row.title}
        </a>
        <Whereabouts row={row} />
      </div>
      <Amount row={row} />
      <Standing row={row} />
      <Deadline row={row} />
      <Ages row={row} />
      <div class="line-acts">
        {may("respond") && !over(row) && <AckButton row={row} />}
        {may("respond") && <More row={row} />}
      </div>
    </div>
  );
}

export function Card({ id }: { id: number }) {
  const row = find(id);
  const marks = useMarks(id);
  if (!row) return null;
  return (
    <article
      class={`incident-card incident ${marks}`}
      data-line={`r${id}`}
      data-incident={id}
      aria-label={`#${id} ${row.title}`}
      onFocusIn={() => (cursor.value = `r${id}`)}
    >
      <div class="card-top">
        <PriorityMark of={row.priority} />
        <span class="small muted">#{id}</span>
        <StateTag of={row.state ?? "held"} />
        <Deadline row={row} />
      </div>
      <a class="card-text" href={`/incidents/${id}`} data-first>
        <span class="card-title">{row.title}</span>
        <span class="muted cut">{row.summary}</span>
      </a>
      <Whereabouts row={row} bare />
      <div class="card-facts small">
        <Amount row={row} />
        <span class="muted nowrap">
          <Time at={row.opened_at} />
        </span>
        <People row={row} />
      </div>
      <div class="card-acts">
        <Pick row={row} />
        {may("respond") && <More row={row} />}
        <span class="grow" />
        {may("respond") && !over(row) && (
          <>
            {row.state !== "cleared" && (
              <Button onClick={() => escalate([id])}>{t("incidents.escalate")}</Button>
            )}
            <AckButton row={row} big />
          </>
        )}
      </div>
    </article>
  );
}

function Pick({ row }: { row: Row }) {
  const on = useOf(row.id, () => selected.value.has(row.id));
  return (
    <label class="pick">
      <input
        type="checkbox"
        checked={on}
        aria-label={t("incidents.select", { id: row.id })}
        onClick={(event) => {
          event.stopPropagation();
          select(row.id, event.shiftKey);
        }}
      />
    </label>
  );
}

function AckButton({ row, big }: { row: Row; big?: boolean }) {
  if (row.owner && row.owner === me.value && row.state !== "snoozed") {
    return big ? <Button onClick={() => asking_(row)}>{t("incidents.snooze")}</Button> : null;
  }
  return (
    <Button
      size={big ? "body" : "small"}
      look={untaken(row) ? "main" : "plain"}
      onClick={() => ack([row.id])}
      aria-label={t("incidents.ackOne", { id: row.id })}
    >
      {t("incidents.ack")}
    </Button>
  );
}

const asking_ = (row: Row) => (asking.value = { what: "snooze", ids: [row.id] });

function More({ row }: { row: Row }) {
  return (
    <Menu says={t("incidents.moreOf", { id: row.id })} of={choicesFor([row])} class="quiet square small">
      <Icon name="more" />
    </Menu>
  );
}

/** What else can be done to incidents. */
export function choicesFor(rows: readonly Row[]): Choice[] {
  const ids = rows.map((row) => row.id);
  if (rows.every(over))
    return [
      {
        name: t("incidents.close"),
        act: () => close(ids),
        disabled: !rows.some((row) => row.state === "resolved"),
      },
    ];
  return [
    ...SNOOZES.slice(0, 3).map((minutes) => ({
      name: t("incidents.snoozeFor", { minutes }),
      act: () => snooze(ids, minutes),
    })),
    { name: t("incidents.assign"), act: () => (asking.value = { what: "assign", ids }) },
    { name: t("incidents.escalate"), act: () => escalate(ids) },
    { name: t("incidents.merge"), act: () => (asking.value = { what: "merge", ids }) },
    { name: t("incidents.silence"), act: () => (asking.value = { what: "silence", ids }) },
    { name: t("incidents.resolve"), act: () => resolve(ids), danger: true },
  ];
}

/** Where it is, and what is likeliest the root. */
function Whereabouts({ row, bare }: { row: Row; bare?: boolean }) {
  const root = row.root;
  const places = where(row).filter((place) => place !== root?.entity);
  return (
    <div class="whereabouts small muted cut">
      {root && (
        <span
          class="root"
          title={t("incidents.rootTitle", { entity: root.entity, share: percent(root.score) })}
        >
          <Icon name="root" size={14} />
          {root.entity} {percent(root.score)}
        </span>
      )}
      {places.map((place) => (
        <span key={place}>{place}</span>
      ))}
      {!bare && row.summary && <span>{row.summary}</span>}
    </div>
  );
}

function Amount({ row }: { row: Row }) {
  const { alerts, firing } = row.counts;
  return (
    <div class="amount">
      <span>
        <strong>
          <Count of={alerts} />
        </strong>{" "}
        {t("incidents.alertsUnit", { n: alerts })}
      </span>
      <span class="small muted">
        {firing ? t("incidents.firing", { n: firing }) : t("incidents.noneFiring")}
      </span>
    </div>
  );
}

function Standing({ row }: { row: Row }) {
  return (
    <div class="line-state">
      <StateTag of={row.state ?? "held"} />
      <People row={row} />
    </div>
  );
}

/** Who has it or is being called. */
function People({ row }: { row: Row }) {
  const names = who(row);
  if (row.merged_into !== null)
    return (
      <a class="small" href={`/incidents/${row.merged_into}`}>
        {t("incidents.into", { id: row.merged_into })}
      </a>
    );
  if (!names.length) return row.team ? <span class="small muted cut">{row.team}</span> : null;
  return (
    <span class="row-people small muted cut" title={names.map(called).join(", ")}>
      {owned(row) && <Icon name="person" size={14} />}
      {names.join(", ")}
    </span>
  );
}

export function Deadline({ row }: { row: Row }) {
  const due = next(row);
  if (!due || over(row)) return <div class="deadline" />;
  const near = untaken(row) && Date.parse(due.at) - second.value < SOON_MS;
  return (
    <div class={`deadline ${near ? "near" : ""}`}>
      <strong>
        <Countdown until={due.at} />
      </strong>
      <span class="small muted cut" title={t(`state.timer.${due.timer}`)}>
        {t(`state.timer.${due.timer}`)}
      </span>
    </div>
  );
}

function Ages({ row }: { row: Row }) {
  return (
    <div class="ages">
      <Time at={row.opened_at} />
      <span class="small muted cut" title={t("incidents.changed")}>
        <Icon name="retry" size={12} /> <Time at={row.changed_at} />
      </span>
    </div>
  );
}
