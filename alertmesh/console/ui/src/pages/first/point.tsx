import { useSignal } from "@preact/signals";
import { coded } from "../../kit/coded";
import { Snippet } from "../../kit/copy";
import { Section, Tabs } from "../../kit/layout";
import { session } from "../../session";
import { t } from "../../words";
import { alertmanager, type Here, isLoopback, makeToken, prometheus, zabbix } from "./snippets";

type Monitor = "prometheus" | "alertmanager" | "zabbix";

const MONITORS: readonly { key: Monitor; name: string; file: string; snippet: (here: Here) => string }[] = [
  { key: "prometheus", name: "Prometheus", file: "prometheus.yml", snippet: prometheus },
  { key: "alertmanager", name: "Alertmanager", file: "alertmanager.yml", snippet: alertmanager },
  { key: "zabbix", name: "Zabbix", file: "", snippet: zabbix },
];

/** This AlertMesh as others reach it. */
export function here(): Here {
  return { origin: location.origin, token: session.value?.authentication ?? false };
}

/** How to point a monitor here. */
export function Point() {
  const on = useSignal<Monitor>("prometheus");
  const monitor = MONITORS.find((one) => one.key === on.value);
  const place = here();
  if (!monitor) return null;
  return (
    <Section title={t("first.point")}>
      <Tabs label={t("first.point")} of={MONITORS} on={on.value} choose={(key) => (on.value = key)} />
      <div class="first-steps" role="tabpanel" aria-label={monitor.name}>
        {place.token && (
          <div class="stack">
            <p>{t("first.token")}</p>
            <Snippet text={makeToken(monitor.key)} label={t("first.tokenCommand")} />
          </div>
        )}
        <div class="stack">
          <p>{coded(monitor.file ? t("first.file", { file: monitor.file }) : t("first.zabbix"))}</p>
          <Snippet text={monitor.snippet(place)} label={t("first.snippet", { name: monitor.name })} />
        </div>
        <p class="muted">{coded(t(`first.then.${monitor.key}`))}</p>
        {isLoopback(place.origin) && <p class="first-note">{coded(t("first.loopback"))}</p>}
      </div>
    </Section>
  );
}
