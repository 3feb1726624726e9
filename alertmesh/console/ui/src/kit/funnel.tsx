import type { ComponentChildren } from "preact";
import { full, short } from "../numbers";

export interface Stage {
  name: string;
  count: number;
  /** What there is to say about it; an empty one keeps its room. */
  note?: ComponentChildren;
}

const SEEN = 0.3;

/** Stages as bars, each as long as its share of the most; what is little is still to be seen. */
export function Funnel({ of }: { of: readonly Stage[] }) {
  const most = Math.max(1, ...of.map((one) => one.count));
  return (
    <dl class="funnel">
      {of.map(({ name, count, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
              <rect class="back" width="100" height="16" />
              <rect width={count ? Math.max(SEEN, (100 * count) / most) : 0} height="16" />
            </svg>
            <strong title={full(count)}>{short(count)}</strong>
            {note !== undefined && <span class="muted small">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
