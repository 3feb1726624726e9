import { useEffect } from "preact/hooks";
import { Choose } from "../../kit/field";
import { Page, Tabs } from "../../kit/layout";
import { Empty, Held } from "../../kit/states";
import { meet, people } from "../../people";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { session } from "../../session";
import { t } from "../../words";
import { Calendar } from "./calendar";
import { Covers } from "./covers";
import { HandOver } from "./handover";
import { Load } from "./load";
import { Shifts, Standing } from "./me";
import { acting, duties, faults, mayAnswer, overrides, remember } from "./model";
import { Now } from "./now";
import "./oncall.css";
import { Warnings } from "./warnings";

const VIEWS = ["now", "calendar", "cover", "load", "handover"] as const;
type View = (typeof VIEWS)[number];

/** Who has duty, when it is whose, who stands in, and what is handed over. */
export default function OnCall() {
  const asked = query.value.get("view") as View | null;
  const view = asked && VIEWS.includes(asked) ? asked : "now";
  const now = useResource(duties, [], 30_000);
  const names = (now.data ?? []).map((one) => one.roster);
  const held = useResource(overrides, [], 30_000);
  const ahead = useResource((signal) => faults(names, 14, signal), [names.join()], 300_000);
  useEffect(() => void meet(true), []);
  const changed = () => {
    now.reload();
    held.reload();
    ahead.reload();
  };
  const mine = (held.data ?? []).filter((one) => mayAnswer(one, acting.value));
  return (
    <Page
      title={t("oncall.title")}
      lead={t("oncall.lead")}
      actions={
        !session.value?.person && (
          <div class="duty-who">
            <Who />
          </div>
        )
      }
    >
      <Warnings of={ahead.data ?? []} />
      <Tabs<View>
        label={t("oncall.title")}
        on={view}
        choose={(key) => ask({ view: key === "now" ? null : key })}
        of={VIEWS.map((key) => ({
          key,
          name: t(`oncall.view.${key}`),
          ...(key === "cover" && mine.length > 0 && { count: mine.length }),
        }))}
      />
      <Held of={now}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={t("oncall.noRosters")}>{t("oncall.noRostersHint")}</Empty>
          ) : view === "calendar" ? (
            <Calendar rosters={found} />
          ) : view === "cover" ? (
            <Covers of={held} rosters={found} changed={changed} />
          ) : view === "load" ? (
            <Load rosters={found} />
          ) : view === "handover" ? (
            <HandOver rosters={found} />
          ) : (
            <>
              <Standing rosters={found} asked={mine} changed={changed} />
              <Now of={found} faults={ahead.data ?? []} changed={changed} />
              <Shifts rosters={found} changed={changed} />
            </>
          )
        }
      </Held>
    </Page>
  );
}

/** Where nobody signs in, say who one is. */
function Who() {
  const names = [...people.value.values()].map((one) => [one.name, one.display || one.name] as const);
  if (!names.length) return null;
  return (
    <Choose
      label={t("oncall.youAre")}
      value={acting.value}
      of={[["", t("oncall.nobody")], ...names]}
      change={(name) => {
        remember(name);
        ask({ as: name });
      }}
    />
  );
}
