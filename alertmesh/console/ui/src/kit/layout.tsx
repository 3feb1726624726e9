/** The parts that every page is made of. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../words";
import { Icon } from "./icon";

/** A page: its title, what can be done with all of it, and its content. */
export function Page({
  title,
  actions,
  children,
  lead,
}: {
  title: string;
  actions?: ComponentChildren;
  lead?: ComponentChildren;
  children: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${title} · AlertMesh`;
  }, [title]);
  return (
    <div class="page">
      <header class="page-head">
        <div class="grow">
          <h1>{title}</h1>
          {lead && <div class="muted">{lead}</div>}
        </div>
        {actions && <div class="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A card with a heading. One that is `folded` can be opened, and is folded to begin with. */
export function Section({
  title,
  count,
  folded,
  actions,
  children,
  id,
}: {
  title: string;
  count?: number | string;
  folded?: boolean;
  actions?: ComponentChildren;
  children: ComponentChildren;
  id?: string;
}) {
  const heading = (
    <>
      <h2>{title}</h2>
      {count !== undefined && <span class="muted">{count}</span>}
    </>
  );
  if (folded === undefined) {
    return (
      <section class="card" id={id} aria-label={title}>
        <div class="card-head">
          {heading}
          {actions && <div class="row card-actions">{actions}</div>}
        </div>
        {children}
      </section>
    );
  }
  return (
    <details class="card" id={id} open={!folded}>
      <summary class="card-head">
        <Icon name="right" size={16} />
        {heading}
      </summary>
      {actions && <div class="row">{actions}</div>}
      {children}
    </details>
  );
}

/** A few numbers that matter, each with its name. */
export function Figures({
  of,
}: {
  of: { label: string; value: ComponentChildren; note?: ComponentChildren }[];
}) {
  return (
    <dl class="figures">
      {of.map((one) => (
        <div key={one.label}>
          <dt>{one.label}</dt>
          <dd>
            <strong>{one.value}</strong>
            {one.note && <span class="muted small">{one.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Names and values beneath one another. */
export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Views of one thing, one at a time; `on` is the chosen one. */
export function Tabs<K extends string>({
  of,
  on,
  choose,
  label,
}: {
  of: readonly { key: K; name: string; count?: number | undefined }[];
  on: K;
  choose: (key: K) => void;
  label: string;
}) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const at = (of.findIndex((one) => one.key === on) + step + of.length) % of.length;
    const next = of[at];
    if (!next) return;
    choose(next.key);
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")[at]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {of.map((one) => (
        <button
          key={one.key}
          type="button"
          role="tab"
          aria-selected={one.key === on}
          tabIndex={one.key === on ? 0 : -1}
          onClick={() => choose(one.key)}
        >
          {one.name}
          {one.count !== undefined && <span class="muted"> {one.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** A bar that says something about the whole console: offline, degraded, a bad rule file. */
export function Banner({ tone, children }: { tone: "bad" | "warn"; children: ComponentChildren }) {
  return (
    <div class={`banner ${tone}`} role={tone === "bad" ? "alert" : "status"} aria-label={t("kit.notice")}>
      <Icon name="warn" />
      <span class="grow">{children}</span>
    </div>
  );
}
