/** What alerts, folded by kind: how many, how bad, how it came and went, and why each of it is here. */

import { type Signal, useSignal } from "@preact/signals";
import { Button, Toggle } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Count, PriorityMark, Tag, Time } from "../../kit/marks";
import { Menu } from "../../kit/menu";
import { Spark } from "../../kit/spark";
import { Empty } from "../../kit/states";
import { percent } from "../../numbers";
import { known, rows } from "../../rows";
import { may } from "../../session";
import { over } from "../../standing";
import { length, relative } from "../../time";
import { t, tOr } from "../../words";
import { Label } from "./label";
import { AT_ONCE, MOST_NAMED, useMost } from "./members";
import {
  type Course,
  figures,
  type Incident,
  type Kind,
  type Member,
  padded,
  type Reason,
  telling,
} from "./model";

const REASONS = 4;
const DRAGGED = "application/x-alertmesh-series";

export type Chosen = ReadonlyMap<string, Member>;

/** Series by their ids, or all of a kind by its name. */
export type Moved = readonly string[] | { kind: string };

interface AlertsProps {
  incident: Incident;
  kinds: readonly Kind[];
  course: Course | undefined;
  /** The series that are chosen, by their ids. */
  chosen: Signal<Chosen>;
  /** The thing whose `series` alone are shown; null for all. */
  only: { name: string; series: readonly string[] } | null;
  showAll: () => void;
  move: (what: Moved, into: number | null) => void;
  askMove: () => void;
  unrelated: (series: string[]) => void;
  root: (member: Member) => void;
  silence: (members: Member[]) => void;
}

export function Alerts(props: AlertsProps) {
  const { kinds, only, chosen } = props;
  const dragging = useSignal(false);
  if (!kinds.length) return <Empty title={t("incident.noAlerts")} />;
  return (
    <div class="alerts">
      {only && (
        <p class="row">
          <Tag tone="accent">{only.name}</Tag>
          {only.series.length > MOST_NAMED && (
            <span class="muted small">
              {t("incident.firstOf", { n: MOST_NAMED, all: only.series.length })}
            </span>
          )}
          <Button size="small" onClick={props.showAll}>
            {t("incident.showAll")}
          </Button>
        </p>
      )}
      {chosen.value.size > 0 && <ChosenBar {...props} />}
      {dragging.value && <Tray {...props} />}
      <div
        class="stack"
        // What changes while a drag begins would end it.
        onDragStart={() => setTimeout(() => (dragging.value = true))}
        onDragEnd={() => (dragging.value = false)}
        onDrop={() => (dragging.value = false)}
      >
        {kinds.map((kind) => (
          <KindCard key={kind.name} kind={kind} open={kinds.length === 1} {...props} />
        ))}
      </div>
    </div>
  );
}

/** What can be done with the series that are chosen. */
function ChosenBar({ chosen, askMove, unrelated, silence, move }: AlertsProps) {
  const ids = [...chosen.value.keys()];
  return (
    <div class="chosen row" role="group" aria-label={t("incident.chosen", { n: ids.length })}>
      <strong>{t("incident.chosen", { n: ids.length })}</strong>
      <Button size="small" onClick={() => move(ids, null)}>
        {t("incident.splitOff")}
      </Button>
      <Button size="small" onClick={askMove}>
        {t("incident.moveTo")}
      </Button>
      <Button size="small" onClick={() => unrelated(ids)}>
        {t("incident.notHere")}
      </Button>
      <Button size="small" onClick={() => silence([...chosen.value.values()])}>
        {t("incident.silence")}
      </Button>
      <Button size="small" look="quiet" onClick={() => (chosen.value = new Map())}>
        {t("incident.chooseNone")}
      </Button>
    </div>
  );
}

