/** What is asked for before something is done, and what is shown when the incident moved on meanwhile. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../../api";
import { composing } from "../../keys";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Area, Choose, Field } from "../../kit/field";
import { PriorityMark, StateTag, Time } from "../../kit/marks";
import { Empty, Held } from "../../kit/states";
import { useResource, useWorded } from "../../resource";
import { known, rows } from "../../rows";
import { format, length, relative, second } from "../../time";
import { language, t, tOr } from "../../words";
import { called, people } from "../../people";
import { holds } from "../incidents/filter";
import * as act from "./act";
import { type Incident, moved, untilMorning } from "./model";

interface Asking {
  bench: act.Bench;
  close: () => void;
}

/** Send what was typed: the dialog stays, with all of it, until that is done. */
function useSending(close: () => void): { busy: boolean; send: (what: () => Promise<boolean>) => void } {
  const busy = useSignal(false);
  const shown = useRef(true);
  useEffect(() => () => void (shown.current = false), []);
  const send = async (what: () => Promise<boolean>) => {
    if (busy.peek()) return;
    busy.value = true;
    const isDone = await what();
    busy.value = false;
    if (isDone && shown.current) close();
  };
  return { busy: busy.value, send: (what) => void send(what) };
}

/** A line or two of text, and what is done with them. */
export function TextDialog({
  title,
  does,
  hint,
  need,
  send,
  close,
}: {
  title: string;
  does: string;
  hint?: string;
  need?: boolean;
  send: (text: string) => Promise<boolean>;
  close: () => void;
}) {
  const text = useSignal("");
  const sending = useSending(close);
  const go = () => sending.send(() => send(text.value.trim()));
  return (
    <Dialog
      title={title}
      close={close}
      actions={
        <>
          <Button onClick={close}>{t("kit.cancel")}</Button>
          <Button look="main" busy={sending.busy} disabled={need && !text.value.trim()} onClick={go}>
            {does}
          </Button>
        </>
      }
    >
      <Area
        label={need ? t("incident.text") : t("incident.textIfAny")}
        {...(hint && { hint })}
        value={text.value}
        change={(next) => (text.value = next)}
        maxLength={10_000}
        onKeyDown={(event) => {
          if (composing(event)) return;
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && (!need || text.value.trim())) go();
        }}
      />
    </Dialog>
  );
}

const MINUTES = [15, 30, 60] as const;

export function SnoozeDialog({ bench, close }: Asking) {
  const choose = (minutes: number, said: string) => {
    close();
    void act.snooze(bench, minutes, { length: said });
  };
  const morning = untilMorning(format(second.value, { hour: "2-digit", minute: "2-digit" }));
  return (
    <Dialog title={t("incident.snoozeTitle")} close={close}>
      <div class="big-choices">
        {MINUTES.map((minutes) => (
          <Button key={minutes} size="big" onClick={() => choose(minutes, length(minutes * 60))}>
            {length(minutes * 60)}
          </Button>
        ))}
        <Button size="big" onClick={() => choose(morning, length(morning * 60))}>
          {t("incident.untilMorning", { length: length(morning * 60, 1) })}
        </Button>
      </div>
      <p class="muted">{t("incident.snoozeHint")}</p>
    </Dialog>
  );
}

