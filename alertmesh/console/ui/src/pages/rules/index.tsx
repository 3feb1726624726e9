/** The rules in force, by what they are about, and the file that is looked at. */

import { useState } from "preact/hooks";
import { type Answer, get } from "../../api";
import { composing } from "../../keys";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Choose, Field } from "../../kit/field";
import { Facts, Page } from "../../kit/layout";
import { Tag, Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { useResource } from "../../resource";
import { go, query } from "../../route";
import { may } from "../../session";
import { t, tOr } from "../../words";
import { drafts } from "./drafts";
import { File, kindOf } from "./file";
import "./rules.css";

type Rules = Answer<"/api/v1/rules">;
type One = Rules["files"][number];

const MOST = 500;
const FILES_MS = 15_000;

export default function RulesPage() {
  const rules = useResource(
    (signal) => get("/api/v1/rules", { query: { limit: MOST }, signal }),
    [],
    FILES_MS,
  );
  const [making, make] = useState(false);
  const path = query.value.get("file") ?? "";
  const actions = may("admin") && rules.data?.writable && (
    <Button icon="plus" onClick={() => make(true)}>
      {t("rules.new")}
    </Button>
  );
  return (
    <Page title={t("rules.title")} actions={actions} lead={t("rules.lead")}>
      <Held of={rules} lines={12}>
        {(found) => (
          <div class={`rules ${path ? "chosen" : ""}`}>
            <nav class="card rules-list" aria-label={t("rules.files")}>
              {found.kinds.map((kind) => (
                <Kind
                  key={kind}
                  kind={kind}
                  files={found.files.filter((one) => one.kind === kind)}
                  gone={found.gone}
                  path={path}
                />
              ))}
            </nav>
            {path ? (
              <File path={path} isNew={!isKnown(found, path)} changed={rules.reload} />
            ) : (
              <About of={found} />
            )}
          </div>
        )}
      </Held>
      {making && rules.data && <NewFile kinds={rules.data.kinds} close={() => make(false)} />}
    </Page>
  );
}

const isKnown = (rules: Rules, path: string) =>
  rules.files.some((one) => one.path === path) || rules.gone.includes(path);

function Kind({
  kind,
  files,
  gone,
  path,
}: {
  kind: string;
  files: readonly One[];
  gone: readonly string[];
  path: string;
}) {
  const others = [...Object.keys(drafts.value), ...gone].filter((one) => kindOf(one) === kind);
  const names = [...new Set([...files.map((one) => one.path), ...others])];
  if (!names.length) return null;
  return (
    <section>
      <h3>{tOr(`rules.kind_of_${kind}`, kind)}</h3>
      <ul>
        {names.map((name) => (
          <Line
            key={name}
            name={name}
            file={files.find((one) => one.path === name)}
            isGone={gone.includes(name)}
            chosen={name === path}
          />
        ))}
      </ul>
    </section>
  );
}

function Line({
  name,
  file,
  isGone,
  chosen,
}: {
  name: string;
  file: One | undefined;
  isGone: boolean;
  chosen: boolean;
}) {
  const version = file?.version;
  return (
    <li>
      <a
        href={`/rules?file=${encodeURIComponent(name)}`}
        {...(chosen && { "aria-current": "page" as const })}
      >
        <span class="row">
          <span class="grow">{name.split("/").pop()}</span>
          {drafts.value[name] !== undefined && <Tag tone="accent">{t("rules.draft")}</Tag>}
          {file?.pending && <Tag tone="warn">{t("rules.pending")}</Tag>}
          {isGone && <span class="muted small">{t("rules.how_deleted")}</span>}
          {file?.origin === "shipped" && <span class="muted small">{t("rules.shipped")}</span>}
        </span>
        {version && version.how !== "adopted" && (
          <span class="muted small">
            {version.actor || t("rules.onDisk")} · <Time at={version.at} />
          </span>
        )}
      </a>
    </li>
  );
}

function About({ of }: { of: Rules }) {
  const own = of.files.filter((one) => one.origin === "own").length;
  return (
    <section class="card rules-about" aria-label={t("rules.about")}>
      <h2>{t("rules.about")}</h2>
      {of.why_not && <p class="hint">{of.why_not}</p>}
      <Facts
        of={[
          [t("rules.folder"), <code key="folder">{of.folder}</code>],
          [t("rules.inForceVersion"), <code key="version">{of.version}</code>],
          [t("rules.ownFiles"), own],
          [t("rules.shippedFiles"), of.files.length - own],
        ]}
      />
      <p class="muted">{t("rules.aboutText")}</p>
    </section>
  );
}

function NewFile({ kinds, close }: { kinds: readonly string[]; close: () => void }) {
  const [kind, setKind] = useState("maintenance");
  const [name, setName] = useState("");
  const ending = kind === "messages" ? ".txt.j2" : ".yaml";
  const fits = /^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/.test(name);
  const begin = () => {
    if (!fits) return;
    close();
    go(`/rules?file=${encodeURIComponent(`${kind}/${name.replace(/\.(ya?ml|txt\.j2)$/, "")}${ending}`)}`);
  };
  return (
    <Dialog
      title={t("rules.new")}
      close={close}
      actions={
        <Button look="main" disabled={!fits} onClick={begin}>
          {t("rules.newBegin")}
        </Button>
      }
    >
      <Choose
        label={t("rules.newKind")}
        value={kind}
        change={setKind}
        of={kinds.map((one) => [one, tOr(`rules.kind_of_${one}`, one)] as const)}
      />
      <Field
        label={t("rules.newName")}
        value={name}
        change={setName}
        hint={`${kind}/${name || "…"}${ending}`}
        error={name && !fits ? t("rules.newNameBad") : undefined}
        onKeyDown={(event: KeyboardEvent) => event.key === "Enter" && !composing(event) && begin()}
      />
    </Dialog>
  );
}
