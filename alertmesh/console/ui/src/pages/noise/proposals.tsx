/** What the digest proposes: why, what would be written, what it would have changed, and doing it with one tap. */

import { useState } from "preact/hooks";
import { type Answer, get, post, Problem, remove } from "../../api";
import { Button } from "../../kit/button";
import { Diff } from "../../kit/diff";
import { Dialog } from "../../kit/dialog";
import { Icon } from "../../kit/icon";
import { Section } from "../../kit/layout";
import { PriorityMark, Tag, Time } from "../../kit/marks";
import { Menu } from "../../kit/menu";
import { Empty, Held } from "../../kit/states";
import { done, failed } from "../../notices";
import { full } from "../../numbers";
import { useResource } from "../../resource";
import { may } from "../../session";
import { length } from "../../time";
import { t, tOr } from "../../words";
import { Refusal, TrialDialog } from "../rules/trial";

type Digest = Answer<"/api/v1/digest">;
type Proposal = Digest["proposals"][number];
type Resource = { reload: () => void };

const MOST = 100;

export function Proposals() {
  const digest = useResource((signal) => get("/api/v1/digest", { query: { limit: MOST }, signal }), []);
  return (
    <Section title={t("noise.proposals")} {...(digest.data && { count: digest.data.total })}>
      <Held of={digest}>
        {(found) =>
          found.proposals.length ? (
            <>
              <ul class="proposals">
                {found.proposals.map((one) => (
                  <Line key={one.id} of={one} list={digest} />
                ))}
              </ul>
              {found.total > found.proposals.length && (
                <p class="muted">{t("noise.moreProposals", { n: found.total - found.proposals.length })}</p>
              )}
            </>
          ) : (
            <Empty title={t("noise.noProposals")}>{t("noise.noProposalsAbout")}</Empty>
          )
        }
      </Held>
    </Section>
  );
}

function Line({ of, list }: { of: Proposal; list: Resource }) {
  const [shown, show] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      failed(error);
    }
    setBusy(false);
    list.reload();
  };
  const dismiss = (days: number) =>
    act(async () => {
      await post("/api/v1/digest/{id}/dismiss", { path: { id: of.id }, body: { days } });
      const back = () =>
        void post("/api/v1/digest/{id}/recall", { path: { id: of.id } }).then(list.reload, failed);
      done(t("noise.dismissed", { name: of.name, n: days }), back);
    });
  return (
    <li class="proposal">
      <div class="row proposal-head">
        <PriorityMark of={of.priority} />
        <strong>{of.name}</strong>
        <Tag>{t(`noise.kind_${of.noise}`)}</Tag>
        {Object.entries(of.owner).map(([key, value]) => (
          <span key={key} class="muted small">
            {key} {value}
          </span>
        ))}
      </div>
      <p>{why(of)}</p>
      <p class="muted small">
        {t("noise.sinceWhen")} <Time at={of.since} />
      </p>
      <div class="row proposal-actions">
        {of.applied && (
          <>
            <Tag tone="ok">{t("noise.applied")}</Tag>
            <a href={`/rules?file=${encodeURIComponent(of.applied.path)}`}>
              <code>{of.applied.path}</code>
            </a>
            <span class="muted small">
              {of.applied.by} · <Time at={of.applied.at} />
            </span>
            {may("admin") && (
              <Button size="small" icon="undo" busy={busy} onClick={() => void act(() => takeBack(of))}>
                {t("kit.undo")}
              </Button>
            )}
          </>
        )}
        {!of.applied && of.snippet && (
          <Button size="small" look="main" icon="check" onClick={() => show(true)}>
            {t("noise.look")}
          </Button>
        )}
        {!of.applied && may("respond") && (
          <Menu
            says={t("noise.dismiss")}
            class="small"
            of={[1, 7, 30].map((days) => ({
              name: t("noise.dismissFor", { n: days }),
              act: () => void dismiss(days),
            }))}
          >
            <Icon name="close" size={16} /> {t("noise.dismiss")}
          </Menu>
        )}
      </div>
      {shown && <Applying of={of} list={list} close={() => show(false)} />}
    </li>
  );
}

