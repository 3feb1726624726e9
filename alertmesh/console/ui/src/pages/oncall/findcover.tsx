import { useSignal } from "@preact/signals";
import { post, Problem } from "../../api";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Choose, Field } from "../../kit/field";
import { done, failed } from "../../notices";
import { called, people } from "../../people";
import { language, t } from "../../words";
import { fromField, toField } from "../../zoned";
import { acting, dutyOf, end, type Mine, span, type Turn } from "./model";

const WEEK_MS = 7 * 86_400_000;

/** Have somebody take a shift of one's own: ask everybody or one person, swap, or hand it over at once. */
export function FindCover({
  of,
  turns,
  changed,
  close,
}: {
  of: Mine;
  turns: readonly Turn[];
  changed: () => void;
  close: () => void;
}) {
  const running = Date.parse(of.starts) <= Date.now();
  const from = useSignal(toField(of.starts));
  const to = useSignal(toField(of.ends ?? Date.parse(of.starts) + WEEK_MS));
  const person = useSignal("");
  const back = useSignal("");
  const comment = useSignal("");
  const wrong = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const others = [...people.value.values()].filter((one) => one.reachable && one.name !== acting.value);
  const theirs = person.value
    ? dutyOf(
        person.value,
        turns.filter((one) => one.roster === of.roster),
      ).filter((one) => one.first && Date.parse(one.starts) > Date.now() && one.ends)
    : [];
  const send = async (state: "asked" | "agreed") => {
    busy.value = true;
    wrong.value = null;
    const swap = theirs.find((one) => one.starts === back.value);
    const body = {
      roster: of.roster,
      covered: acting.peek(),
      created_by: acting.peek(),
      person: person.value,
      state,
      comment: comment.value,
      // What runs already is given from now on.
      ...(!running && { starts_at: fromField(from.value) }),
      ends_at: fromField(to.value),
      ...(swap && { in_return: { starts_at: swap.starts, ends_at: swap.ends } }),
    };
    try {
      const made = await post("/api/v1/oncall/overrides", { query: { language: language.peek() }, body });
      const said = state === "asked" ? "oncall.askedDone" : "oncall.givenDone";
      const warned = made.warnings.length ? ` ${made.warnings.join("; ")}` : "";
      done(t(said, { who: called(person.value) || t("oncall.anybody") }) + warned, () => {
        void end(made.id).then(changed, failed);
      });
      close();
      changed();
    } catch (error) {
      if (error instanceof Problem && error.status === 422) wrong.value = error;
      else failed(error, t("oncall.findCover"));
      busy.value = false;
    }
  };
  const fault = (field: string) => (wrong.value?.field === field ? wrong.value.message : undefined);
  const unplaced =
    wrong.value && !["person", "starts_at", "ends_at", "in_return"].includes(wrong.value.field);
  return (
    <Dialog
      title={t("oncall.findCoverFor", { roster: of.roster, span: span(of.starts, of.ends) })}
      close={close}
      actions={
        <>
          {person.value && (
            <Button look={running ? "main" : "plain"} busy={busy.value} onClick={() => void send("agreed")}>
              {t("oncall.giveTo", { who: called(person.value) })}
            </Button>
          )}
          {!running && (
            <Button look="main" busy={busy.value} onClick={() => void send("asked")}>
              {person.value ? t("oncall.askPerson", { who: called(person.value) }) : t("oncall.askAnybody")}
            </Button>
          )}
        </>
      }
    >
      <p class="muted">{t(running ? "oncall.findCoverRunning" : "oncall.findCoverHow")}</p>
      <Choose
        label={t("oncall.who")}
        value={person.value}
        error={fault("person")}
        of={[
          ["", t(running ? "oncall.choose" : "oncall.anybody")],
          ...others.map((one) => [one.name, one.display || one.name] as const),
        ]}
        change={(value) => {
          person.value = value;
          back.value = "";
        }}
      />
      {theirs.length > 0 && !running && (
        <Choose
          label={t("oncall.inReturn")}
          value={back.value}
          error={fault("in_return")}
          of={[
            ["", t("oncall.nothing")],
            ...theirs.map((one) => [one.starts, span(one.starts, one.ends)] as const),
          ]}
          change={(value) => (back.value = value)}
        />
      )}
      <div class="pair">
        {!running && (
          <Field
            type="datetime-local"
            label={t("oncall.from")}
            value={from.value}
            error={fault("starts_at")}
            change={(value) => (from.value = value)}
          />
        )}
        <Field
          type="datetime-local"
          label={t("oncall.to")}
          value={to.value}
          error={fault("ends_at")}
          change={(value) => (to.value = value)}
        />
      </div>
      <Field label={t("oncall.comment")} value={comment.value} change={(value) => (comment.value = value)} />
      {unplaced && (
        <p class="wrong" role="alert">
          {wrong.value?.message}
        </p>
      )}
    </Dialog>
  );
}
