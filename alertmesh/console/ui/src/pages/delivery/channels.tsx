/** Each way to people: how it stands, what is left of its minute, how fast it is, what it refused. */

import { useSignal } from "@preact/signals";
import { post } from "../../api";
import { Button } from "../../kit/button";
import { Facts } from "../../kit/layout";
import { Countdown, Tag, Time, type Tone } from "../../kit/marks";
import { done, failed } from "../../notices";
import { full } from "../../numbers";
import { may } from "../../session";
import { length } from "../../time";
import { t, tOr } from "../../words";
import { type Channel, type Standing, standing } from "./health";

const TONES: Record<Standing, Tone> = { works: "ok", strained: "warn", down: "bad", unused: "plain" };
const SLOW_S = 60;

export function ChannelCard({ of, changed }: { of: Channel; changed: () => void }) {
  const how = standing(of);
  return (
    <section class={`card channel ${how}`} aria-label={of.name}>
      <header class="row">
        <h3>{of.name}</h3>
        <span class="muted small">{tOr(`delivery.kind.${of.kind}`, of.kind)}</span>
        <span class="grow" />
        <Tag tone={TONES[how]}>{t(`delivery.standing.${how}`)}</Tag>
      </header>
      <Robots of={of} />
      <Facts of={facts(of)} />
      {of.last_error && of.last_failure_at && (
        <p class="small delivery-said">
          <span class="muted">{t("delivery.lastError")}</span> <Time at={of.last_failure_at} />{" "}
          <q>{of.last_error}</q>
        </p>
      )}
      <Probe of={of} changed={changed} />
    </section>
  );
}

function facts(of: Channel): [string, preact.ComponentChildren][] {
  const refused = Object.entries(of.refusals);
  const found: [string, preact.ComponentChildren][] = [
    [
      t("delivery.waiting"),
      <span class={of.oldest_s >= SLOW_S ? "alarm" : ""}>
        {of.waiting ? t("delivery.waitingFor", { n: of.waiting, length: length(of.oldest_s, 1) }) : full(0)}
      </span>,
    ],
    [
      t("delivery.speed"),
      of.latency_p50_s === null || of.latency_p95_s === null ? (
        <span class="muted">–</span>
      ) : (
        <span class={of.latency_p95_s >= SLOW_S ? "alarm" : ""} title={t("delivery.speedMeans")}>
          {seconds(of.latency_p50_s)} / {seconds(of.latency_p95_s)}
        </span>
      ),
    ],
    [
      t("delivery.day"),
      of.reports ? t("delivery.dayDelivered", { n: of.sends, delivered: of.delivered }) : full(of.sends),
    ],
    [
      t("delivery.refused"),
      refused.length ? (
        <span class="delivery-alarm">
          {refused.map(([why, n]) => `${tOr(`delivery.refusal.${why}`, why)} ${n}`).join(", ")}
        </span>
      ) : (
        full(0)
      ),
    ],
    [
      t("delivery.lastSuccess"),
      of.last_success_at ? <Time at={of.last_success_at} /> : <span class="muted">–</span>,
    ],
  ];
  if (of.quotas.length) {
    const said = of.quotas.map((one) =>
      t("delivery.quota", { n: one.count, window: length(one.window_s, 1) }),
    );
    found.push([t("delivery.quotas"), said.join(", ")]);
  }
  return found;
}

/** Short waits with a digit after the point, long ones in words. */
function seconds(of: number): string {
  return of < 10 ? t("time.s", { n: of.toFixed(1) }) : length(of, 1);
}

function Robots({ of }: { of: Channel }) {
  const limited = of.robots.filter((robot) => robot.per_minute !== null || robot.paused_until);
  if (!limited.length) return null;
  return (
    <ul class="robots">
      {limited.map((robot) => (
        <li key={robot.name}>
          <span class="cut">
            {of.robots.length > 1 || robot.name !== of.name ? robot.name : t("delivery.minute")}
          </span>
          {robot.per_minute !== null && robot.room !== null && (
            <Budget room={robot.room} of={robot.per_minute} name={robot.name} />
          )}
          {robot.paused_until && (
            <span class="delivery-alarm small">
              {t("delivery.pausedFor")} <Countdown until={robot.paused_until} />
              {robot.why && <q class="delivery-said"> {robot.why}</q>}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What is left of a robot's minute, as a bar and in numbers. */
function Budget({ room, of, name }: { room: number; of: number; name: string }) {
  const left = Math.round((room / of) * 100);
  return (
    <span class="budget" role="img" aria-label={t("delivery.roomOf", { name, room, n: of })}>
      <svg
        class={`share ${room === 0 ? "out" : ""}`}
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <rect width="100" height="6" rx="3" class="back" />
        <rect width={left} height="6" rx="3" />
      </svg>
      <span class="nowrap small" aria-hidden="true">
        {room} / {of}
      </span>
    </span>
  );
}

/** When it was asked last how it is, and a button that asks. */
function Probe({ of, changed }: { of: Channel; changed: () => void }) {
  const busy = useSignal(false);
  if (of.healthy === null && !of.probed_at) return null;
  const ask = async () => {
    busy.value = true;
    try {
      const found = await post("/api/v1/channels/{name}/probe", { path: { name: of.name } });
      if (found.healthy) done(t("delivery.probeGood", { name: of.name }));
      else failed(found.probe_error, of.name);
      changed();
    } catch (error) {
      failed(error, of.name);
    } finally {
      busy.value = false;
    }
  };
  return (
    <footer class="row small">
      <span class="muted">{t("delivery.probed")}</span>
      {of.probed_at && <Time at={of.probed_at} />}
      {of.healthy === false && <q class="delivery-said delivery-alarm">{of.probe_error}</q>}
      <span class="grow" />
      <Button size="small" busy={busy.value} disabled={!may("respond")} onClick={() => void ask()}>
        {t("delivery.probe")}
      </Button>
    </footer>
  );
}
