/** Silences one beneath the other: what, why, by whom, how long still; and what can be done with each. */

import { post, remove } from "../../api";
import { Button } from "../../kit/button";
import { Count, Countdown, Tag, Time, type Tone } from "../../kit/marks";
import { Menu } from "../../kit/menu";
import { done, failed } from "../../notices";
import { may } from "../../session";
import { absolute, length } from "../../time";
import { t } from "../../words";
import { again, changing, conditions, type Draft, type Silence, type State } from "./model";

const TONES: Record<string, Tone> = { active: "accent", pending: "plain", expired: "plain" };
const EXTENSIONS_S = [3_600, 14_400, 86_400] as const;
const SOON_MS = 86_400_000;

export function SilenceList({
  of,
  edit,
  changed,
}: {
  of: readonly Silence[];
  edit: (draft: Draft) => void;
  changed: () => void;
}) {
  return (
    <ul class="silences">
      {of.map((one) => (
        <SilenceRow key={one.id} of={one} edit={edit} changed={changed} />
      ))}
    </ul>
  );
}

function SilenceRow({
  of,
  edit,
  changed,
}: {
  of: Silence;
  edit: (draft: Draft) => void;
  changed: () => void;
}) {
  const state = of.state as State;
  return (
    <li class={`silence ${state}`}>
      <div class="stack">
        <div class="row">
          {conditions(of.matchers).map((one) => (
            <code key={one} class="condition">
              {one}
            </code>
          ))}
        </div>
        <p>{of.comment}</p>
        <p class="muted small">{t("silences.by", { who: of.created_by })}</p>
      </div>
      <div class="stack silence-when">
        <div class="row">
          <Tag tone={TONES[state] ?? "plain"}>{t(`silences.state.${state}`)}</Tag>
          {state !== "expired" && (
            <span class={of.alerts ? "" : "muted"}>
              <Count of={of.alerts} /> {t("silences.alerts", { n: of.alerts })}
            </span>
          )}
        </div>
        <p class="small">
          <When of={of} />
        </p>
      </div>
      <Actions of={of} edit={edit} changed={changed} />
    </li>
  );
}

function When({ of }: { of: Silence }) {
  if (of.state === "expired") {
    return (
      <>
        {t("silences.ended")} <Time at={of.ends_at} />
      </>
    );
  }
  if (of.state === "pending") {
    return (
      <>
        {t("silences.begins")} <Time at={of.starts_at} as="clock" /> {t("silences.thenUntil")}{" "}
        <Time at={of.ends_at} as="clock" />
      </>
    );
  }
  const near = new Date(of.ends_at).getTime() - Date.now() < SOON_MS;
  return (
    <>
      {t("silences.left")} {near ? <Countdown until={of.ends_at} /> : <Time at={of.ends_at} />}
      <span class="muted">
        {" · "}
        <Time at={of.ends_at} as="clock" />
      </span>
    </>
  );
}

function Actions({ of, edit, changed }: { of: Silence; edit: (draft: Draft) => void; changed: () => void }) {
  if (!may("respond")) return null;
  if (of.state === "expired") {
    return (
      <div class="row silence-acts">
        <Button size="small" onClick={() => edit(again(of))}>
          {t("silences.again")}
        </Button>
      </div>
    );
  }
  const put = (ends: string, said: string, id: string, undo?: () => void) =>
    post("/api/v1/silences", {
      body: { id, matchers: of.matchers, comment: of.comment, ends_at: ends },
    }).then(
      () => {
        done(said, undo);
        changed();
      },
      (error: unknown) => failed(error, said),
    );
  const extend = (seconds: number) => {
    const ends = new Date(new Date(of.ends_at).getTime() + seconds * 1_000).toISOString();
    void put(ends, t("silences.extended", { until: absolute(ends) }), of.id, () =>
      put(of.ends_at, t("silences.takenBack"), of.id),
    );
  };
  const end = async () => {
    try {
      await remove("/api/v1/silences/{id}", { path: { id: of.id } });
      // What is over stays over: to take it back is to make another one until the same moment.
      done(
        t("silences.endedNow"),
        of.state === "active" ? () => void put(of.ends_at, t("silences.takenBack"), "") : undefined,
      );
      changed();
    } catch (error) {
      failed(error, t("silences.end"));
    }
  };
  return (
    <div class="row silence-acts">
      <Menu
        says={t("silences.extend")}
        class="small"
        of={[
          ...EXTENSIONS_S.map((seconds) => ({
            name: t("silences.by.length", { length: length(seconds) }),
            act: () => extend(seconds),
          })),
          { name: t("silences.edit"), act: () => edit(changing(of)) },
        ]}
      >
        {t("silences.extend")}
      </Menu>
      <Button size="small" look="danger" onClick={() => void end()}>
        {t("silences.end")}
      </Button>
    </div>
  );
}
