/** What it is, in one sentence, and where it came from. */

import { Icon } from "../../kit/icon";
import { Count, PriorityMark, Tag, Time } from "../../kit/marks";
import { percent, short } from "../../numbers";
import { few } from "../../sets";
import { clock } from "../../time";
import { t } from "../../words";
import { called } from "../../people";
import { Label } from "./label";
import type { Incident } from "./model";

export function Head({ of, what }: { of: Incident; what: string }) {
  const services = of.services.length;
  const root = of.causes[0];
  return (
    <header class="head stack">
      <p class="row small">
        <PriorityMark of={of.priority} />
        <strong>#{of.id}</strong>
        {of.priority_by && (
          <Tag>{t("incident.priorityBy", { person: called(of.priority_by), was: of.alerts_priority })}</Tag>
        )}
        {of.archived && <Tag>{t("incident.archived")}</Tag>}
        {of.merged_into !== null && (
          <a href={`/incidents/${of.merged_into}`}>{t("incident.mergedInto", { id: of.merged_into })}</a>
        )}
        {of.previous !== null && (
          <a href={`/incidents/${of.previous}`}>{t("incident.previous", { id: of.previous })}</a>
        )}
        {of.recurrence && (
          <Tag tone="warn">
            {t("incident.recurs", {
              n: of.recurrence.times,
              days: of.recurrence.days,
              thing: of.recurrence.entity,
            })}
          </Tag>
        )}
      </p>
      <h1>
        {what}
        <span class="headline-more">
          {t("incident.headline", {
            hit: services > 0 ? t("incident.services", { n: services }) : "",
            since: clock(of.opened_at),
            alerts: t("incident.alertsOf", { n: short(of.counts.alerts) }),
          })}
        </span>
      </h1>
      <p class="row muted small">
        <span>
          <Icon name="clock" size={16} /> <Time at={of.opened_at} />
        </span>
        <span>
          <Count of={of.counts.firing} /> {t("incident.firingNow")}
        </span>
        {root && root.score > 0 && (
          <span>
            {t("incident.likelyRoot")} <strong>{root.entity}</strong> {percent(root.score)}
          </span>
        )}
        {Object.entries(of.labels).map(([name, value]) => (
          <Label key={name} name={name} value={value} />
        ))}
        {of.services.length > 0 && <span class="services">{few(of.services, 6)}</span>}
      </p>
    </header>
  );
}
