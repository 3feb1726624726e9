/** One rule file: read, written, checked, tried, put into force. */

import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Answer, get, post } from "../../api";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Banner } from "../../kit/layout";
import { Tag, Time } from "../../kit/marks";
import { Menu } from "../../kit/menu";
import { Held } from "../../kit/states";
import { done, failed } from "../../notices";
import { useResource } from "../../resource";
import { may } from "../../session";
import { language, t } from "../../words";
import { drafts, forget, keep, rebase } from "./drafts";
import type { Editor, Mark } from "./editor";
import { Faults, type Found, marksOf, UNCHECKED, useChecked } from "./faults";
import { History } from "./history";
import { Delete, Moved, Save } from "./save";
import type { Schema } from "./shape";
import { TrialDialog } from "./trial";

type Text = Answer<"/api/v1/rules/{path}">;

/** A file by its path; one that is not there yet is begun with an empty text. */
export function File({ path, isNew, changed }: { path: string; isNew: boolean; changed: () => void }) {
  const file = useResource(
    async (signal) => (isNew ? nothing(path) : get("/api/v1/rules/{path}", { path: { path }, signal })),
    [path, isNew],
  );
  return (
    <section class="card rule-file" aria-label={path}>
      <Held of={file} lines={12}>
        {(found) => (
          <Editing
            key={path}
            file={found}
            renew={() => {
              file.reload();
              changed();
            }}
          />
        )}
      </Held>
    </section>
  );
}

const nothing = (path: string): Text => ({ path, file: null, text: null, version: null, versions: [] });

type Shown = "save" | "moved" | "trial" | "history" | "delete" | null;

function Editing({ file, renew }: { file: Text; renew: () => void }) {
  const { path } = file;
  const saved = file.file ? (file.text ?? "") : null;
  const draft = useComputed(() => drafts.value[path]);
  const text = draft.value?.text ?? saved ?? "";
  const etag = file.file?.etag ?? "";
  const moved = draft.value !== undefined && draft.value.etag !== etag;
  const [faults, setFaults] = useState<Found>(UNCHECKED);
  const [shown, show] = useState<Shown>(null);
  const editor = useRef<Editor | null>(null);
  const writable = may("admin") && !file.file?.why_not;
  const dirty = draft.value !== undefined || saved === null;
  useChecked(path, text, dirty && writable, setFaults);
  const marks = useMemo(() => marksOf(faults, path), [faults, path]);
  const close = () => show(null);
  const save = () => show(moved ? "moved" : "save");
  const loaded = () => {
    done(t("rules.loaded"));
    renew();
  };
  const leave = () => {
    forget(path);
    editor.current?.show(saved ?? "");
  };
  return (
    <>
      <Head file={file} dirty={dirty} />
      {file.file?.why_not && <p class="hint">{file.file.why_not}</p>}
      {file.file?.pending && (
        <Banner tone="warn">
          {t("rules.pendingAbout")}{" "}
          {may("admin") && (
            <Button size="small" icon="retry" onClick={() => void post("/-/reload").then(loaded, failed)}>
              {t("rules.load")}
            </Button>
          )}
        </Banner>
      )}
      {moved && writable && (
        <Banner tone="warn">
          {t("rules.moved")}{" "}
          <Button size="small" onClick={() => show("moved")}>
            {t("rules.movedSee")}
          </Button>
        </Banner>
      )}
      <Frame
        path={path}
        kind={file.file?.schema ?? kindOf(path)}
        text={text}
        saved={saved}
        etag={etag}
        marks={marks}
        writable={writable}
        save={save}
        editor={editor}
      />
      <Faults
        of={faults}
        path={path}
        dirty={dirty}
        reach={(line, column) => editor.current?.reach(line, column)}
      />
      <div class="row rule-actions">
        {writable && (
          <Button look="main" icon="check" disabled={!dirty} onClick={save}>
            {t("rules.saveAs")}
          </Button>
        )}
        {may("admin") && (
          <Button icon="play" disabled={!dirty} onClick={() => show("trial")}>
            {t("rules.trial")}
          </Button>
        )}
        {file.versions.length > 0 && (
          <Button icon="clock" onClick={() => show("history")}>
            {t("rules.history", { n: file.versions.length })}
          </Button>
        )}
        {writable && (
          <Menu
            says={t("rules.more")}
            of={[
              { name: t("rules.discard"), act: leave, disabled: draft.value === undefined },
              {
                name: t("rules.delete"),
                act: () => show("delete"),
                danger: true,
                disabled: file.file?.origin !== "own",
              },
            ]}
          >
            <Icon name="more" />
          </Menu>
        )}
      </div>
      {shown === "save" && (
        <Save
          path={path}
          before={saved ?? ""}
          after={text}
          etag={draft.value?.etag ?? etag}
          copies={file.file?.origin !== "own"}
          renew={renew}
          close={close}
        />
      )}
      {shown === "moved" && draft.value && (
        <Moved
          path={path}
          draft={draft.value}
          saved={saved ?? ""}
          keep={() => rebase(path, saved, etag)}
          discard={leave}
          close={close}
        />
      )}
      {shown === "trial" && <TrialDialog files={{ [path]: text }} close={close} />}
      {shown === "history" && (
        <History
          path={path}
          versions={file.versions}
          current={saved ?? ""}
          etag={etag}
          may={writable}
          back={() => {
            close();
            forget(path);
            renew();
          }}
          close={close}
        />
      )}
      {shown === "delete" && <Delete path={path} etag={etag} renew={renew} close={close} />}
    </>
  );
}

