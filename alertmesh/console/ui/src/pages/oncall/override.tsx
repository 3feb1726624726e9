import { useSignal } from "@preact/signals";
import { post } from "../../api";
import { Button } from "../../kit/button";
import { Tag } from "../../kit/marks";
import { done, failed } from "../../notices";
import { called } from "../../people";
import { may } from "../../session";
import { t } from "../../words";
import { acting, end, mayAnswer, type Override, span } from "./model";

const TONES = { asked: "warn", agreed: "ok" } as const;

/** Somebody stands in for somebody, or is asked to; with what one can do about it. */
export function OverrideRow({ of, changed }: { of: Override; changed: () => void }) {
  const busy = useSignal(false);
  const work = (said: string, send: () => Promise<unknown>) => {
    busy.value = true;
    send()
      .then(() => {
        done(said);
        changed();
      }, failed)
      .finally(() => {
        busy.value = false;
      });
  };
  const answer = (accepts: boolean) => {
    const path = { path: { id: of.id }, body: { person: acting.peek() } };
    work(t(accepts ? "oncall.accepted" : "oncall.declined"), () =>
      accepts
        ? post("/api/v1/oncall/overrides/{id}/accept", path)
        : post("/api/v1/oncall/overrides/{id}/decline", path),
    );
  };
  const stop = () => work(t(of.state === "asked" ? "oncall.takenBack" : "oncall.ended"), () => end(of.id));
  const mine = mayAnswer(of, acting.value);
  const running = of.state === "asked" || of.state === "agreed";
  return (
    <li class="override">
      <div class="grow">
        <div class="row">
          <strong>{inWords(of)}</strong>
          <Tag tone={TONES[of.state as keyof typeof TONES] ?? "plain"}>
            {of.active ? t("oncall.active") : t(`oncall.state.${of.state}`)}
          </Tag>
        </div>
        <div class="small">
          {of.roster} · {span(of.starts_at, of.ends_at)}
          {of.in_return && (
            <> · {t("oncall.returns", { span: span(of.in_return.starts_at, of.in_return.ends_at) })}</>
          )}
        </div>
        {of.comment && <div class="small duty-said">{of.comment}</div>}
        <div class="small muted">
          {t("oncall.madeBy", { who: called(of.created_by) })}
          {of.answered_by && ` · ${t("oncall.answeredBy", { who: called(of.answered_by) })}`}
        </div>
      </div>
      {may("respond") && running && (
        <div class="row">
          {mine && (
            <>
              <Button look="main" busy={busy.value} onClick={() => answer(true)}>
                {t("oncall.accept")}
              </Button>
              {of.person && (
                <Button busy={busy.value} onClick={() => answer(false)}>
                  {t("oncall.decline")}
                </Button>
              )}
            </>
          )}
          {!mine && (
            <Button busy={busy.value} onClick={stop}>
              {t(of.state === "asked" ? "oncall.takeBack" : "oncall.end")}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function inWords(of: Override): string {
  const told = { person: called(of.person), covered: called(of.covered) };
  if (of.state === "asked") {
    if (!of.person) return t("oncall.asks", told);
    return t(of.in_return ? "oncall.asksSwap" : "oncall.asksOne", told);
  }
  if (!of.covered) return t("oncall.hasDuty", told);
  return t(of.in_return ? "oncall.swaps" : "oncall.standsIn", told);
}
