/** One incident: what it is, who has it, what to do, and everything that is known of it. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { get } from "../../api";
import { Section } from "../../kit/layout";
import { Failure, Held, inWords, Loading } from "../../kit/states";
import { type Resource, useResource, useWorded } from "../../resource";
import { may } from "../../session";
import { language, t } from "../../words";
import { conditions, conditionsOf } from "../incidents/common";
import { failed } from "../../notices";
import { meet } from "../../people";
import * as act from "./act";
import { Alerts, type Chosen, type Moved } from "./alerts";
import { useBench } from "./bench";
import { ChangesList, PastList, Suggestions } from "./around";
import { Causes } from "./causes";
import { ConflictDialog } from "./dialogs";
import { useFollow, useLines } from "./follow";
import { GraphView } from "./graph";
import { Head } from "./head";
import "./incident.css";
import { folded, headline, type Incident, type Node, open, told, type ToDo } from "./model";
import { NONE, ofKind, useForemost, useThose } from "./members";
import { Notes } from "./notes";
import { type Question, Questions } from "./questions";
import { Runbooks } from "./runbooks";
import { useShortcuts } from "./shortcuts";
import { type Doings, Standing } from "./state";
import { Timeline } from "./timeline";

export default function Page({ id }: { id?: string }) {
  return <Whole key={id} id={Number(id)} />;
}

function Whole({ id }: { id: number }) {
  const said = language.value;
  const incident = useWorded((signal) =>
    get("/api/v1/incidents/{id}", { path: { id }, query: { language: said }, signal }),
  );
  useEffect(() => {
    void meet();
  }, []);
  const { data, error } = incident;
  if (!data) {
    return (
      <div class="page">
        <h1 class="muted">#{id}</h1>
        {error ? <Failure why={inWords(error)} retry={incident.reload} /> : <Loading lines={8} />}
      </div>
    );
  }
  return <Loaded id={id} now={data} incident={incident} />;
}

function Loaded({ id, now, incident }: { id: number; now: Incident; incident: Resource<Incident> }) {
  const held = useBench(now, incident);
  const of = held.incident;
  const parts = useParts(id);
  const { members, causes, graph, course, changes, similar, runbooks, attempts } = parts;
  const [lines, ask] = useLines(id);
  const asking = useSignal<Question | null>(null);
  const chosen = useSignal<Chosen>(new Map());
  const only = useSignal<Node | null>(null);
  const those = useThose(id, only.value);
  const phone = useMemo(() => matchMedia("(max-width: 720px)").matches, []);

  const glance = () =>
    ask().then((fresh) => {
      if (fresh.length) attempts.reload();
      if (fresh.some((line) => line.kind === "step")) runbooks.reload();
    });
  const look = () => {
    incident.reload();
    void glance();
  };
  const rest = () => {
    for (const one of [members, those, causes, graph, course, runbooks]) one.reload();
  };
  useFollow(id, { look, rest, glance: () => void glance() });

  const bench: act.Bench = {
    ...held,
    seen: lines.value.lines.at(-1)?.number ?? 0,
    reload: () => {
      look();
      rest();
    },
  };
  const shown = only.value ? those : members;
  const kinds = useMemo(
    () => folded(shown.data ?? NONE, of.causes, graph.data),
    [shown.data, of.causes, graph.data],
  );
  const what = useMemo(
    () => headline(of, members.data?.alerts ?? [], graph.data),
    [of, members.data, graph.data],
  );
  const history = useMemo(
    () => told(lines.value.lines, attempts.data?.pages ?? []),
    [lines.value, attempts.data],
  );
  const named = lines.value.lines.findLast((line) => line.kind === "root")?.data["entity"] ?? "";
  useEffect(() => {
    document.title = `#${id} ${what} · AlertMesh`;
  }, [what]);

  const can = may("respond") && open(of);
  const question = (next: Question) => (asking.value = next);
  const silence = (matchers: string) => question({ what: "silenceOf", matchers });
  const move = (what: Moved, into: number | null) => {
    chosen.value = new Map();
    void ids(id, what).then((series) => act.move(bench, series, into), failed);
  };
  const doings: Doings = {
    ack: () => void act.ack(bench),
    unack: () => void act.unack(bench),
    escalate: () => void act.escalate(bench),
    ask: (next) =>
      next === "silence" ? silence(conditionsOf(members.data?.common ?? {})) : question({ what: next }),
  };
  useShortcuts(of, doings, chosen, () => question({ what: "move" }));

  const section = (
    name: string,
    title: string,
    children: ComponentChildren,
    more: { count?: number | string; phoneOpen?: boolean } = {},
  ) => (
    <div class={`part part-${name}`}>
      <Section
        title={title}
        id={name}
        {...(more.count !== undefined && { count: more.count })}
        {...(phone && !more.phoneOpen && { folded: true })}
      >
        {children}
      </Section>
    </div>
  );

  return (
    <div class="page incident-page">
      <Head of={of} what={what} />
      <Standing of={of} doings={doings} />
      <Suggestions
        of={of}
        answer={(n, action) => void act.answer(bench, n, action)}
        why={(other) => question({ what: "whyNot", other })}
      />
      <div class="columns">
        <div class="column">
          {section(
            "causes",
            t("incident.root"),
            <Held of={causes}>
              {(found) => (
                <Causes
                  of={found.causes}
                  named={named}
                  mark={
                    can
                      ? (cause) =>
                          void act.markRoot(
                            bench,
                            { series: [cause.series], entity: cause.entity },
                            cause.entity,
                          )
                      : undefined
                  }
                  look={(entity) => lookAt(entity)}
                />
              )}
            </Held>,
            { phoneOpen: true },
          )}
          {section(
            "alerts",
            t("incident.alerts"),
            <Held of={shown}>
              {() => (
                <Alerts
                  incident={of}
                  kinds={kinds}
                  course={course.data}
                  chosen={chosen}
                  only={only.value}
                  showAll={() => (only.value = null)}
                  move={move}
                  askMove={() => question({ what: "move" })}
                  unrelated={(series) => {
                    chosen.value = new Map();
                    void act.unrelated(bench, { series });
                  }}
                  root={(member) => void act.markRoot(bench, { series: [member.series] }, member.entity.name)}
                  silence={(some) => silence(conditions(some))}
                />
              )}
            </Held>,
            { count: t("incident.countOf", { n: of.counts.firing, all: of.counts.series }) },
          )}
          {section(
            "timeline",
            t("incident.timeline"),
            lines.value.loading ? (
              <Loading />
            ) : lines.value.failed ? (
              <Failure why={t("kit.unreachable")} retry={() => void ask()} />
            ) : (
              <Timeline of={history} whole={lines.value.whole} />
            ),
            { count: lines.value.lines.length },
          )}
        </div>
        <aside class="column">
          {section(
            "runbook",
            t("incident.whatToDo"),
            <Held of={runbooks}>
              {(found) => (
                <Runbooks
                  of={found.runbooks}
                  services={found.services}
                  url={of.runbook_url}
                  tick={can ? (runbook, step, on) => tick(found, runbook, step, on) : undefined}
                />
              )}
            </Held>,
            { phoneOpen: true },
          )}
          {section(
            "notes",
            t("incident.notes"),
            <Notes id={id} of={lines.value.lines} send={can ? (text) => act.note(bench, text) : undefined} />,
            {
              phoneOpen: true,
            },
          )}
          {section(
            "graph",
            t("incident.graph"),
            <Held of={graph}>
              {(found) => (
                <GraphView of={found} only={only.value?.id ?? null} choose={(node) => choose(node)} />
              )}
            </Held>,
          )}
          {section(
            "changes",
            t("incident.changes"),
            <Held of={changes}>{(found) => <ChangesList of={found} />}</Held>,
            {
              ...(changes.data?.changes.length && { count: changes.data.changes.length }),
            },
          )}
          {section(
            "past",
            t("incident.past"),
            <Held of={similar}>{(found) => <PastList of={found.similar} />}</Held>,
            {
              ...(similar.data?.similar.length && { count: similar.data.similar.length }),
            },
          )}
        </aside>
      </div>
      <Questions asking={asking} bench={bench} chosen={chosen} move={move} />
      {act.conflict.value?.now.id === id && <ConflictDialog of={act.conflict.value} />}
    </div>
  );

  function choose(node: Node): void {
    only.value = only.value?.id === node.id || !node.series.length ? null : node;
    if (only.value) document.getElementById("alerts")?.scrollIntoView({ block: "nearest" });
  }

  async function tick(found: ToDo, runbook: string, step: number, on: boolean): Promise<void> {
    runbooks.set({ ...found, runbooks: found.runbooks.map((book) => ticked(book, runbook, step, on)) });
    await act.tick(bench, runbook, step, on);
    runbooks.reload();
    void ask();
  }

  function lookAt(entity: string): void {
    const node = graph.data?.nodes.find((one) => one.name === entity && one.series.length > 0);
    if (node) choose(node);
  }
}

/** Return the ids of what is to be moved. */
async function ids(id: number, what: Moved): Promise<string[]> {
  return "kind" in what ? (await ofKind(id, what.kind)).map((one) => one.series) : [...what];
}

