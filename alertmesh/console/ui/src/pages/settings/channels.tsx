import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Answer, get, post } from "../../api";
import { Button } from "../../kit/button";
import { coded } from "../../kit/coded";
import { Section } from "../../kit/layout";
import { StateTag, Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { failed } from "../../notices";
import { useResource } from "../../resource";
import { may, session } from "../../session";
import { t } from "../../words";

type Person = Answer<"/api/v1/users">["users"][number];
type Attempt = Answer<"/api/v1/pages">["pages"][number]["attempt"];

const ON_ITS_WAY = new Set(["queued", "claimed"]);
const LOOK_MS = 1_500;
const LOOK_FOR_MS = 60_000;

/** By which ways the person is reached, and whether a message gets through. */
export function Channels() {
  const name = session.value?.person ?? null;
  const mine = useResource(() => find(name), [name]);
  return (
    <Section title={t("settings.channels")} id="channels">
      <Held of={mine} lines={2}>
        {(person) =>
          person ? (
            <Ways of={person} />
          ) : (
            <p class="muted">{coded(t("settings.nobodyAbout", { name: session.value?.name ?? "" }))}</p>
          )
        }
      </Held>
    </Section>
  );
}

/** Return a person among those that can be paged. */
async function find(name: string | null): Promise<Person | null> {
  let after: string | null = null;
  while (name !== null) {
    const page: Answer<"/api/v1/users"> = await get("/api/v1/users", { query: { limit: 500, after } });
    const found = page.users.find((one) => one.name === name);
    if (found || page.next === null) return found ?? null;
    after = page.next;
  }
  return null;
}

function Ways({ of: person }: { of: Person }) {
  const tried = useSignal<Attempt[]>([]);
  const page = useSignal("");
  const busy = useSignal("");
  const send = async (channel: string) => {
    busy.value = channel || "*";
    try {
      const sent = await post("/api/v1/users/{name}/test", {
        path: { name: person.name },
        body: channel ? { channel } : {},
      });
      tried.value = sent.attempts;
      page.value = sent.page;
    } catch (error) {
      failed(error);
    } finally {
      busy.value = "";
    }
  };
  useEffect(() => {
    const wanted = page.value;
    if (!wanted) return;
    const since = Date.now();
    const timer = setInterval(() => {
      void get("/api/v1/pages", { query: { page: wanted, limit: 50 } }).then((found) => {
        tried.value = found.pages.map((one) => one.attempt).reverse();
        const settled = tried.value.length > 0 && !tried.value.some((one) => ON_ITS_WAY.has(one.state));
        if (settled || Date.now() - since > LOOK_FOR_MS) clearInterval(timer);
      }, failed);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [page.value]);
  const allowed = may("respond");
  return (
    <>
      <p class="muted settings-about">
        {person.mobile ? t("settings.channelsAbout", { mobile: person.mobile }) : t("settings.channelsPlain")}
      </p>
      <ul class="settings-list">
        {person.channels.map((channel) => {
          const last = tried.value.find((one) => one.channel === channel);
          return (
            <li key={channel}>
              <span class="grow settings-channel">
                <strong>{channel}</strong>
                {last && (
                  <span class="row small" aria-live="polite">
                    <StateTag of={last.state} />
                    {last.settled_at && (
                      <span class="muted">
                        <Time at={last.settled_at} />
                      </span>
                    )}
                    {last.error && <span class="error">{last.error}</span>}
                  </span>
                )}
              </span>
              <Button
                size="small"
                busy={busy.value === channel}
                disabled={!allowed}
                onClick={() => void send(channel)}
              >
                {t("settings.test")}
              </Button>
            </li>
          );
        })}
      </ul>
      {person.channels.length > 1 && (
        <Button icon="delivery" busy={busy.value === "*"} disabled={!allowed} onClick={() => void send("")}>
          {t("settings.testAll")}
        </Button>
      )}
      {!person.reachable && <p class="error">{t("settings.unreachable")}</p>}
    </>
  );
}
