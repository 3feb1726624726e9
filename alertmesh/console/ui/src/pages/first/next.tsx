import type { ComponentChildren } from "preact";
import { type Answer, get } from "../../api";
import { coded } from "../../kit/coded";
import { Icon } from "../../kit/icon";
import { Section } from "../../kit/layout";
import { Held } from "../../kit/states";
import { useResource } from "../../resource";
import { session } from "../../session";
import { listed, t } from "../../words";

type Duty = Answer<"/api/v1/oncall">["oncall"][number];

/** What else makes a pager of it: somebody on call, ways to reach them, and accounts. */
export function Next() {
  const duty = useResource((signal) => get("/api/v1/oncall", { query: { limit: 50 }, signal }));
  const channels = useResource((signal) => get("/api/v1/channels", { signal }));
  const who = session.value;
  return (
    <Section title={t("first.next")}>
      <ul class="first-next">
        <li>
          <Held of={duty} lines={1}>
            {(found) => <OnCall of={found.oncall} />}
          </Held>
        </li>
        <li>
          <Held of={channels} lines={1}>
            {(found) => {
              const real = found.channels.filter((one) => one.kind !== "stdout");
              return (
                <Step
                  is={real.length > 0}
                  title={t("first.reach")}
                  to="/settings#channels"
                  go={t("first.reachGo")}
                >
                  {real.length
                    ? t("first.reachBy", { names: listed(real.map((one) => one.name)) })
                    : t("first.reachNone")}
                </Step>
              );
            }}
          </Held>
        </li>
        <li>
          <Step
            is={!!who?.authentication}
            title={t("first.accounts")}
            to="/settings"
            go={t("first.accountsGo")}
          >
            {who?.authentication
              ? t("first.accountsThere", { name: who.display })
              : coded(t("first.accountsNone"))}
          </Step>
        </li>
      </ul>
    </Section>
  );
}

function OnCall({ of }: { of: readonly Duty[] }) {
  const manned = of.filter((one) => one.primary);
  const named = listed(manned.map((one) => `${one.primary} (${one.roster})`));
  return (
    <Step
      is={of.length > 0 && manned.length === of.length}
      title={t("first.duty")}
      to="/oncall"
      go={t("first.dutyGo")}
    >
      {manned.length ? t("first.dutyBy", { names: named }) : t("first.dutyNone")}
    </Step>
  );
}

function Step({
  is,
  title,
  to,
  go,
  children,
}: {
  is: boolean;
  title: string;
  to: string;
  go: string;
  children: ComponentChildren;
}) {
  return (
    <div class={`first-step ${is ? "done" : ""}`}>
      <span class="first-mark small">
        {is ? <Icon name="check" size={16} /> : <span class="first-open" />}
        <span class="unseen">{is ? t("first.done") : t("first.open")}</span>
      </span>
      <span class="grow">
        <strong>{title}</strong>
        <span class="muted">{children}</span>
      </span>
      <a class="button small" href={to}>
        {go}
      </a>
    </div>
  );
}
