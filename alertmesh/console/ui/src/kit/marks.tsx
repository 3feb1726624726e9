/** Small marks with a fixed meaning. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { full, short } from "../numbers";
import { absolute, clock, countdown, relative } from "../time";
import { t, tOr } from "../words";

/** The priority, by colour and by its name. */
export function PriorityMark({ of }: { of: string }) {
  return (
    <span class={`priority ${of.toLowerCase()}`} title={t(`kit.${of.toLowerCase()}`)}>
      {of}
    </span>
  );
}

export type Tone = "plain" | "ok" | "warn" | "bad" | "accent";

const TONES: Record<string, Tone> = {
  firing: "bad",
  t1_paging: "warn",
  t2_paging: "warn",
  exhausted: "bad",
  t1_acked: "accent",
  t2_acked: "accent",
  cleared: "ok",
  resolved: "ok",
  sent: "ok",
  delivered: "ok",
  read: "ok",
  failed: "bad",
  unknown: "warn",
};

/** A word on a soft ground. */
export function Tag({
  tone = "plain",
  children,
  title,
}: {
  tone?: Tone;
  children: ComponentChildren;
  title?: string;
}) {
  return (
    <span class={`tag ${tone}`} title={title}>
      {children}
    </span>
  );
}

/** A state of ours in the reader's language (`state.<name>` in the words). */
export function StateTag({ of }: { of: string }) {
  return <Tag tone={TONES[of] ?? "plain"}>{tOr(`state.${of}`, of)}</Tag>;
}

/** A moment: how long ago, and in full on hover or tap. */
export function Time({
  at,
  as = "relative",
}: {
  at: string | number | Date;
  as?: "relative" | "clock" | "absolute";
}) {
  const [asked, setAsked] = useState<typeof at | null>(null);
  const whole = asked === at;
  const told = whole || as === "absolute" ? absolute(at) : as === "clock" ? clock(at) : relative(at);
  return (
    <time
      class="nowrap"
      dateTime={new Date(at).toISOString()}
      title={absolute(at)}
      onClick={(event) => {
        if (matchMedia("(hover: none)").matches) {
          event.preventDefault();
          event.stopPropagation();
          setAsked(whole ? null : at);
        }
      }}
    >
      {told}
    </time>
  );
}

/** What is left until a moment, by the second. */
export function Countdown({ until }: { until: string }) {
  return (
    <time class="nowrap" role="timer" dateTime={until} title={absolute(until)}>
      {countdown(until)}
    </time>
  );
}

/** A count in short, in full on hover. */
export function Count({ of }: { of: number }) {
  return <span title={full(of)}>{short(of)}</span>;
}
