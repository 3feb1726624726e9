import { useSignal } from "@preact/signals";
import { type Answer, get, post } from "../../api";
import { draftsOf } from "../../drafts";
import { Button, Toggle } from "../../kit/button";
import { Area } from "../../kit/field";
import { Figures, Section } from "../../kit/layout";
import { PriorityMark, StateTag, Tag, Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { Table } from "../../kit/table";
import { done, failed } from "../../notices";
import { called } from "../../people";
import { useWorded } from "../../resource";
import { ask, query } from "../../route";
import { may } from "../../session";
import { clock, length } from "../../time";
import { language, t, tOr } from "../../words";
import { acting, type Duty, span } from "./model";

type Draft = Answer<"/api/v1/oncall/{roster}/handover">;
type Event = Draft["opened"][number];
type Open = Draft["open"][number];

const drafts = draftsOf<string>("handover");

/** What the shift that ends hands over: what happened, what is open, what to know; and the signature. */
export function HandOver({ rosters }: { rosters: readonly Duty[] }) {
  const paged = rosters.filter((one) => one.used_by.length);
  const names = (paged.length ? paged : rosters).map((one) => one.roster);
  const asked = query.value.get("roster") ?? "";
  const roster = names.includes(asked) ? asked : (names[0] ?? "");
  const draft = useWorded(
    (signal) =>
      get("/api/v1/oncall/{roster}/handover", {
        path: { roster },
        query: { language: language.value },
        signal,
      }),
    [roster],
  );
  return (
    <>
      {names.length > 1 && (
        <div class="row">
          {names.map((name) => (
            <Toggle key={name} on={name === roster} onClick={() => ask({ roster: name })}>
              {name}
            </Toggle>
          ))}
        </div>
      )}
      <Held of={draft}>{(found) => <Sheet key={found.roster} of={found} changed={draft.reload} />}</Held>
    </>
  );
}

function Sheet({ of, changed }: { of: Draft; changed: () => void }) {
  const people = (names: readonly string[]) => names.map(called).join(", ") || t("oncall.nobody");
  return (
    <>
      <Section title={t("oncall.shiftOf", { span: span(of.from, of.to) })}>
        <div class="stack">
          <p>
            {t("oncall.fromTo", { outgoing: people(of.outgoing), incoming: people(of.incoming) })}{" "}
            <span class="muted small">{t("oncall.nextUntil", { at: clock(of.next_end) })}</span>
          </p>
          <Figures
            of={[
              { label: t("oncall.opened"), value: of.opened.length },
              { label: t("oncall.acked"), value: of.acked.length },
              { label: t("oncall.resolved"), value: of.resolved.length },
              { label: t("oncall.escalated"), value: of.escalated.length },
            ]}
          />
          {of.response.length > 0 && (
            <Table
              label={t("oncall.byPriority")}
              of={of.response}
              keyOf={(one) => one.key}
              columns={[
                { name: t("oncall.priority"), head: true, show: (one) => <PriorityMark of={one.key} /> },
                { name: t("oncall.opened"), number: true, show: (one) => one.figures.incidents },
                { name: t("oncall.mtta"), number: true, show: (one) => told(one.figures.to_ack_s) },
                { name: t("oncall.mttr"), number: true, show: (one) => told(one.figures.to_resolve_s) },
              ]}
            />
          )}
        </div>
      </Section>
      <div class="sheets">
        <Opens of={of.open} />
        <Events title={t("oncall.followUps")} of={of.follow_ups} none={t("oncall.noFollowUps")} />
        <Ahead of={of} />
        <Notes of={of} />
        <Events title={t("oncall.escalated")} of={of.escalated} />
        <Events title={t("oncall.opened")} of={of.opened} folded />
        <Events title={t("oncall.acked")} of={of.acked} folded />
        <Events title={t("oncall.resolved")} of={of.resolved} folded />
      </div>
      <Sign of={of} changed={changed} />
    </>
  );
}

function told({ median, p90 }: { median: number | null; p90: number | null }): string {
  return median === null
    ? "–"
    : t("oncall.medianP90", { median: length(median, 1), p90: length(p90 ?? median, 1) });
}

function Opens({ of }: { of: readonly Open[] }) {
  const flapping = [...new Set(of.flatMap((one) => one.flapping))];
  return (
    <Section title={t("oncall.stillOpen")} count={of.length}>
      {of.length === 0 ? (
        <p class="muted">{t("oncall.nothingOpen")}</p>
      ) : (
        <ul class="list">
          {of.map((one) => (
            <li key={one.incident}>
              <div class="row">
                <PriorityMark of={one.priority} />
                <a class="grow" href={`/incidents/${one.incident}`}>
                  #{one.incident} {one.title}
                </a>
                <StateTag of={one.state} />
              </div>
              <div class="small muted">
                {one.owner ? called(one.owner) : t("oncall.noOwner")}
                {one.due_at && one.deadline && (
                  <>
                    {" · "}
                    {tOr(`state.timer.${one.deadline}`, one.deadline)} {clock(one.due_at)}
                  </>
                )}
                {one.incoming && ` · ${t("oncall.waitsFor", { who: called(one.incoming) })}`}
              </div>
            </li>
          ))}
        </ul>
      )}
      {flapping.length > 0 && (
        <p class="small">
          <Tag tone="warn">{t("oncall.flapping")}</Tag> {flapping.join(", ")}
        </p>
      )}
    </Section>
  );
}

function Events({
  title,
  of,
  none,
  folded,
}: {
  title: string;
  of: readonly Event[];
  none?: string;
  folded?: boolean;
}) {
  if (!of.length && none === undefined) return null;
  return (
    <Section title={title} count={of.length} {...(folded && { folded })}>
      {of.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <ul class="list">
          {of.map((one) => (
            <li key={one.incident} class="row">
              <PriorityMark of={one.priority} />
              <a class="grow" href={`/incidents/${one.incident}`}>
                #{one.incident} {one.title}
              </a>
              <span class="small muted">
                {one.by && `${called(one.by)} · `}
                <Time at={one.at} as="clock" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** What is quiet and who stands in during the next shift. */
function Ahead({ of }: { of: Draft }) {
  const quiet = [...of.silences, ...of.maintenance];
  if (!quiet.length && !of.overrides.length) return null;
  return (
    <Section title={t("oncall.ahead")} count={quiet.length + of.overrides.length}>
      <ul class="list">
        {quiet.map((one) => (
          <li key={one.name}>
            <code>{one.matchers || one.name}</code> <span class="small">{one.comment}</span>
            <div class="small muted">
              {one.starts_at && t("oncall.quietFrom", { at: clock(one.starts_at) })}{" "}
              {one.ends_at && t("oncall.quietUntil", { at: clock(one.ends_at) })}
            </div>
          </li>
        ))}
        {of.overrides.map((one) => (
          <li key={one.id}>
            {one.person
              ? t(one.covered ? "oncall.standsIn" : "oncall.hasDuty", {
                  person: called(one.person),
                  covered: called(one.covered),
                })
              : t("oncall.asks", { covered: called(one.covered) })}
            <div class="small muted">{span(one.starts_at, one.ends_at)}</div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Notes({ of }: { of: Draft }) {
  if (!of.notes.length && !of.last?.text) return null;
  return (
    <Section title={t("oncall.notes")} count={of.notes.length}>
      <ul class="list">
        {of.notes.map((one) => (
          <li key={`${one.incident} ${one.at}`}>
            <span class="duty-said">{one.text}</span>
            <div class="small muted">
              <a href={`/incidents/${one.incident}`}>#{one.incident}</a> · {called(one.actor)} ·{" "}
              <Time at={one.at} as="clock" />
            </div>
          </li>
        ))}
        {of.last?.text && (
          <li>
            <pre class="duty-said">{of.last.text}</pre>
            <div class="small muted">
              {t("oncall.lastHandOver", {
                outgoing: called(of.last.outgoing),
                incoming: called(of.last.incoming),
                at: clock(of.last.at),
              })}
            </div>
          </li>
        )}
      </ul>
    </Section>
  );
}

/** The notes, begun for people to go on from, and the signature of who takes over. */
function Sign({ of, changed }: { of: Draft; changed: () => void }) {
  // What people wrote is of one shift alone.
  const about = `${of.roster} ${of.from}`;
  const text = drafts.mine.value[about] ?? of.text;
  const busy = useSignal(false);
  const incoming = acting.value;
  const outgoing = of.outgoing.find((name) => name !== incoming) ?? "";
  const waiting = of.open.filter((one) => one.owner === outgoing).length;
  const sign = async () => {
    busy.value = true;
    try {
      await post("/api/v1/oncall/{roster}/handover", {
        path: { roster: of.roster },
        body: { text, outgoing, incoming },
      });
      if (drafts.mine.peek()[about] === text) drafts.put(about);
      done(t("oncall.signed", { roster: of.roster }));
      changed();
    } catch (error) {
      failed(error, t("oncall.accept"));
    }
    busy.value = false;
  };
  return (
    <Section title={t("oncall.handOverNotes")}>
      <div class="stack">
        <Area
          label={t("oncall.handOverText")}
          rows={12}
          value={text}
          change={(value) => drafts.put(about, value === of.text ? undefined : value)}
          class="draft"
        />
        {!incoming && <p class="muted">{t("oncall.sayWho")}</p>}
        <div class="row">
          <Button
            look="main"
            size="big"
            icon="check"
            busy={busy.value}
            disabled={!incoming || !outgoing || !may("respond")}
            onClick={() => void sign()}
          >
            {t("oncall.takeOverFrom", { who: called(outgoing) })}
          </Button>
          <span class="muted small">{t("oncall.takesWith", { n: waiting })}</span>
        </div>
      </div>
    </Section>
  );
}