/** Where dragged series can be dropped. */
function Tray({ incident, move }: AlertsProps) {
  const others = known.value
    .map((id) => rows.get(id)?.value)
    .filter((row) => row !== undefined)
    .filter((row) => row.id !== incident.id && !over(row))
    .sort((a, b) => b.id - a.id)
    .slice(0, 8);
  const takes = (into: number | null) => ({
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      const what = event.dataTransfer?.getData(DRAGGED);
      if (what) move(JSON.parse(what) as Moved, into);
    },
  });
  return (
    <div class="tray" aria-hidden="true">
      <div class="tray-place" {...takes(null)}>
        <Icon name="plus" /> {t("incident.ofTheirOwn")}
      </div>
      {others.map((row) => (
        <div key={row.id} class="tray-place" {...takes(row.id)}>
          <PriorityMark of={row.priority} />{" "}
          <span class="cut">
            #{row.id} {row.title}
          </span>
        </div>
      ))}
    </div>
  );
}

function KindCard({ kind, open: first, ...props }: AlertsProps & { kind: Kind; open: boolean }) {
  const open = useSignal(first);
  const most = useSignal(AT_ONCE);
  const heard = props.course?.kinds.find((one) => one.name === kind.name);
  const shown = useMost(props.incident.id, kind, most.value);
  const labels = telling(shown);
  return (
    <section class="kind" aria-label={kind.name}>
      <button
        type="button"
        class="kind-head"
        aria-expanded={open.value}
        draggable={may("respond")}
        onDragStart={(event) => drag(event, whole(kind))}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="right" size={16} />
        <PriorityMark of={kind.worst} />
        <span class="kind-name">
          <strong>{kind.name}</strong>
          {kind.root && <Tag tone="accent">{t("incident.likelyRoot")}</Tag>}
          <span class="muted small kind-says cut">{kind.members[0]?.summary}</span>
        </span>
        <span class="kind-count">
          <strong>
            <Count of={kind.firing} />
          </strong>
          <span class="muted">
            {" / "}
            <Count of={kind.all} />
          </span>
        </span>
        {heard && props.course && (
          <Spark
            of={padded(heard.counts)}
            says={t("incident.heard", { n: heard.total, since: relative(props.course.begins) })}
            width={72}
          />
        )}
        <span class="muted small nowrap kind-since">
          <Time at={kind.began} />
        </span>
      </button>
      {open.value && (
        <ul class="series-list">
          {shown.map((one) => (
            <SeriesRow key={one.series} member={one} labels={labels} {...props} />
          ))}
          {kind.all > shown.length && (
            <li>
              <Button size="small" onClick={() => (most.value += 5 * AT_ONCE)}>
                {t("incident.showMore", { n: kind.all - shown.length })}
              </Button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function drag(event: DragEvent, what: Moved): void {
  event.dataTransfer?.setData(DRAGGED, JSON.stringify(what));
}

const whole = ({ name, all, members }: Kind): Moved =>
  members.length < all ? { kind: name } : members.map((one) => one.series);

function toggled(chosen: Chosen, one: Member): Chosen {
  const next = new Map(chosen);
  if (!next.delete(one.series)) next.set(one.series, one);
  return next;
}

function SeriesRow({
  member,
  labels,
  ...props
}: AlertsProps & { member: Member; labels: ReadonlySet<string> }) {
  const open = useSignal(false);
  const { chosen } = props;
  const on = chosen.value.has(member.series);
  const told = Object.entries(member.labels).filter(([name]) => labels.has(name));
  const numbers = figures(member);
  return (
    <li
      class={`series ${member.state}`}
      draggable={may("respond")}
      onDragStart={(event) => drag(event, on ? [...chosen.value.keys()] : [member.series])}
    >
      <div class="series-line">
        {may("respond") && (
          <input
            type="checkbox"
            checked={on}
            onChange={() => (chosen.value = toggled(chosen.value, member))}
            aria-label={t("incident.choose", { name: `${member.name} ${member.entity.name}` })}
          />
        )}
        <PriorityMark of={member.priority} />
        <span class="grow series-name">
          <span class="cut">{member.entity.name || member.name}</span>
          {told.length > 0 && (
            <span class="labels">
              {told.slice(0, 4).map(([name, value]) => (
                <Label key={name} name={name} value={value} />
              ))}
            </span>
          )}
        </span>
        {member.value && <span class="mono nowrap">{member.value}</span>}
        {numbers.length > 1 && <Spark of={numbers} says={t("incident.readings")} width={48} height={16} />}
        {member.state !== "firing" && <Tag tone="ok">{t("incident.over")}</Tag>}
        <span class="muted small nowrap">
          <Time at={member.opened_at} />
        </span>
        <Toggle on={open.value} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          {t("incident.details")}
        </Toggle>
        {may("respond") && (
          <Menu
            says={t("incident.moreFor", { name: member.entity.name || member.name })}
            class="quiet small"
            of={[
              { name: t("incident.isRoot"), act: () => props.root(member) },
              { name: t("incident.notHere"), act: () => props.unrelated([member.series]) },
              { name: t("incident.splitOff"), act: () => props.move([member.series], null) },
              { name: t("incident.silence"), act: () => props.silence([member]) },
            ]}
          >
            <Icon name="more" size={16} />
          </Menu>
        )}
      </div>
      {open.value && <SeriesDetails member={member} course={props.course} />}
    </li>
  );
}

function SeriesDetails({ member, course }: { member: Member; course: Course | undefined }) {
  const heard = course?.series.find((one) => one.series === member.series);
  return (
    <div class="series-details stack">
      {member.summary && <p>{member.summary}</p>}
      <ul class="labels">
        {Object.entries(member.labels).map(([name, value]) => (
          <li key={name}>
            <Label name={name} value={value} />
          </li>
        ))}
      </ul>
      <p class="row small">
        <span>{t("incident.instances", { n: member.instances })}</span>
        <span>{t("incident.episodes", { n: member.episodes })}</span>
        <span class="muted">{member.source}</span>
        {member.generator_url && (
          <a href={member.generator_url} target="_blank" rel="noreferrer">
            {t("incident.source")} <Icon name="out" size={16} />
          </a>
        )}
        {member.runbook_url && (
          <a href={member.runbook_url} target="_blank" rel="noreferrer">
            {t("incident.runbook")} <Icon name="out" size={16} />
          </a>
        )}
      </p>
      {heard && course && (
        <p class="row small">
          <Spark
            of={padded(heard.counts)}
            says={t("incident.heard", { n: heard.total, since: relative(course.begins) })}
            width={160}
          />
          <span class="muted">{t("incident.heard", { n: heard.total, since: relative(course.begins) })}</span>
        </p>
      )}
      {member.readings.length > 0 && (
        <ul class="row small">
          {member.readings.map((one) => (
            <li key={one.at} class="muted">
              <Time at={one.at} as="clock" /> {[one.severity, one.value].filter(Boolean).join(" ")}
            </li>
          ))}
        </ul>
      )}
      <Reasons of={member.reasons} score={member.score} joined={member.joined_at} began={member.opened_at} />
    </div>
  );
}

/** Why it is here: what spoke for it and against it, each with its weight. */
function Reasons({
  of,
  score,
  joined,
  began,
}: {
  of: readonly Reason[];
  score: number;
  joined: string;
  began: string;
}) {
  if (!of.length) return null;
  const strongest = Math.max(...of.map((one) => Math.abs(one.weight)), 0.01);
  const shown = [...of].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, REASONS + 2);
  const lag = (Date.parse(joined) - Date.parse(began)) / 1_000;
  return (
    <div class="stack">
      <h4 class="muted small">
        {t("incident.whyHere", { share: percent(score) })}
        {lag > 60 && ` · ${t("incident.joinedAfter", { length: length(lag, 1) })}`}
      </h4>
      <ul class="reasons">
        {shown.map((one) => (
          <li key={one.feature + one.text}>
            <Weight of={one.weight / strongest} />
            <span class="nowrap">{tOr(`incident.feature.${one.feature}`, one.feature)}</span>
            <span class="muted">{one.text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A weight from -1 to 1: to the right what speaks for it, to the left what speaks against it. */
function Weight({ of }: { of: number }) {
  const wide = Math.abs(of) * 24;
  return (
    <svg class={`weight ${of < 0 ? "against" : "for"}`} width="48" height="8" aria-hidden="true">
      <line x1="24" x2="24" y1="0" y2="8" />
      <rect x={of < 0 ? 24 - wide : 24} y="1" width={wide} height="6" rx="1" />
    </svg>
  );
}
