/** Older versions of a file: who made them, what they changed, and the way back. */

import { useState } from "preact/hooks";
import { type Answer, get, post } from "../../api";
import { Button } from "../../kit/button";
import { Diff } from "../../kit/diff";
import { Dialog } from "../../kit/dialog";
import { Tag, Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { done, failed } from "../../notices";
import { bytes } from "../../numbers";
import { useResource } from "../../resource";
import { language, t } from "../../words";

type Text = Answer<"/api/v1/rules/{path}">;

export function History({
  path,
  versions,
  current,
  etag,
  may,
  back,
  close,
}: {
  path: string;
  versions: Text["versions"];
  current: string;
  etag: string;
  may: boolean;
  back: () => void;
  close: () => void;
}) {
  const [chosen, choose] = useState(versions[0]?.number ?? 0);
  const [busy, setBusy] = useState(false);
  const before = versions.find((one) => one.number < chosen)?.number;
  const pair = useResource(
    async (signal) => {
      const read = (version: number) =>
        get("/api/v1/rules/{path}", { path: { path }, query: { version }, signal });
      const [now, then] = await Promise.all([read(chosen), before ? read(before) : undefined]);
      return { now: now.text ?? "", then: then?.text ?? "" };
    },
    [chosen],
  );
  const roll = async () => {
    setBusy(true);
    try {
      await post("/api/v1/rules/{path}/rollback", {
        path: { path },
        query: { language: language.peek() },
        body: { version: chosen, etag },
      });
      done(t("rules.rolledBack", { path, n: chosen }));
      back();
    } catch (error) {
      failed(error);
      setBusy(false);
    }
  };
  const isCurrent = pair.data?.now === current;
  return (
    <Dialog
      title={t("rules.historyOf", { path })}
      close={close}
      wide
      actions={
        may && (
          <Button
            look="main"
            icon="undo"
            busy={busy}
            disabled={!pair.data || isCurrent}
            onClick={() => void roll()}
          >
            {t("rules.rollBack", { n: chosen })}
          </Button>
        )
      }
    >
      <div class="history">
        <ol class="versions" aria-label={t("rules.versions")}>
          {versions.map((one) => (
            <li key={one.number}>
              <button type="button" aria-pressed={one.number === chosen} onClick={() => choose(one.number)}>
                <span class="row">
                  <strong>{t("rules.version", { n: one.number })}</strong>
                  <Tag>{t(`rules.how_${one.how}`)}</Tag>
                </span>
                <span class="muted small">
                  {one.actor || t("rules.onDisk")} · <Time at={one.at} /> · {bytes(one.size)}
                </span>
                {one.note && <span class="muted small">{one.note}</span>}
              </button>
            </li>
          ))}
        </ol>
        <Held of={pair}>
          {(texts) => (
            <div class="trial">
              <p class="muted small">
                {before ? t("rules.against", { n: before }) : t("rules.firstVersion")}
                {isCurrent && ` · ${t("rules.isCurrent")}`}
              </p>
              <Diff before={texts.then} after={texts.now} label={t("rules.diff")} />
            </div>
          )}
        </Held>
      </div>
    </Dialog>
  );
}