/** Everything that is shown beside the incident itself. */
function useParts(id: number) {
  const path = { id };
  const query = { language: language.value };
  return {
    members: useForemost(id),
    causes: useWorded((signal) => get("/api/v1/incidents/{id}/causes", { path, query, signal })),
    graph: useResource((signal) => get("/api/v1/incidents/{id}/graph", { path, signal })),
    course: useResource(
      (signal) => get("/api/v1/incidents/{id}/repeats", { path, query: { limit: 500 }, signal }),
      [],
      60_000,
    ),
    changes: useResource(
      (signal) => get("/api/v1/incidents/{id}/changes", { path, query: { limit: 30 }, signal }),
      [],
      30_000,
    ),
    similar: useWorded((signal) => get("/api/v1/incidents/{id}/similar", { path, query, signal })),
    runbooks: useResource((signal) => get("/api/v1/incidents/{id}/runbooks", { path, signal })),
    attempts: useResource((signal) => get("/api/v1/incidents/{id}/pages", { path, signal })),
  };
}

function ticked<B extends { name: string; steps: { step: number; done: boolean }[]; done: number }>(
  book: B,
  name: string,
  step: number,
  on: boolean,
): B {
  if (book.name !== name) return book;
  const steps = book.steps.map((one) => (one.step === step ? { ...one, done: on } : one));
  return { ...book, steps, done: steps.filter((one) => one.done).length };
}
