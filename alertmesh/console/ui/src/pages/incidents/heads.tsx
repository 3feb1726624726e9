/** What stands above incidents that belong together: a heading, or in a storm the root that they all hang on. */

import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Count, PriorityMark, Tag, Time } from "../../kit/marks";
import { may } from "../../session";
import { few } from "../../sets";
import { untaken } from "../../standing";
import { t } from "../../words";
import { ack } from "./act";
import { cursor, find, fold, type Line, selectAll, selected, unfolded } from "./list";
import { summed } from "./order";
import { called } from "../../people";
import { Deadline } from "./line";
import type { Row } from "./row";
import { group, view } from "./view";

type HeadLine = Extract<Line, { kind: "head" }>;

export function Head({ line }: { line: HeadLine }) {
  const { key, ids } = line.part;
  const name = key ?? "";
  const sum = summed(name, ids, find);
  const open = unfolded(name);
  const every = ids.every((id) => selected.value.has(id));
  const storm = view.value === "storm";
  const first = find(ids[0] ?? 0);
  return (
    <div
      class={`line head ${storm ? "storm" : ""} ${cursor.value === line.name ? "at" : ""}`}
      role="listitem"
      data-line={line.name}
      onFocusIn={() => (cursor.value = line.name)}
    >
      <label class="pick">
        <input
          type="checkbox"
          checked={every}
          aria-label={t("incidents.selectGroup", { name: titled(name) })}
          onClick={() => selectAll(ids)}
        />
      </label>
      <button type="button" class="head-name" aria-expanded={open} onClick={() => fold(name)} data-first>
        <Icon name={open ? "down" : "right"} size={16} />
        <PriorityMark of={sum.worst} />
        <span class="head-what">
          <strong class="cut">{titled(name)}</strong>
          {storm && <Reach ids={ids} />}
        </span>
        <span class="muted nowrap">{t("incidents.inGroup", { n: ids.length })}</span>
        <span class="muted nowrap head-alerts">
          <Count of={sum.alerts} /> {t("incidents.alertsUnit", { n: sum.alerts })}
        </span>
      </button>
      {storm && first && <Deadline row={first} />}
      {sum.untaken > 0 ? (
        <Tag tone="warn">{t("incidents.untakenIn", { n: sum.untaken })}</Tag>
      ) : (
        <Tag tone="ok">{t("incidents.allTaken")}</Tag>
      )}
      {storm && may("respond") && sum.untaken > 0 && (
        <Button size="small" look="main" onClick={() => ack(ids.filter((id) => waits(find(id))))}>
          {t("incidents.ackRoot")}
        </Button>
      )}
    </div>
  );
}

/** How far what hangs on a root reaches, and since when. */
function Reach({ ids }: { ids: readonly number[] }) {
  const found = new Set<string>();
  let since = "";
  for (const id of ids) {
    const row = find(id);
    if (!row) continue;
    for (const service of row.services) found.add(service);
    if (!since || row.opened_at < since) since = row.opened_at;
  }
  const services = [...found];
  return (
    <span class="small muted cut">
      {since && <Time at={since} />}
      {services.length > 0 && ` · ${few(services, 4)}`}
    </span>
  );
}

const waits = (row: Row | undefined) => !!row && untaken(row);

function titled(key: string): string {
  if (!key) return t(`incidents.no.${group.value}`);
  if (group.value === "owner") return called(key);
  if (group.value !== "root") return key;
  const at = key.indexOf("/");
  const [cluster, entity] = [key.slice(0, at), key.slice(at + 1)];
  return cluster ? `${entity} · ${cluster}` : entity;
}