function Head({ file, dirty }: { file: Text; dirty: boolean }) {
  const newest = file.file?.version;
  return (
    <header class="rule-head">
      <a href="/rules" class="rule-back">
        <Icon name="left" /> {t("rules.all")}
      </a>
      <h2 class="grow">
        <code>{file.path}</code>
      </h2>
      <span class="row">
        {dirty && <Tag tone="accent">{file.file ? t("rules.draft") : t("rules.newFile")}</Tag>}
        {file.file?.origin === "shipped" && <Tag>{t("rules.shipped")}</Tag>}
        {file.file?.pending && <Tag tone="warn">{t("rules.pending")}</Tag>}
        {newest && (
          <span class="muted small">
            {t(`rules.how_${newest.how}`)} · {newest.actor || t("rules.onDisk")} · <Time at={newest.at} />
          </span>
        )}
      </span>
    </header>
  );
}

function Frame({
  path,
  kind,
  text,
  saved,
  etag,
  marks,
  writable,
  save,
  editor,
}: {
  path: string;
  kind: string | null;
  text: string;
  saved: string | null;
  etag: string;
  marks: readonly Mark[];
  writable: boolean;
  save: () => void;
  editor: { current: Editor | null };
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const newest = useRef({ saved, etag, save });
  newest.current = { saved, etag, save };
  useEffect(() => {
    let gone = false;
    const load = async () => {
      const [{ edit }, schema] = await Promise.all([import("./editor"), schemaOf(kind)]);
      if (gone || !frame.current) return;
      const words = {
        label: path,
        takes: t("rules.takes"),
        standard: t("rules.standard"),
        examples: t("rules.examples"),
      };
      const changed = (next: string) => keep(path, next, newest.current.saved, newest.current.etag);
      editor.current = edit(frame.current, text, schema, words, changed, () => newest.current.save());
      setReady(true);
    };
    void load().catch(failed);
    return () => {
      gone = true;
      editor.current?.close();
      editor.current = null;
    };
  }, [path, kind]);
  useEffect(() => {
    if (drafts.peek()[path] === undefined) editor.current?.show(saved ?? "");
  }, [saved]);
  useEffect(() => editor.current?.mark(marks), [marks, ready]);
  useEffect(() => editor.current?.permit(writable), [writable, ready]);
  return <div ref={frame} class={`rule-editor ${ready ? "" : "loading"}`} />;
}

async function schemaOf(kind: string | null): Promise<Schema | null> {
  if (!kind || kind === "messages") return null;
  const query = { language: language.peek() };
  return (await get("/api/v1/rules/schema/{name}", { path: { name: kind }, query })) as Schema;
}

export const kindOf = (path: string): string =>
  path.split("/").length > 1 ? (path.split("/")[0] ?? "") : path.replace(/\.ya?ml$/, "");
