/** Nothing to show: all is quiet, nothing fits, or nothing was ever heard. */

import { get } from "../../api";
import { Button } from "../../kit/button";
import { Time } from "../../kit/marks";
import { Empty } from "../../kit/states";
import { status } from "../../live";
import { useResource } from "../../resource";
import { t } from "../../words";
import { choose, narrow, view } from "./view";

/** `among` is how many of the past were looked at, where there are more. */
export function Quiet({ narrowed, among }: { narrowed: boolean; among?: number }) {
  if (narrowed) {
    return (
      <Empty title={among ? t("incidents.noneAmong", { n: among }) : t("incidents.nothingFits")}>
        <Button onClick={() => narrow({ matchers: [], words: "" })}>{t("incidents.clearFilter")}</Button>
      </Empty>
    );
  }
  if (view.value === "past") return <Empty title={t("incidents.noPast")} />;
  if (view.value === "mine" || view.value === "tier") {
    return (
      <Empty title={t(`incidents.nothing.${view.value}`)}>
        <Button onClick={() => choose("open")}>{t("incidents.seeOpen")}</Button>
      </Empty>
    );
  }
  return <AllQuiet />;
}

function AllQuiet() {
  const last = useResource((signal) => get("/api/v1/incidents/rows", { query: { limit: 1 }, signal }));
  const row = last.data?.rows[0];
  if (last.data && !row && status.value?.sender_count === 0) {
    return (
      <Empty title={t("incidents.neverHeard")}>
        <a class="button main" href="/first">
          {t("incidents.firstSteps")}
        </a>
      </Empty>
    );
  }
  return (
    <Empty title={t("incidents.quiet")}>
      {row && (
        <p>
          {t("incidents.quietSince")} <Time at={row.changed_at} />
          {" · "}
          <a href={`/incidents/${row.id}`}>
            #{row.id} {row.title}
          </a>
        </p>
      )}
    </Empty>
  );
}
