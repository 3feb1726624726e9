/** Make a silence or change one, with a look at what it would cover. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Problem, post, remove } from "../../api";
import { Button, Toggle } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Area, Field } from "../../kit/field";
import { done, failed } from "../../notices";
import { absolute, length, skew } from "../../time";
import { language, t } from "../../words";
import { fromField, toField } from "../../zoned";
import { Cover } from "./cover";
import { asked, type Draft, faultOf, LENGTHS_S } from "./model";

const PAUSE_MS = 300;
const YEAR_MS = 366 * 86_400_000;

export function SilenceForm({ of, close, made }: { of: Draft; close: () => void; made: () => void }) {
  const draft = useSignal<Draft>(of);
  const settled = useSignal(of.matchers);
  const busy = useSignal(false);
  const refused = useSignal<Problem | null>(null);
  const warned = useSignal<{ of: readonly string[]; end: () => void } | null>(null);
  const { matchers, comment, starts, ends, seconds } = draft.value;
  const set = (parts: Partial<Draft>) => {
    draft.value = { ...draft.value, ...parts };
    refused.value = null;
  };
  useEffect(() => {
    const timer = setTimeout(() => {
      settled.value = matchers;
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [matchers]);

  const fault = faultOf(matchers);
  const untouched = !matchers.trim();
  const wrong = (field: string) => (refused.value?.field === field ? refused.value.message : undefined);
  const changes = of.id !== "";
  const late =
    ends && new Date(ends).getTime() <= Math.max(Date.now() + skew.value, starts ? Date.parse(starts) : 0);

  const send = async () => {
    busy.value = true;
    try {
      const answer = await post("/api/v1/silences", {
        query: { language: language.peek() },
        body: asked(draft.value),
      });
      made();
      const end = () => void remove("/api/v1/silences/{id}", { path: { id: answer.id } }).then(made, failed);
      if (answer.warnings.length) warned.value = { of: answer.warnings, end };
      else {
        const said = t(changes ? "silences.changed" : "silences.made", {
          until: absolute(answer.silence.ends_at),
        });
        done(said, changes ? undefined : end);
        close();
      }
    } catch (error) {
      if (error instanceof Problem && error.field) refused.value = error;
      else failed(error);
    } finally {
      busy.value = false;
    }
  };

  if (warned.value) {
    const { of: reasons, end } = warned.value;
    const actions = (
      <>
        {!changes && <Button onClick={() => (close(), end())}>{t("kit.undo")}</Button>}
        <Button look="main" onClick={close}>
          {t("kit.close")}
        </Button>
      </>
    );
    return (
      <Dialog title={t("silences.madeButTitle")} close={close} actions={actions}>
        <p>{t("silences.madeBut")}</p>
        <ul class="dotted warned">
          {reasons.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t(changes ? "silences.change" : "silences.new")}
      close={close}
      wide
      actions={
        <>
          <Button onClick={close}>{t("kit.cancel")}</Button>
          <Button
            look="main"
            busy={busy.value}
            disabled={!!fault || !comment.trim() || !!late}
            onClick={() => void send()}
          >
            {ends
              ? t("silences.until", { until: absolute(ends) })
              : t("silences.for", { length: length(seconds) })}
          </Button>
        </>
      }
    >
      <Area
        label={t("silences.matchers")}
        hint={t("silences.matchersHint")}
        error={wrong("matchers") ?? (untouched ? undefined : fault)}
        class="mono"
        rows={2}
        spellcheck={false}
        autocapitalize="off"
        placeholder='cluster="east", severity=~"warning|critical"'
        value={matchers}
        change={(value) => set({ matchers: value })}
      />
      {!faultOf(settled.value) && <Cover matchers={settled.value} />}
      <fieldset class="stack">
        <legend class="field-legend">{t("silences.howLong")}</legend>
        <div class="row">
          {LENGTHS_S.map((one) => (
            <Toggle key={one} on={!ends && seconds === one} onClick={() => set({ ends: "", seconds: one })}>
              {length(one)}
            </Toggle>
          ))}
          {!ends && !LENGTHS_S.some((one) => one === seconds) && <Toggle on>{length(seconds)}</Toggle>}
        </div>
        <details class="otherwise" open={!!of.starts || !!of.ends}>
          <summary>{t("silences.otherTimes")}</summary>
          <div class="two">
            <Field
              label={t("silences.starts")}
              hint={starts ? undefined : t("silences.atOnce")}
              error={wrong("starts_at")}
              type="datetime-local"
              value={starts && toField(starts)}
              change={(typed) => set({ starts: fromField(typed) })}
            />
            <Field
              label={t("silences.ends")}
              error={wrong("ends_at") ?? wrong("duration_s") ?? (late ? t("silences.late") : undefined)}
              type="datetime-local"
              max={toField(Date.now() + YEAR_MS)}
              value={ends && toField(ends)}
              change={(typed) => set({ ends: fromField(typed) })}
            />
          </div>
        </details>
      </fieldset>
      <Field
        label={t("silences.comment")}
        error={wrong("comment")}
        placeholder={t("silences.commentHint")}
        value={comment}
        change={(value) => set({ comment: value })}
      />
    </Dialog>
  );
}
