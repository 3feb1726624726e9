/** The front page: what is open, whose it is, and what to do about it. */

import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { reachable } from "../../api";
import { Button, IconButton, Toggle } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Choose } from "../../kit/field";
import { Icon } from "../../kit/icon";
import { Page, Tabs } from "../../kit/layout";
import { Failure, inWords, Loading } from "../../kit/states";
import { connected, follow } from "../../live";
import { state } from "../../rows";
import { settings } from "../../session";
import { clock } from "../../time";
import { t } from "../../words";
import { FilterBar } from "./bar";
import { Bulk } from "./bulk";
import { Head } from "./heads";
import "./incidents.css";
import { useShortcuts } from "./shortcuts";
import { Card, RowLine } from "./line";
import { Lines } from "./lines";
import { columns, ids, type Line, lines, past, storming, tallies, waiting } from "./list";
import { useLiveList } from "./live";
import { type Grouping, GROUPINGS, type Sort, SORTS } from "./order";
import { readPast, reading } from "./past";
import { Questions } from "./questions";
import { Quiet } from "./quiet";
import { Saved } from "./saved";
import { teams } from "../../people";
import { choose, filter, group, like, phone, show, sort, touched, view, type View } from "./view";

const NONE = { mine: undefined, tier: undefined, open: undefined };
export const saving = signal(false);
const HEIGHTS = { desk: 40, hand: 48, card: 168, storm: 48, stormInHand: 104 };

export default function Incidents() {
  const frame = useRef<HTMLDivElement>(null);
  const filtering = useSignal(false);
  const arranging = useSignal(false);
  const take = useLiveList(frame);
  useShortcuts({ take, saved: () => (saving.value = true), search: () => (filtering.value = true) });
  const { matchers, words } = filter.value;
  const narrowed = matchers.length > 0 || words !== "";
  const waits = tallies.value.untaken;
  const title = t("incidents.title");
  useEffect(() => {
    document.title = `${waits ? `(${waits}) ` : ""}${title} · AlertMesh`;
  });
  return (
    <Page
      title={title}
      actions={
        phone.value ? (
          <>
            <IconButton says={t("incidents.filter")} icon="search" onClick={() => (filtering.value = true)} />
            <IconButton says={t("incidents.saved")} icon="star" onClick={() => (saving.value = true)} />
            <IconButton says={t("incidents.arrange")} icon="rules" onClick={() => (arranging.value = true)} />
          </>
        ) : (
          <>
            <Arrangement />
            <Toggle
              on={show.value === "cards"}
              onClick={() => like({ show: show.value === "cards" ? "list" : "cards" })}
            >
              {t("incidents.cards")}
            </Toggle>
            <Button icon="star" onClick={() => (saving.value = true)}>
              {t("incidents.saved")}
            </Button>
          </>
        )
      }
    >
      <div class="incidents-bar">
        <Views />
        {(!phone.value || filtering.value || narrowed) && (
          <FilterBar {...(phone.value && { close: () => (filtering.value = false) })} />
        )}
      </div>
      <StormHint />
      <div class={`incidents ${reachable.value && connected.value ? "" : "old"}`} ref={frame}>
        <Pill take={take} />
        <Content narrowed={narrowed} />
      </div>
      <Bulk />
      <Questions />
      {saving.value && <Saved close={() => (saving.value = false)} />}
      {arranging.value && (
        <Dialog title={t("incidents.arrange")} close={() => (arranging.value = false)}>
          <Arrangement />
        </Dialog>
      )}
    </Page>
  );
}

function Views() {
  const { mine, tier, open } = state.value === "loading" ? NONE : tallies.value;
  const of: { key: View; name: string; count?: number | undefined }[] = [
    { key: "mine", name: t("incidents.view.mine"), count: mine },
    ...(teams.value.length ? [{ key: "tier" as const, name: t("incidents.view.tier"), count: tier }] : []),
    { key: "open", name: t("incidents.view.open"), count: open },
    { key: "storm", name: t("incidents.view.storm") },
    { key: "past", name: t("incidents.view.past") },
  ];
  return <Tabs of={of} on={view.value} choose={choose} label={t("incidents.views")} />;
}

