/** What stands around every page: navigation, banners, notices, and the list of keys. */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { reachable } from "./api";
import { AREAS, type Area } from "./areas";
import "./frame.css";
import "./kit/kit.css";
import { Dialog } from "./kit/dialog";
import { Icon } from "./kit/icon";
import { Banner } from "./kit/layout";
import { Notices } from "./kit/notices";
import { known as knownKeys, useKeys } from "./keys";
import { connected, lostAt, status } from "./live";
import { known, rows } from "./rows";
import { discover, entry, modules, said } from "./modules";
import { go, path } from "./route";
import { session } from "./session";
import { untaken } from "./standing";
import { t } from "./words";

const IN_BAR = 4;
const MOST_TOLD = 99;
/** What stands on keys with long names. */
const CAPS: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Enter: "↵",
};
const helping = signal(false);
const unfolded = signal(false);

export function Frame({ area, children }: { area: Area | null; children: ComponentChildren }) {
  const shown = AREAS.filter((one) => one.name);
  const live = connected.value;
  useEffect(() => {
    if (!modules.peek()) void discover();
  }, [live]);
  useKeys([
    { keys: "?", says: t("keys.help"), act: () => (helping.value = true) },
    ...shown
      .filter((one) => one.key)
      .map((one) => ({
        keys: `g ${one.key}`,
        says: t("keys.go", { name: t(one.name ?? "") }),
        act: () => go(one.at),
      })),
  ]);
  return (
    <div class="frame">
      <a class="skip" href="#main" data-out>
        {t("nav.skip")}
      </a>
      <nav class="side" aria-label={t("nav.label")}>
        <a class="brand" href="/">
          AlertMesh
        </a>
        <ul>
          {shown.map((one) => (
            <Entry key={one.at} of={one} here={area} />
          ))}
          <ModuleEntries />
        </ul>
        <Standing />
      </nav>
      <div class="middle">
        <Banners />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <nav class="bar" aria-label={t("nav.label")}>
        {shown.slice(0, IN_BAR).map((one) => (
          <Entry key={one.at} of={one} here={area} bare />
        ))}
        <button
          type="button"
          aria-expanded={unfolded.value}
          onClick={() => (unfolded.value = !unfolded.value)}
        >
          <Icon name="more" />
          <span>{t("nav.more")}</span>
        </button>
        {unfolded.value && (
          <ul class="bar-more" onClick={() => (unfolded.value = false)}>
            {shown.slice(IN_BAR).map((one) => (
              <Entry key={one.at} of={one} here={area} />
            ))}
            <ModuleEntries />
          </ul>
        )}
      </nav>
      <Notices />
      {helping.value && <Help />}
    </div>
  );
}

function Entry({ of, here, bare }: { of: Area; here: Area | null; bare?: boolean }) {
  const link = (
    <a href={of.at} aria-current={here?.at === of.at ? "page" : undefined}>
      <Icon name={of.icon ?? "module"} />
      <span>{t(of.name ?? "")}</span>
      {of.at === "/" && <Open />}
    </a>
  );
  return bare ? link : <li>{link}</li>;
}

/** The modules that are installed, each by its first page. */
function ModuleEntries() {
  const found = modules.value?.filter((one) => one.pages.length) ?? [];
  return (
    <>
      {found.map((one) => (
        <li key={one.name}>
          <a href={entry(one)} aria-current={path.value.startsWith(`/m/${one.name}/`) ? "page" : undefined}>
            <Icon name="module" />
            <span>{said(one.title)}</span>
          </a>
        </li>
      ))}
    </>
  );
}

/** How many incidents nobody has taken yet. */
function Open() {
  const waiting = known.value.filter((id) => {
    const row = rows.get(id)?.value;
    return row && untaken(row);
  }).length;
  return waiting ? (
    <span class="badge" title={t("nav.waiting", { n: waiting })}>
      {waiting > MOST_TOLD ? `${MOST_TOLD}+` : waiting}
    </span>
  ) : null;
}

/** Who looks, and whether what is shown is alive. */
function Standing() {
  const live = connected.value;
  return (
    <div class="standing small">
      <span class={`dot ${live ? "ok" : "bad"}`} />
      <span class="grow cut">{live ? t("nav.live") : t("nav.notLive")}</span>
      {session.value?.authentication && (
        <a class="cut" href="/settings" title={t("nav.you")}>
          {session.value.display}
        </a>
      )}
    </div>
  );
}

function Banners() {
  const now = status.value;
  if (!reachable.value || lostAt.value !== null) return <Banner tone="bad">{t("kit.offline")}</Banner>;
  if (now && !now.ready)
    return <Banner tone="bad">{t("kit.notReady", { why: now.reasons.join("; ") })}</Banner>;
  if (now?.config_faults.length)
    return <Banner tone="warn">{t("kit.badConfig", { why: now.config_faults.join("; ") })}</Banner>;
  return null;
}

function Help() {
  const seen = new Set<string>();
  const all = knownKeys().filter((key) => !seen.has(key.keys) && seen.add(key.keys));
  return (
    <Dialog title={t("keys.title")} close={() => (helping.value = false)}>
      <dl class="keys">
        {all.map((key) => (
          <div key={key.keys}>
            <dt>
              {key.keys.split(" ").map((one) => (
                <kbd key={one}>{CAPS[one] ?? one}</kbd>
              ))}
            </dt>
            <dd>{key.says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
