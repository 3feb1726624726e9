import { useEffect } from "preact/hooks";
import type { Answer } from "../../api";
import { Icon } from "../../kit/icon";
import { Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { status } from "../../live";
import { full } from "../../numbers";
import type { Resource } from "../../resource";
import { listed, t } from "../../words";

type Sources = Answer<"/api/v1/sources">;
type Sender = Sources["sources"][number];

/** Tell whether a sender has told us of an alert, and not only knocked. */
const told = (sender: Sender) => sender.alerts > 0;

/** Whether the first alert came: turns green by itself. */
export function Heard({ sources }: { sources: Resource<Sources> }) {
  // The live stream says at once that somebody was heard; who it was and how much is asked for then.
  const live = JSON.stringify(status.value?.["senders"] ?? null);
  useEffect(sources.reload, [live]);
  return (
    <section class="card first-heard" aria-label={t("first.heard")}>
      <Held of={sources} lines={1}>
        {(found) => <Tick senders={found.sources} />}
      </Held>
    </section>
  );
}

function Tick({ senders }: { senders: readonly Sender[] }) {
  const telling = senders.filter(told);
  const last = telling.reduce<Sender | null>(
    (newest, one) => (newest && newest.last_seen > one.last_seen ? newest : one),
    null,
  );
  const knocked = senders.find((one) => !told(one));
  return (
    <div class={`first-tick ${last ? "done" : ""}`} role="status">
      <span class="first-mark">{last ? <Icon name="check" size={24} /> : <span class="first-pulse" />}</span>
      <div class="grow stack">
        <h2>{last ? t("first.received") : t("first.waiting")}</h2>
        {last ? (
          <p class="muted">
            {t("first.from", {
              names: listed(telling.map((one) => one.name)),
              n: sum(telling),
              short: full(sum(telling)),
            })}{" "}
            <Time at={last.last_seen} />
          </p>
        ) : knocked ? (
          <p class="error">
            {t("first.knocked", { name: knocked.name, n: knocked.unreadable + knocked.rejected })}
          </p>
        ) : (
          <p class="muted">{t("first.waitingAbout")}</p>
        )}
      </div>
      {(last || knocked) && (
        <a class="button" href="/sources">
          {t("first.see")}
        </a>
      )}
    </div>
  );
}

const sum = (senders: readonly Sender[]) => senders.reduce((all, one) => all + one.alerts, 0);
