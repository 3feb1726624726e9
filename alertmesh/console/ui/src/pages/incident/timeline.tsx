/** What happened, the newest first: every page with what became of it, and every word of people. */

import { useSignal } from "@preact/signals";
import { Button, Toggle } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { StateTag, Tag, Time, type Tone } from "../../kit/marks";
import { Empty } from "../../kit/states";
import { toggled } from "../../sets";
import { t, tOr } from "../../words";
import { called } from "../../people";
import { type Attempt, runs, type Sort, type Told } from "./model";

const SORTS: readonly Sort[] = ["people", "pages", "alerts", "rules"];
const AT_ONCE = 40;

const MARKS: Record<Sort, string> = { people: "person", pages: "bell", alerts: "incidents", rules: "rules" };
const TONES: Record<string, Tone> = {
  opened: "bad",
  worse: "bad",
  exhausted: "bad",
  undeliverable: "bad",
  coverage_gap: "bad",
  failed: "bad",
  refired: "warn",
  escalate: "warn",
  paging: "warn",
  ack: "accent",
  resolved: "ok",
  cleared: "ok",
  close: "ok",
};

export function Timeline({ of, whole }: { of: readonly Told[]; whole: boolean }) {
  const wanted = useSignal<ReadonlySet<Sort>>(new Set());
  const most = useSignal(AT_ONCE);
  const shown = wanted.value.size ? of.filter((one) => wanted.value.has(one.sort)) : runs(of);
  const flip = (sort: Sort) => {
    wanted.value = toggled(wanted.value, sort);
    most.value = AT_ONCE;
  };
  return (
    <div class="stack">
      <div class="row" role="group" aria-label={t("incident.filter")}>
        {SORTS.map((sort) => (
          <Toggle key={sort} on={wanted.value.has(sort)} onClick={() => flip(sort)}>
            {t(`incident.sort.${sort}`)}{" "}
            <span class="muted">{of.filter((one) => one.sort === sort).length}</span>
          </Toggle>
        ))}
      </div>
      {shown.length === 0 && <Empty title={t("incident.nothingOfThat")} />}
      <ol class="timeline">
        {shown.slice(0, most.value).map((one) => (
          <Entry key={one.line.number} of={one} />
        ))}
      </ol>
      {shown.length > most.value ? (
        <Button onClick={() => (most.value += 3 * AT_ONCE)}>
          {t("incident.older", { n: shown.length - most.value })}
        </Button>
      ) : (
        !whole && <p class="muted small">{t("incident.notWhole")}</p>
      )}
    </div>
  );
}

function Entry({ of: { line, attempts, sort, more } }: { of: Told }) {
  return (
    <li class={`entry ${sort}`}>
      <span class="entry-mark">
        <Icon name={line.kind === "note" ? "edit" : line.kind === "step" ? "check" : MARKS[sort]} size={16} />
      </span>
      <div class="stack entry-body">
        <p class="row small">
          <Tag tone={TONES[line.kind] ?? "plain"}>{tOr(`incident.kind.${line.kind}`, line.kind)}</Tag>
          {line.actor && <strong>{called(line.actor)}</strong>}
          <span class="muted">
            <Time at={line.at} as="clock" />
          </span>
          {line.rule && (
            <span class="muted rule" title={t("incident.rule")}>
              {line.rule}
            </span>
          )}
        </p>
        <p class={line.kind === "note" ? "quote" : ""}>{line.text}</p>
        {more.length > 0 && (
          <details class="small">
            <summary class="muted">
              {t("incident.run", { n: more.filter((one) => one.kind === "joined").length || more.length })}
            </summary>
            <ol class="run">
              {more.map((one) => (
                <li key={one.number} class="muted">
                  <Time at={one.at} as="clock" /> {tOr(`incident.kind.${one.kind}`, one.kind)}: {one.text}
                </li>
              ))}
            </ol>
          </details>
        )}
        {attempts.length > 0 && (
          <ul class="receipts">
            {attempts.map((one) => (
              <Receipt key={one.id} of={one} />
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

/** What became of one try to reach somebody, by which channel. */
function Receipt({ of }: { of: Attempt }) {
  const at = of.settled_at ?? of.claimed_at ?? of.due_at;
  return (
    <li class="row small">
      <span>{of.channel}</span>
      <StateTag of={of.state} />
      <span class="muted">
        <Time at={at} as="clock" />
        {of.tries > 1 && ` · ${t("incident.tries", { n: of.tries })}`}
      </span>
      {of.error && <span class="bad-text">{of.error}</span>}
    </li>
  );
}
