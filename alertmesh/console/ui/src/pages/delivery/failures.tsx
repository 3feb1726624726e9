/** What failed, is still needed, and nothing else reached. */

import { useSignal } from "@preact/signals";
import { get, post } from "../../api";
import { Button } from "../../kit/button";
import { Section } from "../../kit/layout";
import { PriorityMark, Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { done, failed } from "../../notices";
import { type Resource, useResource } from "../../resource";
import { may } from "../../session";
import { t } from "../../words";
import type { Sent } from "./health";

type Failed = { pages: Sent[]; next: number | null };

export function useFailed(): Resource<Failed> {
  return useResource((signal) => get("/api/v1/deliveries/failed", { signal }), [], 15_000);
}

export function Failures({ of, changed }: { of: Resource<Failed>; changed: () => void }) {
  const busy = useSignal<ReadonlySet<string>>(new Set());

  const retry = async (names: readonly string[]) => {
    busy.value = new Set([...busy.value, ...names]);
    let sent = 0;
    let refused: unknown = null;
    for (const id of names) {
      try {
        await post("/api/v1/pages/{id}/retry", { path: { id } });
        sent += 1;
      } catch (error) {
        // One that nobody needs any more must not keep the others back.
        refused = error;
      }
    }
    if (refused) failed(refused, t("delivery.retry"));
    busy.value = new Set([...busy.value].filter((name) => !names.includes(name)));
    if (sent) done(t("delivery.retried", { n: sent }));
    of.reload();
    changed();
  };

  return (
    <Held of={of} lines={2}>
      {(found) =>
        found.pages.length > 0 && (
          <Section
            title={t("delivery.failed")}
            count={found.pages.length}
            actions={
              found.pages.length > 1 && (
                <Button
                  icon="retry"
                  busy={busy.value.size > 0}
                  disabled={!may("respond")}
                  onClick={() => void retry(found.pages.map((one) => one.attempt.id))}
                >
                  {t("delivery.retryAll")}
                </Button>
              )
            }
          >
            <p class="muted small">{t("delivery.failedMeans")}</p>
            <ul class="failures">
              {found.pages.map((one) => (
                <li key={one.number}>
                  <PriorityMark of={one.attempt.priority} />
                  <div class="grow">
                    <div>
                      {one.incident === null ? (
                        t("delivery.test")
                      ) : (
                        <a href={`/incidents/${one.incident}`}>#{one.incident}</a>
                      )}{" "}
                      {t("delivery.to", { person: one.attempt.person, channel: one.attempt.channel })}{" "}
                      <Time at={one.attempt.settled_at ?? one.attempt.due_at} />
                    </div>
                    {one.attempt.error && (
                      <q class="delivery-said delivery-alarm small">{one.attempt.error}</q>
                    )}
                  </div>
                  <Button
                    icon="retry"
                    busy={busy.value.has(one.attempt.id)}
                    disabled={!may("respond")}
                    onClick={() => void retry([one.attempt.id])}
                  >
                    {t("delivery.retry")}
                  </Button>
                </li>
              ))}
            </ul>
          </Section>
        )
      }
    </Held>
  );
}
