/** What is asked before something is done to an incident, one question at a time. */

import type { Signal } from "@preact/signals";
import { t } from "../../words";
import { SilenceLater } from "../silences/later";
import * as act from "./act";
import type { Chosen } from "./alerts";
import {
  AssignDialog,
  EscalateDialog,
  PickDialog,
  PriorityDialog,
  SnoozeDialog,
  TextDialog,
  WhyNotDialog,
} from "./dialogs";
import type { Asked } from "./state";

export type Question =
  | { what: Asked }
  | { what: "move" }
  | { what: "whyNot"; other: number }
  | { what: "silenceOf"; matchers: string };

/** Whatever is asked at the moment. */
export function Questions({
  asking,
  bench,
  chosen,
  move,
}: {
  asking: Signal<Question | null>;
  bench: act.Bench;
  chosen: Signal<Chosen>;
  move: (series: string[], into: number | null) => void;
}) {
  const now = asking.value;
  if (!now) return null;
  const close = () => (asking.value = null);
  const both = { bench, close };
  const { id, priority } = bench.incident;
  switch (now.what) {
    case "snooze":
      return <SnoozeDialog {...both} />;
    case "assign":
      return <AssignDialog {...both} />;
    case "escalate":
      return <EscalateDialog {...both} />;
    case "priority":
      return <PriorityDialog {...both} />;
    case "return":
      return (
        <TextDialog
          title={t("incident.return")}
          does={t("incident.return")}
          hint={t("incident.returnHint")}
          need
          send={(text) => act.giveBack(bench, text)}
          close={close}
        />
      );
    case "resolve":
      return (
        <TextDialog
          title={t("incident.resolveTitle", { id })}
          does={t("incident.resolve")}
          hint={t("incident.resolveHint")}
          send={(text) => act.resolve(bench, text)}
          close={close}
        />
      );
    case "close":
      return (
        <TextDialog
          title={t("incident.closeTitle", { id })}
          does={t("incident.close")}
          hint={t("incident.closeHint")}
          need={priority === "P1" || priority === "P2"}
          send={(text) => act.close(bench, text)}
          close={close}
        />
      );
    case "merge":
      return (
        <PickDialog
          title={t("incident.merge")}
          hint={t("incident.mergeHint")}
          except={id}
          pick={(into) => void act.merge(bench, into)}
          close={close}
        />
      );
    case "unrelated":
      return (
        <PickDialog
          title={t("incident.unrelated")}
          hint={t("incident.unrelatedHint")}
          except={id}
          pick={(other) => void act.unrelated(bench, { other })}
          close={close}
        />
      );
    case "why":
      return (
        <PickDialog
          title={t("incident.whyNotWith")}
          hint={t("incident.whyNotHint")}
          except={id}
          pick={(other) => (asking.value = { what: "whyNot", other })}
          close={close}
        />
      );
    case "move": {
      const series = [...chosen.value.keys()];
      return (
        <PickDialog
          title={t("incident.moveTitle", { n: series.length })}
          hint={t("incident.moveHint")}
          except={id}
          pick={(into) => move(series, into)}
          fresh={() => move(series, null)}
          close={close}
        />
      );
    }
    case "whyNot":
      return <WhyNotDialog incident={bench.incident} other={now.other} close={close} />;
    case "silenceOf":
      return (
        <SilenceLater
          matchers={now.matchers}
          close={close}
          made={() => {
            chosen.value = new Map();
            bench.reload();
          }}
        />
      );
    default:
      return null;
  }
}
