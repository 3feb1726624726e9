/** What is asked before something is done to incidents. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Field } from "../../kit/field";
import { PriorityMark, StateTag } from "../../kit/marks";
import { over } from "../../standing";
import { t } from "../../words";
import { SilenceLater } from "../silences/later";
import { assign, asking, attend, merge, snooze, stale } from "./act";
import { conditions } from "./common";
import { holds } from "./filter";
import { find, ids, unselect } from "./list";
import { meet, people } from "../../people";
import type { Row } from "./row";
import { SNOOZES } from "./line";

/** The question that is open, if any. */
export function Questions() {
  const open = asking.value;
  const close = () => (asking.value = null);
  useEffect(attend, []);
  switch (open?.what) {
    case "snooze":
      return <Snooze ids={open.ids} close={close} />;
    case "assign":
      return <Assign ids={open.ids} close={close} />;
    case "merge":
      return <Merge ids={open.ids} close={close} />;
    case "silence":
      return <SilenceLater matchers={conditions(present(open.ids))} close={close} made={unselect} />;
    default:
      // What is being asked is not taken from under somebody's hand.
      return <Stale />;
  }
}

interface Asked {
  ids: readonly number[];
  close: () => void;
}

const present = (of: readonly number[]): Row[] => of.flatMap((id) => find(id) ?? []);
const these = (of: readonly number[]) =>
  of.length === 1 ? t("incidents.thisOne", { id: of[0] ?? 0 }) : t("incidents.these", { n: of.length });

function Snooze({ ids: of, close }: Asked) {
  return (
    <Dialog title={t("incidents.ask.snooze", { which: these(of) })} close={close}>
      <p class="muted">{t("incidents.ask.snoozeHint")}</p>
      <div class="row">
        {SNOOZES.map((minutes) => (
          <Button
            key={minutes}
            size="big"
            onClick={() => {
              close();
              snooze(of, minutes);
            }}
          >
            {t("incidents.minutes", { minutes })}
          </Button>
        ))}
      </div>
    </Dialog>
  );
}

function Assign({ ids: of, close }: Asked) {
  const wanted = useSignal("");
  useEffect(() => void meet(), []);
  const some = [...people.value.values()].filter(
    (one) => one.reachable && holds(wanted.value, [one.name, one.display, ...one.rosters]),
  );
  return (
    <Dialog title={t("incidents.ask.assign", { which: these(of) })} close={close}>
      <Field
        label={t("incidents.person")}
        bare
        placeholder={t("incidents.person")}
        value={wanted.value}
        change={(text) => (wanted.value = text)}
      />
      <ul class="choices">
        {some.map((one) => (
          <li key={one.name}>
            <button
              type="button"
              onClick={() => {
                close();
                assign(of, one.name);
              }}
            >
              <span class="grow">{one.display || one.name}</span>
              <span class="muted small">{one.rosters.join(", ")}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Into which of them; of one alone, into which other. */
function Merge({ ids: of, close }: Asked) {
  const lone = of.length === 1;
  const words = useSignal("");
  const candidates = present(lone ? ids.value.filter((id) => id !== of[0]) : of).filter((row) => !over(row));
  const oldest = [...candidates].sort((a, b) => a.id - b.id);
  const some = oldest.filter((row) => holds(words.value, [`#${row.id}`, row.title]));
  const chosen = useSignal<number | null>(lone ? null : (oldest[0]?.id ?? null));
  return (
    <Dialog
      title={t("incidents.ask.merge", { which: these(of) })}
      close={close}
      actions={
        <>
          <Button onClick={close}>{t("kit.cancel")}</Button>
          <Button
            look="main"
            disabled={chosen.value === null}
            onClick={() => {
              close();
              if (chosen.value !== null) merge(of, chosen.value);
            }}
          >
            {chosen.value === null ? t("incidents.merge") : t("incidents.mergeInto", { id: chosen.value })}
          </Button>
        </>
      }
    >
      <p class="muted">{t("incidents.ask.mergeHint")}</p>
      {lone && (
        <Field
          label={t("incidents.other")}
          bare
          placeholder={t("incidents.other")}
          value={words.value}
          change={(text) => (words.value = text)}
        />
      )}
      <fieldset class="choices">
        <legend class="unseen">{t("incidents.survivor")}</legend>
        {some.slice(0, 50).map((row) => (
          <label key={row.id}>
            <input
              type="radio"
              name="into"
              checked={chosen.value === row.id}
              onChange={() => (chosen.value = row.id)}
            />
            <PriorityMark of={row.priority} />
            <span class="muted small">#{row.id}</span>
            <span class="grow cut">{row.title}</span>
            <StateTag of={row.state ?? "held"} />
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}

/** They moved on meanwhile: what they are now, and whether to do it all the same. */
function Stale() {
  const now = stale.value;
  if (!now) return null;
  const close = () => (stale.value = null);
  return (
    <Dialog
      title={t("incidents.stale", { n: now.items.length })}
      close={close}
      actions={
        <>
          <Button onClick={close}>{t("incidents.leaveIt")}</Button>
          <Button look="main" onClick={now.again}>
            {t(`incidents.again.${now.order}`)}
          </Button>
        </>
      }
    >
      <ul class="choices">
        {now.items.map((item) => (
          <li key={item.id} class="row">
            <span class="muted small">#{item.id}</span>
            <span class="grow cut">{item.title}</span>
            <StateTag of={item.now} />
            {item.owner && <span class="small muted">{item.owner}</span>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
