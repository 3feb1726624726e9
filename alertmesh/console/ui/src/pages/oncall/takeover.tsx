import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { post } from "../../api";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Field } from "../../kit/field";
import { done, failed } from "../../notices";
import { called } from "../../people";
import { clock, second } from "../../time";
import { t } from "../../words";
import { fromField, toField } from "../../zoned";
import { acting, type Duty, end } from "./model";

const HOURS = [1, 4, 8];
const HOUR_MS = 3_600_000;

/** Return what asks to take over a roster, and the question while it is asked. */
export function useTakeOver(changed: () => void): [take: (of: Duty) => void, asking: ComponentChildren] {
  const taking = useSignal<Duty | null>(null);
  const close = () => (taking.value = null);
  return [
    (of) => (taking.value = of),
    taking.value && <TakeOver of={taking.value} changed={changed} close={close} />,
  ];
}

/** Take over at once: the second tap says until when. */
function TakeOver({ of, changed, close }: { of: Duty; changed: () => void; close: () => void }) {
  const typed = useSignal(toField(second.peek() + 12 * HOUR_MS));
  const busy = useSignal(false);
  const send = async (until: string) => {
    busy.value = true;
    const body = { roster: of.roster, person: acting.peek(), ends_at: until, created_by: acting.peek() };
    try {
      const made = await post("/api/v1/oncall/overrides", { body });
      done(t("oncall.taken", { roster: of.roster, until: clock(until) }), () => {
        void end(made.id).then(changed, failed);
      });
      close();
      changed();
    } catch (error) {
      failed(error, t("oncall.takeOver"));
      busy.value = false;
    }
  };
  const later = (hours: number) => new Date(second.peek() + hours * HOUR_MS).toISOString();
  return (
    <Dialog title={t("oncall.takeOverOf", { roster: of.roster })} close={close}>
      <p class="muted">
        {of.primary ? t("oncall.takeOverWhat", { who: called(of.primary) }) : t("oncall.takeOverGap")}
      </p>
      <div class="duty-choices">
        {of.until && of.primary && (
          <Button look="main" size="big" disabled={busy.value} onClick={() => void send(of.until ?? "")}>
            {t("oncall.untilEnd", { at: clock(of.until) })}
          </Button>
        )}
        {HOURS.map((hours) => (
          <Button key={hours} size="big" disabled={busy.value} onClick={() => void send(later(hours))}>
            {t("oncall.forHours", { n: hours })}
          </Button>
        ))}
      </div>
      <form
        class="row at-end"
        onSubmit={(event) => {
          event.preventDefault();
          void send(fromField(typed.value));
        }}
      >
        <div class="grow">
          <Field
            type="datetime-local"
            label={t("oncall.orUntil")}
            value={typed.value}
            change={(value) => (typed.value = value)}
          />
        </div>
        <Button type="submit" disabled={busy.value || !fromField(typed.value)}>
          {t("oncall.takeOver")}
        </Button>
      </form>
    </Dialog>
  );
}