export function AssignDialog({ bench, close }: Asking) {
  const wanted = useSignal("");
  const all = [...people.value.values()]
    .filter((one) => one.channels.length > 0 && one.name !== bench.incident.owner)
    .filter((one) => holds(wanted.value, [one.name, one.display]));
  return (
    <Dialog title={t("incident.assignTitle")} close={close}>
      <Field
        label={t("incident.findPerson")}
        type="search"
        autoFocus
        value={wanted.value}
        change={(next) => (wanted.value = next)}
      />
      {all.length ? (
        <ul class="picks">
          {all.slice(0, 30).map((one) => (
            <li key={one.name}>
              <button
                type="button"
                onClick={() => {
                  close();
                  void act.assign(bench, one.name);
                }}
              >
                <strong>{one.display || one.name}</strong>
                <span class="muted small">{[...new Set([...one.rosters, ...one.leads])].join(", ")}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={t("incident.nobodyFound")} />
      )}
    </Dialog>
  );
}

export function EscalateDialog({ bench, close }: Asking) {
  const team = useSignal("");
  const text = useSignal("");
  const { busy, send } = useSending(close);
  const rosters = useResource((signal) => get("/api/v1/rosters", { query: { limit: 500 }, signal }));
  const options = [
    ["", t("incident.teamOfRoot")],
    ...(rosters.data?.rosters ?? []).map((one) => [one.name, one.name]),
  ] as [string, string][];
  return (
    <Dialog
      title={t("incident.escalateTo")}
      close={close}
      actions={
        <>
          <Button onClick={close}>{t("kit.cancel")}</Button>
          <Button
            look="main"
            busy={busy}
            onClick={() => {
              const said = text.value.trim();
              const body = { ...(team.value && { team: team.value }), ...(said && { text: said }) };
              send(() => act.escalate(bench, body));
            }}
          >
            {t("incident.escalate")}
          </Button>
        </>
      }
    >
      <Choose
        label={t("incident.team")}
        of={options}
        value={team.value}
        change={(next) => (team.value = next)}
      />
      <Area label={t("incident.textIfAny")} value={text.value} change={(next) => (text.value = next)} />
    </Dialog>
  );
}

export function PriorityDialog({ bench, close }: Asking) {
  const text = useSignal("");
  const { busy, send } = useSending(close);
  return (
    <Dialog title={t("incident.setPriority")} close={close}>
      <Area
        label={t("incident.textIfAny")}
        rows={2}
        value={text.value}
        change={(next) => (text.value = next)}
      />
      <div class="big-choices">
        {["P1", "P2", "P3", "P4"].map((priority) => (
          <Button
            key={priority}
            size="big"
            disabled={busy || priority === bench.incident.priority}
            onClick={() => send(() => act.setPriority(bench, priority, text.value.trim()))}
          >
            <PriorityMark of={priority} /> {t(`incident.means.${priority}`)}
          </Button>
        ))}
      </div>
    </Dialog>
  );
}

/** Pick another incident: to be merged with, to be parted from, or to move alerts to. */
export function PickDialog({
  title,
  hint,
  except,
  pick,
  close,
  fresh,
}: {
  title: string;
  hint: string;
  except: number;
  pick: (id: number) => void;
  close: () => void;
  /** Offers an incident of their own, too. */
  fresh?: () => void;
}) {
  const wanted = useSignal("");
  const found = known.value
    .map((id) => rows.get(id)?.value)
    .filter((row) => row !== undefined)
    .filter((row) => row.id !== except && !row.archived && !["merged", "closed"].includes(row.state ?? ""))
    .filter((row) => holds(wanted.value, [String(row.id), row.title, ...row.services]))
    .sort((a, b) => a.priority.localeCompare(b.priority) || b.id - a.id);
  const choose = (act: () => void) => {
    close();
    act();
  };
  return (
    <Dialog title={title} close={close}>
      <p class="muted">{hint}</p>
      {fresh && (
        <Button icon="plus" onClick={() => choose(fresh)}>
          {t("incident.ofTheirOwn")}
        </Button>
      )}
      <Field
        label={t("incident.findIncident")}
        type="search"
        autoFocus
        value={wanted.value}
        change={(next) => (wanted.value = next)}
        onKeyDown={(event) => {
          const first = found[0];
          if (composing(event)) return;
          if (event.key === "Enter" && first && wanted.value) choose(() => pick(first.id));
        }}
      />
      {found.length ? (
        <ul class="picks">
          {found.slice(0, 30).map((row) => (
            <li key={row.id}>
              <button type="button" onClick={() => choose(() => pick(row.id))}>
                <span class="row">
                  <PriorityMark of={row.priority} />
                  <span class="muted">#{row.id}</span>
                  <StateTag of={row.state ?? ""} />
                </span>
                <strong>{row.title}</strong>
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={t("incident.noneFound")} />
      )}
    </Dialog>
  );
}

/** The incident moved on before something could be done: what changed, and whether to do it all the same. */
export function ConflictDialog({ of }: { of: act.Conflict }) {
  const changes = moved(of.before, of.now);
  return (
    <Dialog
      title={t("incident.movedOn")}
      close={of.leave}
      actions={
        <>
          <Button onClick={of.leave}>{t("incident.leave")}</Button>
          <Button look="main" onClick={of.again}>
            {t("incident.allTheSame", { what: t(`incident.order.${of.order}`) })}
          </Button>
        </>
      }
    >
      <ul class="stack">
        {changes.map((one) => (
          <li key={one.name}>
            {t(`incident.fact.${one.name}`)}: <span class="muted">{valueOf(one.name, one.before)}</span> →{" "}
            <strong>{valueOf(one.name, one.now)}</strong>
          </li>
        ))}
        {changes.length === 0 && <li class="muted">{t("incident.onlyEpoch")}</li>}
      </ul>
      {of.lines.length > 0 && (
        <ul class="stack small">
          {of.lines.map((line) => (
            <li key={line.number}>
              <Time at={line.at} /> · {tOr(`incident.kind.${line.kind}`, line.kind)}
              {line.actor && ` · ${called(line.actor)}`}: <span class="muted">{line.text}</span>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function valueOf(name: string, value: string): string {
  if (!value) return t("incident.none");
  if (name === "owner") return called(value);
  return name === "state" || name === "condition" ? tOr(`state.${value}`, value) : value;
}

/** Why this incident and another one are not one. */
export function WhyNotDialog({
  incident,
  other,
  close,
}: {
  incident: Incident;
  other: number;
  close: () => void;
}) {
  const said = language.value;
  const found = useWorded((signal) =>
    get("/api/v1/incidents/{id}/why-not/{other}", {
      path: { id: incident.id, other },
      query: { language: said },
      signal,
    }),
  );
  return (
    <Dialog title={t("incident.whyNotTitle", { id: other })} close={close}>
      <Held of={found} lines={3}>
        {(told) => (
          <div class="stack">
            <p>
              <strong>{told.answer}</strong>
            </p>
            <ul class="stack bullets">
              {[...told.verdicts, ...told.facts].map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
            {told.then && <p class="muted small">{relative(told.then.at)}</p>}
          </div>
        )}
      </Held>
    </Dialog>
  );
}
