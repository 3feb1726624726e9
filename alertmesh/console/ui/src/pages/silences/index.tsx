import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../../api";
import { Button } from "../../kit/button";
import { Field } from "../../kit/field";
import { Page, Section, Tabs } from "../../kit/layout";
import { Empty, Held } from "../../kit/states";
import { useKeys } from "../../keys";
import { failed } from "../../notices";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { may } from "../../session";
import { t } from "../../words";
import { SilenceForm } from "./form";
import { SilenceList } from "./list";
import { type Draft, faultOf, NEW, type Silence, type State, STATES } from "./model";
import "./silences.css";
import { Windows } from "./windows";

/** What pages nobody for a while: silences that people made, and the windows of the rules. */
export default function Silences() {
  const state = STATES.find((one) => one === query.value.get("state")) ?? "active";
  const typed = query.value.get("filter") ?? "";
  const filter = typed && !faultOf(typed) ? typed : "";
  const wanted = query.value.get("new");
  const draft = useSignal<Draft | null>(null);
  const first = useResource(
    (signal) =>
      get("/api/v1/silences", {
        query: { state: [state], filter: filter ? [filter] : [], limit: 100 },
        signal,
      }),
    [state, filter],
    15_000,
  );
  const windows = useResource((signal) => get("/api/v1/maintenance", { signal }), [], 60_000);
  const open = (of: Draft | null) => {
    draft.value = of;
    if (!of && wanted !== null) ask({ new: null });
  };
  useEffect(() => {
    if (wanted !== null) draft.value = { ...NEW, matchers: wanted };
  }, [wanted]);
  useKeys([{ keys: "c", says: t("silences.new"), act: () => may("respond") && open(NEW) }]);
  return (
    <Page
      title={t("silences.title")}
      lead={t("silences.lead")}
      actions={
        <Button look="main" icon="plus" disabled={!may("respond")} onClick={() => open(NEW)}>
          {t("silences.new")}
        </Button>
      }
    >
      <section class="card stack" aria-label={t("silences.title")}>
        <div class="silences-head">
          <Tabs
            label={t("silences.title")}
            on={state}
            choose={(key: State) => ask({ state: key === "active" ? null : key })}
            of={STATES.map((key) => ({ key, name: t(`silences.state.${key}`) }))}
          />
          <Field
            bare
            type="search"
            label={t("silences.filter")}
            placeholder={t("silences.filterHint")}
            error={typed ? faultOf(typed) : undefined}
            value={typed}
            change={(value) => ask({ filter: value })}
          />
        </div>
        <Held of={first}>
          {(found) => (
            <Listed
              key={`${state} ${filter}`}
              first={found}
              state={state}
              filter={filter}
              edit={open}
              changed={first.reload}
            />
          )}
        </Held>
      </section>
      <Section
        title={t("silences.windows")}
        {...(windows.data && { count: windows.data.maintenance.length })}
      >
        <Held of={windows} lines={2}>
          {(found) =>
            found.maintenance.length ? (
              <Windows of={found.maintenance} />
            ) : (
              <Empty title={t("silences.noWindows")}>{t("silences.windowsMean")}</Empty>
            )
          }
        </Held>
      </Section>
      {draft.value && <SilenceForm of={draft.value} close={() => open(null)} made={first.reload} />}
    </Page>
  );
}

/** The first page, and those that were asked for after it. */
function Listed({
  first,
  state,
  filter,
  edit,
  changed,
}: {
  first: { silences: Silence[]; next: string | null };
  state: State;
  filter: string;
  edit: (draft: Draft) => void;
  changed: () => void;
}) {
  const more = useSignal<Silence[]>([]);
  const next = useSignal<string | null | undefined>(undefined);
  const after = next.value === undefined ? first.next : next.value;
  const further = async (from: string) => {
    try {
      const found = await get("/api/v1/silences", {
        query: { state: [state], filter: filter ? [filter] : [], limit: 100, after: from },
      });
      more.value = [...more.value, ...found.silences];
      next.value = found.next;
    } catch (error) {
      failed(error);
    }
  };
  const seen = new Set(first.silences.map((one) => one.id));
  const all = [...first.silences, ...more.value.filter((one) => !seen.has(one.id))];
  if (!all.length) return <Empty title={t(filter ? "silences.noMatch" : `silences.none.${state}`)} />;
  return (
    <>
      <SilenceList of={all} edit={edit} changed={changed} />
      {after !== null && <Button onClick={() => void further(after)}>{t("silences.more")}</Button>}
    </>
  );
}
