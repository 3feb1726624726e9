/** Send somebody a test message, and see what becomes of it. */

import { useSignal } from "@preact/signals";
import { Problem, post } from "../../api";
import { Button } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Choose } from "../../kit/field";
import { done, failed } from "../../notices";
import { ask } from "../../route";
import { t } from "../../words";

export function TestDialog({
  people,
  channels,
  close,
}: {
  people: (readonly [string, string])[];
  channels: string[];
  close: () => void;
}) {
  const person = useSignal(people[0]?.[0] ?? "");
  const channel = useSignal("");
  const why = useSignal("");
  const busy = useSignal(false);
  const send = async () => {
    busy.value = true;
    why.value = "";
    try {
      const sent = await post("/api/v1/users/{name}/test", {
        path: { name: person.value },
        body: { channel: channel.value },
      });
      done(t("delivery.testSent", { n: sent.attempts.length }));
      close();
      ask({ page: sent.page, state: null, channel: null, person: null });
      document.getElementById("receipts")?.scrollIntoView();
    } catch (error) {
      if (error instanceof Problem && error.field === "channel") why.value = error.message;
      else failed(error);
    } finally {
      busy.value = false;
    }
  };
  const actions = (
    <>
      <Button onClick={close}>{t("kit.cancel")}</Button>
      <Button
        look="main"
        icon="delivery"
        busy={busy.value}
        disabled={!person.value}
        onClick={() => void send()}
      >
        {t("delivery.sendTest")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("delivery.testTitle")} close={close} actions={actions}>
      <p class="muted">{t("delivery.testMeans")}</p>
      <Choose
        label={t("delivery.person")}
        value={person.value}
        change={(value) => {
          person.value = value;
        }}
        of={people}
      />
      <Choose
        label={t("delivery.channel")}
        value={channel.value}
        error={why.value || undefined}
        change={(value) => {
          channel.value = value;
        }}
        of={[["", t("delivery.everyWay")], ...channels.map((name) => [name, name] as const)]}
      />
      {why.value && (
        <p class="delivery-alarm" role="alert">
          {why.value}
        </p>
      )}
    </Dialog>
  );
}
