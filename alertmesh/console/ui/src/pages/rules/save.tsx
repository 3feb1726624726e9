/** A draft is put into force, or a file taken out of it. */

import { useState } from "preact/hooks";
import { Problem, put, remove } from "../../api";
import { Button } from "../../kit/button";
import { Diff } from "../../kit/diff";
import { Confirm, Dialog } from "../../kit/dialog";
import { done, failed } from "../../notices";
import { go } from "../../route";
import { language, t } from "../../words";
import { type Draft, forget, rebase } from "./drafts";
import { Refusal } from "./trial";

export function Save({
  path,
  before,
  after,
  etag,
  copies,
  renew,
  close,
}: {
  path: string;
  before: string;
  after: string;
  etag: string;
  copies: boolean;
  renew: () => void;
  close: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Problem>();
  const save = async () => {
    setBusy(true);
    try {
      const saved = await put("/api/v1/rules/{path}", {
        path: { path },
        query: { language: language.peek() },
        body: { text: after, etag },
      });
      // What was typed meanwhile goes on from what was saved.
      rebase(path, after, saved.file?.etag ?? "");
      done(t("rules.saved", { path }));
      close();
      renew();
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem && error.status) setRefused(error);
      else failed(error);
      if (error instanceof Problem && error.kind === "changed-meanwhile") renew();
    }
  };
  return (
    <Dialog
      title={t("rules.saveTitle", { path })}
      close={close}
      wide
      actions={
        <>
          <Button onClick={close}>{t("kit.cancel")}</Button>
          <Button look="main" icon="check" busy={busy} onClick={() => void save()}>
            {t("rules.saveNow")}
          </Button>
        </>
      }
    >
      <p class="muted small">{copies ? t("rules.saveCopies") : t("rules.saveAbout")}</p>
      <Diff before={before} after={after} label={t("rules.diff")} />
      {refused && <Refusal of={refused} />}
    </Dialog>
  );
}

/** The file was changed since a draft was begun: what changed, and whether to keep the draft. */
export function Moved({
  path,
  draft,
  saved,
  keep,
  discard,
  close,
}: {
  path: string;
  draft: Draft;
  saved: string;
  keep: () => void;
  discard: () => void;
  close: () => void;
}) {
  const then = (act: () => void) => () => {
    act();
    close();
  };
  return (
    <Dialog
      title={t("rules.movedTitle", { path })}
      close={close}
      wide
      actions={
        <>
          <Button onClick={then(discard)}>{t("rules.discard")}</Button>
          <Button look="main" onClick={then(keep)}>
            {t("rules.movedKeep")}
          </Button>
        </>
      }
    >
      <p class="muted small">{t("rules.movedAbout")}</p>
      <Diff before={draft.base ?? ""} after={saved} label={t("rules.diff")} />
    </Dialog>
  );
}

export function Delete({
  path,
  etag,
  renew,
  close,
}: {
  path: string;
  etag: string;
  renew: () => void;
  close: () => void;
}) {
  const act = () =>
    remove("/api/v1/rules/{path}", { path: { path }, query: { etag } }).then(() => {
      forget(path);
      done(t("rules.deleted", { path }));
      renew();
      go("/rules");
    }, failed);
  return (
    <Confirm
      title={t("rules.deleteTitle", { path })}
      does={t("rules.delete")}
      act={() => void act()}
      close={close}
    >
      <p>{t("rules.deleteAbout")}</p>
    </Confirm>
  );
}