/** How the list is arranged. */
function Arrangement() {
  return (
    <>
      {view.value !== "storm" && (
        <Choose
          label={t("incidents.groupBy")}
          bare={!phone.value}
          value={group.value}
          change={(by) => like({ group: by as Grouping })}
          of={GROUPINGS.map((by) => [by, t(`incidents.by.${by}`)])}
        />
      )}
      {view.value !== "past" && (
        <Choose
          label={t("incidents.sortBy")}
          bare={!phone.value}
          value={sort.value}
          change={(by) => like({ sort: by as Sort })}
          of={SORTS.map((by) => [by, t(`incidents.sort.${by}`)])}
        />
      )}
    </>
  );
}

/** When more comes than usual, there is a better view. */
function StormHint() {
  if (!storming.value || view.value === "storm" || view.value === "past") return null;
  return (
    <div class="storm-hint" role="status">
      <Icon name="warn" />
      <span class="grow">{t("incidents.stormHint", { at: clock(storming.value) })}</span>
      <Button size="small" onClick={() => choose("storm")}>
        {t("incidents.stormShow")}
      </Button>
    </div>
  );
}

/** What waits while the order is held. */
function Pill({ take }: { take: () => void }) {
  const { fresh, gone } = waiting.value;
  if (!fresh && !gone) return null;
  const says = [fresh && t("incidents.fresh", { n: fresh }), gone && t("incidents.gone", { n: gone })].filter(
    Boolean,
  );
  return (
    <button type="button" class="pill" onClick={take}>
      <Icon name="up" size={16} />
      {says.join(" · ")}
    </button>
  );
}

function Content({ narrowed }: { narrowed: boolean }) {
  const isPast = view.value === "past";
  const read = reading.value;
  if (isPast && read.error && !ids.value.length) {
    return <Failure why={inWords(read.error)} retry={() => void readPast(filter.value)} />;
  }
  if (isPast ? read.busy && !ids.value.length : state.value === "loading") return <Loading lines={9} />;
  if (!isPast && state.value === "failed" && !ids.value.length) {
    return <Failure why={t("kit.unreachable")} retry={() => void follow()} />;
  }
  // Words are looked for here, in what was read so far: there may be more that fits.
  const more = isPast && read.next !== null;
  return (
    <>
      {ids.value.length ? (
        <Lines
          of={lines.value}
          heightOf={heightOf}
          show={shownAs}
          label={t("incidents.title")}
          framed={show.value === "list"}
        />
      ) : (
        <Quiet narrowed={narrowed} {...(more && { among: past.size })} />
      )}
      {more && (
        <div class="incidents-older">
          <Button busy={read.busy} onClick={() => void readPast(filter.value, read.next)}>
            {t("incidents.older")}
          </Button>
        </div>
      )}
    </>
  );
}

function heightOf(line: Line): number {
  if (line.kind === "cards") return HEIGHTS.card + 8;
  if (line.kind === "head" && view.peek() === "storm")
    return phone.peek() ? HEIGHTS.stormInHand : HEIGHTS.storm;
  if (line.kind === "head" && phone.peek()) return HEIGHTS.hand;
  return touched.peek() || settings.peek().density === "roomy" ? HEIGHTS.hand : HEIGHTS.desk;
}

function shownAs(line: Line, slot: number) {
  switch (line.kind) {
    case "head":
      return <Head key={line.name} line={line} />;
    case "row":
      return <RowLine key={slot} id={line.id} />;
    case "cards":
      return (
        <div key={line.name} class="cards-line" role="listitem" data-columns={columns.peek()}>
          {line.ids.map((id) => (
            <Card key={id} id={id} />
          ))}
        </div>
      );
  }
}
