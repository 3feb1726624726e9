/** What can be done to all that is selected, at the lower edge where a thumb is. */

import { Button, IconButton } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Menu } from "../../kit/menu";
import { may } from "../../session";
import { over } from "../../standing";
import { t } from "../../words";
import { ack, asking } from "./act";
import { choicesFor } from "./line";
import { find, ids, selectAll, selected, unselect } from "./list";
import { phone } from "./view";

export function Bulk() {
  const some = [...selected.value];
  if (!some.length) return null;
  const rows = some.flatMap((id) => find(id) ?? []);
  const ask = (what: "snooze" | "assign" | "merge" | "silence") => (asking.value = { what, ids: some });
  const live = rows.some((row) => !over(row));
  return (
    <div class="bulk" role="toolbar" aria-label={t("incidents.selection")}>
      <strong class="nowrap" role="status">
        {t("incidents.selected", { n: some.length })}
      </strong>
      {some.length < ids.value.length && !phone.value && (
        <Button size="small" look="quiet" onClick={() => selectAll(ids.value)}>
          {t("incidents.selectShown", { n: ids.value.length })}
        </Button>
      )}
      <span class="grow" />
      {may("respond") && live && (
        <>
          <Button look="main" onClick={() => (ack(some), unselect())}>
            {t("incidents.ack")}
          </Button>
          <Button onClick={() => ask("snooze")}>{t("incidents.snooze")}</Button>
          {!phone.value && (
            <>
              <Button onClick={() => ask("assign")}>{t("incidents.assign")}</Button>
              <Button onClick={() => ask("merge")}>{t("incidents.merge")}</Button>
              <Button onClick={() => ask("silence")}>{t("incidents.silence")}</Button>
            </>
          )}
        </>
      )}
      {may("respond") && (
        <Menu says={t("incidents.more")} of={choicesFor(rows)} class="square">
          <Icon name="more" />
        </Menu>
      )}
      <IconButton says={t("incidents.unselect")} icon="close" onClick={unselect} />
    </div>
  );
}
