/** What to do, step by step; who ticked what is seen by everybody. */

import { useSignal } from "@preact/signals";
import { Icon } from "../../kit/icon";
import { Copy } from "../../kit/copy";
import { Time } from "../../kit/marks";
import { Share } from "../../kit/spark";
import { Empty } from "../../kit/states";
import { language, t } from "../../words";
import { called } from "../../people";
import type { Runbook, ServiceNote } from "./model";

type Tick = (runbook: string, step: number, on: boolean) => Promise<void>;

interface Given {
  of: readonly Runbook[];
  services: readonly ServiceNote[];
  url: string;
  tick: Tick | undefined;
}

export function Runbooks({ of, services, url, tick }: Given) {
  if (!of.length && !services.length && !url)
    return <Empty title={t("incident.noRunbook")}>{t("incident.noRunbookHint")}</Empty>;
  const begun = of.findIndex((book) => book.done > 0);
  return (
    <div class="stack">
      {of.map((book, place) => (
        <Book key={book.name} of={book} tick={tick} open={begun >= 0 ? place === begun : place === 0} />
      ))}
      {url && (
        <p>
          <a href={url} target="_blank" rel="noreferrer">
            {t("incident.linkedRunbook")} <Icon name="out" size={16} />
          </a>
        </p>
      )}
      {services.map((service) => (
        <Asked key={service.name} of={service} />
      ))}
    </div>
  );
}

/** Whom to ask about a service of the catalogue, and where to read about it. */
function Asked({ of }: { of: ServiceNote }) {
  return (
    <div role="group" aria-label={of.name}>
      <p>
        <strong>{of.name}</strong>
        {of.owner && <span class="muted"> · {t("incident.askOwner", { who: called(of.owner) })}</span>}
      </p>
      {of.links.map((link) => (
        <p key={link}>
          <a href={link} target="_blank" rel="noreferrer">
            {link.replace(/^https?:\/\//, "")} <Icon name="out" size={16} />
          </a>
        </p>
      ))}
    </div>
  );
}

function Book({ of, tick, open: first }: { of: Runbook; tick: Tick | undefined; open: boolean }) {
  const open = useSignal(first);
  const zh = language.value === "zh";
  return (
    <section class="book" aria-label={zh ? of.title.zh : of.title.en}>
      <button
        type="button"
        class="book-head"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="right" size={16} />
        <span class="grow">
          <strong>{zh ? of.title.zh : of.title.en}</strong>
          {of.alerts.length > 0 && <span class="muted small book-why cut">{of.alerts.join(", ")}</span>}
        </span>
        <span class="muted small nowrap">
          {t("incident.stepsDone", { n: of.done, all: of.steps.length })}
        </span>
      </button>
      {of.done > 0 && (
        <Share
          of={of.done / of.steps.length}
          says={t("incident.stepsDone", { n: of.done, all: of.steps.length })}
        />
      )}
      {open.value && (
        <ol class="steps">
          {of.steps.map((step) => (
            <li key={step.step} class={step.done ? "ticked" : ""}>
              <label class="check">
                <input
                  type="checkbox"
                  checked={step.done}
                  disabled={!tick}
                  onChange={(event) => void tick?.(of.name, step.step, event.currentTarget.checked)}
                />
                <span>
                  {zh ? step.text.zh : step.text.en}
                  {step.done && step.at && (
                    <small class="muted ticked-by">
                      {" "}
                      {called(step.by)} · <Time at={step.at} as="clock" />
                    </small>
                  )}
                </span>
              </label>
              {step.command && (
                <div class="command">
                  <code tabIndex={0}>{step.command}</code>
                  <Copy text={step.command} />
                </div>
              )}
            </li>
          ))}
          {of.link && (
            <li>
              <a href={of.link} target="_blank" rel="noreferrer">
                {t("incident.readMore")} <Icon name="out" size={16} />
              </a>
            </li>
          )}
        </ol>
      )}
    </section>
  );
}