/** Why it is noise and what to do about it, by its numbers, in the reader's language. */
function why(of: Proposal): string {
  const n = of.numbers;
  const values = {
    seen: n["seen"] ?? 0,
    of: n["of"] ?? 0,
    lasts: length(n["lasts_s"] ?? 0),
    episodes: full(n["episodes"] ?? 0),
    usual: length(n["usual_s"] ?? 0),
    firing: length(n["firing_s"] ?? 0),
    wait: Math.ceil((n["usual_s"] ?? 0) / 60) + 1,
  };
  return `${t(`noise.why_${of.noise}`, { ...values, when: when(of.snippet) })} ${t(`noise.remedy_${of.remedy}`, values)}`;
}

/** The time of day of a window that is proposed: `mon 01:55–02:25 UTC`. */
function when(snippet: string): string {
  const part = (name: string) => new RegExp(`^ +${name}: "?([^"\\n]+)"?$`, "m").exec(snippet)?.[1] ?? "";
  const day = part("days").replace(/[[\]]/g, "");
  return [day && tOr(`noise.day_${day}`, day), `${part("begins")}–${part("ends")}`, part("zone")]
    .filter(Boolean)
    .join(" ");
}

/**
 * Delete the file that a proposal became, or take its version before back, and open the proposal again. What people
 * changed in the file since stays: they see to it themselves.
 */
async function takeBack(of: Proposal): Promise<void> {
  if (!of.applied) return;
  const path = { path: of.applied.path };
  const file = await get("/api/v1/rules/{path}", { path });
  const etag = file.file?.etag ?? "";
  const applied = of.applied.version;
  const before = file.versions.find((one) => one.number < applied && one.digest);
  if (file.file?.origin === "own") {
    if (file.versions[0]?.number !== applied) {
      failed(t("noise.changedSince", path), t("noise.notTakenBack", { name: of.name }));
      return;
    }
    if (before) await post("/api/v1/rules/{path}/rollback", { path, body: { version: before.number, etag } });
    else await remove("/api/v1/rules/{path}", { path, query: { etag } });
  }
  await post("/api/v1/digest/{id}/recall", { path: { id: of.id } });
  done(t("noise.takenBack", { name: of.name }));
}

function Applying({ of, list, close }: { of: Proposal; list: Resource; close: () => void }) {
  const preview = useResource(
    (signal) => post("/api/v1/digest/{id}/preview", { path: { id: of.id }, signal }),
    [of.id],
  );
  const [busy, setBusy] = useState(false);
  const [trying, tryOut] = useState(false);
  const [refused, setRefused] = useState<Problem>();
  const apply = async () => {
    setBusy(true);
    try {
      const saved = await post("/api/v1/digest/{id}/apply", { path: { id: of.id } });
      close();
      list.reload();
      const applied = { path: saved.path, version: saved.version.number, by: "", at: saved.version.at };
      done(
        t("noise.appliedAs", { path: saved.path }),
        () => void takeBack({ ...of, applied }).then(list.reload, failed),
      );
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem && error.status) setRefused(error);
      else failed(error);
    }
  };
  const found = preview.data;
  const bad = !!found && (found.verdict.faults.length > 0 || !!found.why_not);
  if (trying && found)
    return <TrialDialog files={{ [found.path]: found.after }} close={() => tryOut(false)} />;
  return (
    <Dialog
      title={t("noise.applyTitle", { name: of.name })}
      close={close}
      wide
      actions={
        <>
          {may("admin") && (
            <Button icon="play" disabled={!found || bad} onClick={() => tryOut(true)}>
              {t("noise.whatIf")}
            </Button>
          )}
          {may("admin") && (
            <Button
              look="main"
              icon="check"
              busy={busy}
              disabled={!found || bad}
              onClick={() => void apply()}
            >
              {t("noise.apply")}
            </Button>
          )}
        </>
      }
    >
      <p>{why(of)}</p>
      <Held of={preview}>
        {(one) => (
          <div class="trial">
            {one.why_not && <p class="hint">{one.why_not}</p>}
            <p class="muted small">
              {t("noise.writes")} <code>{one.path}</code>
              {one.copies.length > 0 && <> · {t("noise.copies", { files: one.copies.join(", ") })}</>}
            </p>
            <Diff before={one.before} after={one.after} label={t("rules.diff")} />
            {one.verdict.faults.map((fault) => (
              <p key={fault.message} class="error">
                {fault.path}:{fault.line} {fault.message}
              </p>
            ))}
          </div>
        )}
      </Held>
      {refused && <Refusal of={refused} />}
    </Dialog>
  );
}
