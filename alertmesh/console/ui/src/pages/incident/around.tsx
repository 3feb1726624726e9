/** What stands around the incident: what was changed before it, what it is like, what a second look suggests. */

import type { Answer } from "../../api";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { PriorityMark, Tag, Time } from "../../kit/marks";
import { Share } from "../../kit/spark";
import { Empty } from "../../kit/states";
import { percent, short } from "../../numbers";
import { may } from "../../session";
import { length } from "../../time";
import { t, tOr } from "../../words";
import { called } from "../../people";
import type { Incident } from "./model";

type Changes = Answer<"/api/v1/incidents/{id}/changes">;
type Past = Answer<"/api/v1/incidents/{id}/similar">["similar"][number];

export function ChangesList({ of }: { of: Changes }) {
  if (!of.changes.length) return <Empty title={t("incident.noChanges", { n: of.hours })} />;
  return (
    <ul class="changes">
      {of.changes.map((one) => (
        <li key={one.id} class="stack">
          <p class="row">
            <Tag tone={one.root !== null && one.root > 0.3 ? "warn" : "plain"}>
              {tOr(`incident.change.${one.kind}`, one.kind)}
            </Tag>
            <strong>{one.entity}</strong>
            <span class="muted nowrap" title={one.at}>
              {one.lag_s >= 0
                ? t("incident.before", { length: length(one.lag_s) })
                : t("incident.after", { length: length(-one.lag_s) })}
            </span>
          </p>
          <p class="small">
            {one.summary} {one.actor && <span class="muted">{called(one.actor)}</span>}{" "}
            {one.url && (
              <a href={one.url} target="_blank" rel="noreferrer">
                {t("incident.open")} <Icon name="out" size={16} />
              </a>
            )}
          </p>
        </li>
      ))}
      {of.left_out > 0 && <li class="muted small">{t("incident.leftOut", { n: of.left_out })}</li>}
    </ul>
  );
}

export function PastList({ of }: { of: readonly Past[] }) {
  if (!of.length) return <Empty title={t("incident.noPast")} />;
  return (
    <ul class="past">
      {of.map((one) => (
        <li key={one.incident} class="stack">
          <p class="row">
            <PriorityMark of={one.priority} />
            <a href={`/incidents/${one.incident}`} class="grow cut">
              #{one.incident} {one.title}
            </a>
            <span class="nowrap">{percent(one.score)}</span>
          </p>
          <Share of={one.score} says={percent(one.score)} />
          <p class="small muted">
            <Time at={one.opened_at} /> · {t("incident.lasted", { length: length(one.lasted_s) })} ·{" "}
            {t("incident.alertsOf", { n: short(one.alerts) })} ·{" "}
            {one.ended_by
              ? t("incident.endedBy", { person: called(one.ended_by) })
              : one.taken_by
                ? t("incident.hadBy", { person: called(one.taken_by) })
                : t(`incident.ending.${one.ending}`)}
          </p>
          {one.root && (
            <p class="small">
              {t("incident.rootWas", { root: one.root })}
              {one.root_by && (
                <span class="muted"> · {t("incident.saidBy", { person: called(one.root_by) })}</span>
              )}
            </p>
          )}
          {(one.note || one.notes.length > 0) && (
            <blockquote class="small">
              {one.note || one.notes.at(-1)?.text}
              {one.notes.length > 0 && <span class="muted"> — {called(one.notes.at(-1)?.by ?? "")}</span>}
            </blockquote>
          )}
          {one.shared && <p class="small muted">{one.shared}</p>}
        </li>
      ))}
    </ul>
  );
}

/** What a second look would change, for people to decide. */
export function Suggestions({
  of,
  answer,
  why,
}: {
  of: Incident;
  answer: (n: number, action: "accept" | "dismiss") => void;
  why: (other: number) => void;
}) {
  if (!of.suggestions.length) return null;
  return (
    <section class="suggestions" aria-label={t("incident.suggestions")}>
      {of.suggestions.map((one) => (
        <div key={one.number} class="suggestion">
          <div class="grow stack">
            <strong>
              {one.kind === "merge"
                ? t("incident.suggestMerge", { id: one.other ?? "–" })
                : t("incident.suggestSplit", { n: one.series.length })}{" "}
              <span class="muted">{percent(one.confidence)}</span>
            </strong>
            <span class="muted small">{one.reason}</span>
            {one.other !== null && (
              <span class="row small">
                <a href={`/incidents/${one.other}`}>#{one.other}</a>
                <button type="button" class="linklike" onClick={() => why(one.other ?? 0)}>
                  {t("incident.whyNot")}
                </button>
              </span>
            )}
          </div>
          {may("respond") && (
            <div class="row">
              <Button size="small" look="main" onClick={() => answer(one.number, "accept")}>
                {t("incident.accept")}
              </Button>
              <Button size="small" onClick={() => answer(one.number, "dismiss")}>
                {t("incident.dismiss")}
              </Button>
            </div>
          )}
        </div>
      ))}
    </section>
  );
}
