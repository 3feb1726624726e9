/** What a silence would cover, before anybody makes it. */

import { post } from "../../api";
import { PriorityMark } from "../../kit/marks";
import { Failure, inWords, Loading } from "../../kit/states";
import { full } from "../../numbers";
import { useResource } from "../../resource";
import { t } from "../../words";

const SHOWN = 8;

/** Look at what matchers cover now; `matchers` must be readable. */
export function Cover({ matchers }: { matchers: string }) {
  const cover = useResource(
    (signal) => post("/api/v1/silences/preview", { body: { matchers }, signal }),
    [matchers],
  );
  if (cover.error) return <Failure why={inWords(cover.error)} />;
  const found = cover.data;
  if (!found) return <Loading lines={2} />;
  const touched = found.incidents.length + found.left_out;
  const all = found.alerts > 0 && found.alerts === found.firing;
  return (
    <section class="cover" aria-label={t("silences.covers")} aria-live="polite">
      <p>
        <strong>{t("silences.coversAlerts", { n: full(found.alerts), all: full(found.firing) })}</strong>{" "}
        {touched > 0 && (
          <span class="muted">{t("silences.coversIncidents", { n: found.suppressed, touched })}</span>
        )}
      </p>
      {found.alerts === 0 && <p class="warned">{t("silences.coversNothing")}</p>}
      {all && found.firing > 1 && <p class="warned">{t("silences.coversAll")}</p>}
      <ul class="cover-list">
        {found.incidents.slice(0, SHOWN).map((one) => (
          <li key={one.incident} class="row small">
            <PriorityMark of={one.priority} />
            <a href={`/incidents/${one.incident}`} target="_blank" rel="noreferrer" class="grow cut">
              {one.title}
            </a>
            <span class={`nowrap ${one.suppressed ? "" : "muted"}`}>
              {one.suppressed
                ? t("silences.quiet")
                : t("silences.partly", { n: one.covered, all: one.firing })}
            </span>
          </li>
        ))}
      </ul>
      {touched > SHOWN && <p class="muted small">{t("silences.andMore", { n: touched - SHOWN })}</p>}
      {touched === 0 && found.examples.length > 0 && (
        <ul class="cover-list">
          {found.examples.slice(0, SHOWN).map((one) => (
            <li key={one.fingerprint} class="row small">
              <PriorityMark of={one.priority} />
              <span class="grow cut">{one.labels["alertname"]}</span>
              <span class="muted cut">{one.entity.name}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
