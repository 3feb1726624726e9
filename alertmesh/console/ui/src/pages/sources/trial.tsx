/** Try a body without taking it: what would become of each alert in it, or why not. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Answer, Problem, post } from "../../api";
import { Button } from "../../kit/button";
import { Area, Check, Choose, Field } from "../../kit/field";
import { Section } from "../../kit/layout";
import { PriorityMark, Tag, Time } from "../../kit/marks";
import { Failure } from "../../kit/states";
import { failed, whyNot } from "../../notices";
import { ask, query } from "../../route";
import { may } from "../../session";
import { t } from "../../words";
import { bodyOf, type Kind } from "./standing";

type Trial = Answer<"/api/v1/sources/{source}/test", "post">;

export function TrialSection({ kinds }: { kinds: readonly Kind[] }) {
  const source = query.value.get("try") ?? kinds[0]?.name ?? "";
  const kind = kinds.find((one) => one.name === source);
  const typed = useSignal("");
  const from = useSignal("");
  const send = useSignal(false);
  const busy = useSignal(false);
  const trial = useSignal<Trial | Problem | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const asked = query.value.has("try");
  useEffect(() => {
    trial.value = null;
    if (asked) frame.current?.scrollIntoView({ block: "nearest" });
  }, [source, asked]);

  const go = async () => {
    busy.value = true;
    const raw = bodyOf(typed.value);
    try {
      trial.value = await post("/api/v1/sources/{source}/test", {
        path: { source },
        query: { from: from.value.trim(), send: send.value },
        ...(raw && { raw }),
      });
    } catch (error) {
      if (error instanceof Problem && error.status) trial.value = error;
      else failed(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <div ref={frame}>
      <Section title={t("sources.try")} id="try">
        <form
          class="source-trial"
          onSubmit={(event) => {
            event.preventDefault();
            void go();
          }}
        >
          <p class="muted">{t("sources.tryMeans")}</p>
          <div class="trial-fields">
            <Choose
              label={t("sources.kind")}
              value={source}
              change={(value) => ask({ try: value })}
              of={kinds.map((one) => [one.name, one.name] as const)}
            />
            <Field
              label={t("sources.from")}
              hint={t("sources.fromHint")}
              value={from.value}
              change={(value) => {
                from.value = value;
              }}
            />
          </div>
          <Area
            label={t("sources.payload")}
            hint={kind?.sample ? t("sources.payloadHint") : t("sources.payloadNeeded")}
            class="mono"
            rows={8}
            spellcheck={false}
            value={typed.value}
            change={(value) => {
              typed.value = value;
            }}
          />
          <Check
            label={t("sources.send")}
            hint={t("sources.sendHint")}
            on={send.value}
            change={(on) => {
              send.value = on;
            }}
          />
          <div class="row">
            <Button
              look="main"
              icon="play"
              type="submit"
              busy={busy.value}
              disabled={!may("ingest") || (!kind?.sample && !typed.value.trim())}
            >
              {typed.value.trim() ? t("sources.tryIt") : t("sources.trySample")}
            </Button>
          </div>
        </form>
        {trial.value instanceof Problem && (
          <Failure
            why={
              trial.value.field
                ? t("sources.unread", { field: trial.value.field, why: trial.value.message })
                : whyNot(trial.value)
            }
          />
        )}
        {trial.value && !(trial.value instanceof Problem) && <Outcome of={trial.value} />}
      </Section>
    </div>
  );
}

function Outcome({ of }: { of: Trial }) {
  return (
    <div class="stack outcome" aria-live="polite">
      <p>
        <strong>{t("sources.accepted", { n: of.accepted })}</strong>{" "}
        <span class="muted">{t("sources.news", { n: of.changed })}</span>
        {of.sample && <span class="muted"> {t("sources.ofSample")}</span>}
      </p>
      {of.sent && <p role="status">{t("sources.sent", { fingerprint: of.sent })}</p>}
      {of.rejected.length > 0 && (
        <ul class="stack">
          {of.rejected.map((one) => (
            <li key={one.index} class="source-alarm">
              {t("sources.rejected", { n: one.index + 1, why: one.error })}
            </li>
          ))}
        </ul>
      )}
      <ul class="tried">
        {of.alerts.map((one) => (
          <li key={one.index} class="card">
            <div class="row">
              <PriorityMark of={one.priority} />
              <strong class="grow">{one.entity}</strong>
              <Tag tone={one.status === "firing" ? "bad" : "ok"}>{t(`sources.${one.status}`)}</Tag>
              <Tag tone={one.changes ? "accent" : "plain"}>
                {t(one.changes ? "sources.isNews" : "sources.isRepeat")}
              </Tag>
            </div>
            <Pairs of={one.labels} label={t("sources.labels")} />
            <Pairs of={one.annotations} label={t("sources.annotations")} />
            <p class="small muted">
              {t("sources.starts")} <Time at={one.starts_at} as="clock" />
              {one.ends_at && (
                <>
                  {" · "}
                  {t("sources.ends")} <Time at={one.ends_at} as="clock" />
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Pairs({ of, label }: { of: Record<string, string>; label: string }) {
  const all = Object.entries(of);
  if (!all.length) return null;
  return (
    <ul class="pairs" aria-label={label}>
      {all.map(([name, value]) => (
        <li key={name} class="mono small">
          <span class="muted">{name}</span> {value}
        </li>
      ))}
    </ul>
  );
}
