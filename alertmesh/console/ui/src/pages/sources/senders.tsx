/** Who reports to us: when last, how much, what of it was refused and why, and whether its clock is right. */

import { Tag, Time } from "../../kit/marks";
import { full, short } from "../../numbers";
import { length, moment } from "../../time";
import { t } from "../../words";
import { isOff, type Sender, standing, TONES } from "./standing";

export function Senders({ of }: { of: readonly Sender[] }) {
  return (
    <ul class="senders">
      {of.map((one) => (
        <SenderRow key={`${one.source} ${one.name}`} of={one} />
      ))}
    </ul>
  );
}

function SenderRow({ of }: { of: Sender }) {
  const how = standing(of, moment.value);
  const refused = of.rejected + of.unreadable;
  return (
    <li class="sender">
      <div class="row sender-head">
        <strong class="cut">{of.name}</strong>
        {of.name !== of.source && <span class="muted small">{of.source}</span>}
        <Tag tone={TONES[how]}>{t(`sources.standing.${how}`)}</Tag>
        {isOff(of) && <Tag tone="warn">{t("sources.clockOff")}</Tag>}
      </div>
      <dl class="facts sender-facts">
        <Fact name={t("sources.lastSeen")}>
          <Time at={of.silent_since ?? of.last_seen} />
        </Fact>
        <Fact name={t("sources.alertRate")}>
          <span title={t("sources.sinceStart", { n: full(of.alerts) })}>{rate(of.alerts_per_minute)}</span>
        </Fact>
        <Fact name={t("sources.requestRate")}>
          <span title={t("sources.sinceStart", { n: full(of.requests) })}>
            {rate(of.requests_per_minute)}
          </span>
        </Fact>
        <Fact name={t("sources.usualGap")}>{of.usual_gap_s === null ? "–" : length(of.usual_gap_s, 1)}</Fact>
        <Fact name={t("sources.skew")}>
          <span class={isOff(of) ? "strained" : ""}>{skew(of.skew_s)}</span>
        </Fact>
        <Fact name={t("sources.refused")}>
          <span class={refused ? "alarm" : ""}>{full(refused)}</span>
        </Fact>
      </dl>
      {of.refusals.length > 0 && (
        <details class="refusals">
          <summary>{t("sources.why", { n: of.refusals.length })}</summary>
          <ul class="stack small">
            {of.refusals.map((one, place) => (
              <li key={place}>
                <Time at={one.at} />{" "}
                <span class="muted">{t(one.whole ? "sources.body" : "sources.alert")}</span>{" "}
                <span class="source-alarm">{one.why}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function rate(perMinute: number): string {
  if (perMinute > 0 && perMinute < 0.1) return "< 0.1";
  return perMinute < 100 ? String(Math.round(perMinute * 10) / 10) : short(Math.round(perMinute));
}

/** How far a clock is behind ours, in words. */
function skew(seconds: number | null): string {
  if (seconds === null) return "–";
  if (Math.abs(seconds) < 5) return t("sources.right");
  return t(seconds > 0 ? "sources.behind" : "sources.ahead", { length: length(Math.abs(seconds), 1) });
}
