/** Views that were saved, one's own and those that others share. */

import { useSignal } from "@preact/signals";
import { type Answer, get, put, remove } from "../../api";
import { Button, IconButton } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Check, Field } from "../../kit/field";
import { Tag } from "../../kit/marks";
import { Held } from "../../kit/states";
import { done, failed } from "../../notices";
import { useResource } from "../../resource";
import { go } from "../../route";
import { may } from "../../session";
import { t } from "../../words";

type Kept = Answer<"/api/v1/views">["views"][number];

export function Saved({ close }: { close: () => void }) {
  const views = useResource((signal) => get("/api/v1/views", { query: { limit: 200 }, signal }));
  const name = useSignal("");
  const shared = useSignal(false);
  const keep = async () => {
    try {
      await put("/api/v1/views/{name}", {
        path: { name: name.value.trim() },
        body: { query: location.search.slice(1), shared: shared.value },
      });
      done(t("incidents.savedAs", { name: name.value.trim() }));
      close();
    } catch (error) {
      failed(error);
    }
  };
  const drop = async (one: Kept) => {
    const asked = { path: { name: one.name }, query: { owner: one.owner } };
    try {
      await remove("/api/v1/views/{name}", asked);
      views.reload();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <Dialog title={t("incidents.saved")} close={close}>
      <Held of={views} lines={2}>
        {({ views: all }) => (
          <ul class="choices">
            {all.map((one) => (
              <li key={`${one.owner}/${one.name}`} class="row">
                <button
                  type="button"
                  class="grow"
                  onClick={() => {
                    close();
                    go(`/?${one.query}`);
                  }}
                >
                  <span class="grow cut">{one.name}</span>
                  {one.shared && <Tag>{one.mine ? t("incidents.shared") : one.owner}</Tag>}
                </button>
                {(one.mine || may("admin")) && (
                  <IconButton
                    says={t("incidents.dropView", { name: one.name })}
                    icon="close"
                    onClick={() => void drop(one)}
                  />
                )}
              </li>
            ))}
            {!all.length && <li class="muted">{t("incidents.noneSaved")}</li>}
          </ul>
        )}
      </Held>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.value.trim()) void keep();
        }}
      >
        <Field
          label={t("incidents.saveAs")}
          value={name.value}
          change={(text) => (name.value = text)}
          maxLength={80}
        />
        {may("respond") && (
          <Check label={t("incidents.shareIt")} on={shared.value} change={(on) => (shared.value = on)} />
        )}
        <Button look="main" type="submit" disabled={!name.value.trim()}>
          {t("kit.save")}
        </Button>
      </form>
    </Dialog>
  );
}
