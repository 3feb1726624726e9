import { useSignal } from "@preact/signals";
import { get } from "../../api";
import { Button } from "../../kit/button";
import { Figures, Page } from "../../kit/layout";
import { Held } from "../../kit/states";
import { full } from "../../numbers";
import { useResource } from "../../resource";
import { may } from "../../session";
import { countdown, length, relative, second } from "../../time";
import { t } from "../../words";
import { ChannelCard } from "./channels";
import "./delivery.css";
import { Failures, useFailed } from "./failures";
import { type Channel, total, type Trouble, troubles } from "./health";
import { Receipts } from "./receipts";
import { TestDialog } from "./test";

/** Whether messages reach people: how every way to them does, what failed, and what became of each try. */
export default function Delivery() {
  const channels = useResource((signal) => get("/api/v1/channels", { signal }), [], 10_000);
  const users = useResource((signal) => get("/api/v1/users", { query: { limit: 500 }, signal }), []);
  const failures = useFailed();
  const testing = useSignal(false);
  const people = (users.data?.users ?? []).map((one) => [one.name, one.display || one.name] as const);
  const names = (channels.data?.channels ?? []).map((one) => one.name);
  return (
    <Page
      title={t("delivery.title")}
      lead={t("delivery.lead")}
      actions={
        <Button
          icon="delivery"
          disabled={!may("respond") || !people.length}
          onClick={() => {
            testing.value = true;
          }}
        >
          {t("delivery.sendTest")}
        </Button>
      }
    >
      <Held of={channels}>
        {(found) => (
          <>
            <Standing of={found.channels} failed={failures.data?.pages.length ?? 0} />
            <Failures of={failures} changed={channels.reload} />
            <div class="channels">
              {found.channels.map((one) => (
                <ChannelCard key={one.name} of={one} changed={channels.reload} />
              ))}
            </div>
          </>
        )}
      </Held>
      <Receipts channels={names} people={people} />
      {testing.value && (
        <TestDialog
          people={people}
          channels={names}
          close={() => {
            testing.value = false;
          }}
        />
      )}
    </Page>
  );
}

/** The whole in a line or two: red when something is degraded. */
function Standing({ of, failed }: { of: readonly Channel[]; failed: number }) {
  const found = troubles(of);
  const all = total(of);
  const worst = found.some((one) => one.tone === "bad") || failed > 0 ? "bad" : found.length ? "warn" : "ok";
  return (
    <section class={`card standing-now ${worst}`} aria-label={t("delivery.now")}>
      {worst === "ok" ? (
        <h2>{t("delivery.allWell")}</h2>
      ) : (
        <div role={worst === "bad" ? "alert" : "status"} class="stack">
          <h2>{t(worst === "bad" ? "delivery.degraded" : "delivery.strained")}</h2>
          <ul class="stack">
            {failed > 0 && <li>{t("delivery.trouble.failed", { n: failed })}</li>}
            {found.map((one) => (
              <li key={`${one.channel} ${one.kind}`}>
                {inWords(one)}
                {one.why && <q class="delivery-said"> {one.why}</q>}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Figures
        of={[
          { label: t("delivery.day"), value: full(all.sends) },
          { label: t("delivery.failedDay"), value: full(all.failed) },
          ...(all.reports ? [{ label: t("delivery.deliveredDay"), value: full(all.delivered) }] : []),
          { label: t("delivery.waiting"), value: full(all.waiting) },
          { label: t("delivery.oldest"), value: all.oldest >= 1 ? length(all.oldest, 1) : "–" },
        ]}
      />
    </section>
  );
}

function inWords(of: Trouble): string {
  const told = { channel: of.channel, length: length(of.seconds ?? 0, 1) };
  if (of.kind === "paused")
    return t("delivery.trouble.paused", { ...told, left: countdown(of.at ?? 0, second.value) });
  return t(`delivery.trouble.${of.kind}`, { ...told, since: of.at ? relative(of.at) : "" });
}
