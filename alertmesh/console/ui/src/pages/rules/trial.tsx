/** A dry run: a draft against what the last days brought, and both sides beside one another. */

import { useEffect, useState } from "preact/hooks";
import { type Answer, get, post, Problem, remove } from "../../api";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Choose } from "../../kit/field";
import { Icon } from "../../kit/icon";
import { PriorityMark, Tag, Time } from "../../kit/marks";
import { Failure, inWords } from "../../kit/states";
import { failed, whyNot } from "../../notices";
import { full, percent } from "../../numbers";
import { useResource } from "../../resource";
import { language, t, tOr } from "../../words";
import "./trial.css";

export type Trial = Answer<"/api/v1/rules/dry-run/{id}">;
type Outcome = NonNullable<Trial["outcome"]>;

const DAYS = ["1", "3", "7", "14", "31"] as const;
const LOOK_MS = 1_000;

/** Ask how long, run, show. `files` are texts by path. */
export function TrialDialog({
  files,
  close,
}: {
  files: Readonly<Record<string, string | null>>;
  close: () => void;
}) {
  const [days, setDays] = useState<string>("7");
  const [id, setId] = useState("");
  const [refused, setRefused] = useState<Problem>();
  const begin = async () => {
    const from = new Date(Date.now() - Number(days) * 86_400_000).toISOString();
    setRefused(undefined);
    try {
      const query = { language: language.peek() };
      setId((await post("/api/v1/rules/dry-run", { query, body: { files, from } })).id);
    } catch (error) {
      if (error instanceof Problem) setRefused(error);
      else failed(error);
    }
  };
  return (
    <Dialog title={t("rules.trial")} close={close} wide>
      {!id && (
        <>
          <p class="muted">{t("rules.trialAbout")}</p>
          <div class="row rules-ask">
            <Choose
              label={t("rules.trialSpan")}
              value={days}
              change={setDays}
              of={DAYS.map((value) => [value, t("rules.days", { n: Number(value) })] as const)}
            />
            <Button look="main" icon="play" onClick={() => void begin()}>
              {t("rules.trialBegin")}
            </Button>
          </div>
          {refused && <Refusal of={refused} />}
        </>
      )}
      {id && <Running id={id} again={() => setId("")} />}
    </Dialog>
  );
}

/** Why a draft was not taken: each fault, or in one sentence. */
export function Refusal({ of }: { of: Problem }) {
  const faults = (of.rest["problems"] as string[] | undefined) ?? [];
  if (!faults.length) return <Failure why={whyNot(of)} />;
  return (
    <ul class="faults" role="alert">
      {faults.map((fault) => (
        <li key={fault} class="bad">
          <Icon name="warn" size={16} /> {fault}
        </li>
      ))}
    </ul>
  );
}

function Running({ id, again }: { id: string; again: () => void }) {
  const [over, setOver] = useState(false);
  const trial = useResource(
    (signal) => get("/api/v1/rules/dry-run/{id}", { path: { id }, signal }),
    [id],
    over ? 0 : LOOK_MS,
  );
  const state = trial.data?.state;
  useEffect(() => {
    if (state && state !== "running") setOver(true);
  }, [state]);
  if (trial.error && !trial.data) return <Failure why={inWords(trial.error)} retry={trial.reload} />;
  const found = trial.data;
  if (!found || found.state === "running") {
    const done = found?.progress ?? 0;
    const stop = () => remove("/api/v1/rules/dry-run/{id}", { path: { id } }).then(trial.reload, failed);
    return (
      <div class="trial" role="status">
        <p>{done ? t("rules.trialRuns", { share: percent(done) }) : t("rules.trialStarts")}</p>
        <progress aria-label={t("rules.trial")} max={1} {...(done && { value: done })} />
        <div class="row">
          <Button onClick={() => void stop()}>{t("rules.trialStop")}</Button>
        </div>
      </div>
    );
  }
  if (!found.outcome) {
    const why =
      found.state === "cancelled"
        ? t("rules.trialCancelled")
        : found.error || tOr(`rules.trial_${found.state}`, found.state);
    return <Failure why={why} retry={again} />;
  }
  return <Outcome of={found.outcome} />;
}

const FIGURES = [
  "incidents",
  "paged",
  "pages",
  "watched",
  "suppressed",
  "held",
  "series",
  "changes",
] as const;

function Outcome({ of }: { of: Outcome }) {
  const marks = Object.keys({ ...of.then.marked, ...of.now.marked });
  const rows: [string, number, number][] = [
    ...FIGURES.map((name): [string, number, number] => [t(`rules.fig_${name}`), of.then[name], of.now[name]]),
    ...marks.map((mark): [string, number, number] => [
      t("rules.fig_marked", { mark: tOr(`rules.mark_${mark}`, mark) }),
      of.then.marked[mark] ?? 0,
      of.now.marked[mark] ?? 0,
    ]),
  ];
  return (
    <div class="trial">
      <p class="muted">
        {t("rules.trialOf", { n: full(of.alerts) })} <Time at={of.begin} as="absolute" /> –{" "}
        <Time at={of.end} as="absolute" /> · {t("rules.trialNobody")}{" "}
        {of.forgotten > 0 && t("rules.trialForgotten", { n: of.forgotten })}
      </p>
      <table class="sides" aria-label={t("rules.sideBySide")}>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">{t("rules.figure")}</span>
            </th>
            <th scope="col">{t("rules.then")}</th>
            <th scope="col">{t("rules.now")}</th>
            <th scope="col">{t("rules.change")}</th>
          </tr>
        </thead>
        <tbody>
          {rows
            .filter(([, then, now], place) => place < 3 || then || now)
            .map(([name, then, now]) => (
              <tr key={name} class={then === now ? "muted" : ""}>
                <th scope="row">{name}</th>
                <td>{full(then)}</td>
                <td>{full(now)}</td>
                <td>{now === then ? "" : `${now > then ? "+" : "−"}${full(Math.abs(now - then))}`}</td>
              </tr>
            ))}
        </tbody>
      </table>
      <h3>{of.differ ? t("rules.differ", { n: of.differ }) : t("rules.differNone")}</h3>
      <ul class="differences">
        {of.differences.map((one) => (
          <li key={`${one.kind} ${one.then} ${one.now}`}>
            <span class="row">
              <PriorityMark of={one.priority} />
              <Tag>{t(`rules.kind_${one.kind.replace(" ", "_")}`)}</Tag>
              <Time at={one.opened_at} as="clock" />
            </span>
            <span>{one.title}</span>
            <span class="muted small">
              {t("rules.pageThen")} <Paged number={one.then} at={one.then_page} /> · {t("rules.pageNow")}{" "}
              <Paged number={one.now} at={one.now_page} />
            </span>
          </li>
        ))}
      </ul>
      {of.differ > of.differences.length && (
        <p class="muted">{t("rules.differMore", { n: of.differ - of.differences.length })}</p>
      )}
    </div>
  );
}

function Paged({ number, at }: { number: number | null; at: string | null }) {
  if (number === null) return <>{t("rules.noIncident")}</>;
  return at ? <Time at={at} as="clock" /> : <>{t("rules.neverPaged")}</>;
}
