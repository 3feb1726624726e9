/** The form of a silence for other pages: it is loaded, with its words, when it is first asked for. */

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { failed } from "../../notices";
import { whole } from "../../words";

interface Asked {
  /** What the silence is for, to begin with. */
  matchers: string;
  close: () => void;
  made: () => void;
}

export function SilenceLater(of: Asked) {
  const loaded = useSignal<ComponentType<Asked> | null>(null);
  useEffect(() => {
    Promise.all([import("./form"), import("./model"), import("./silences.css"), whole()]).then(
      ([{ SilenceForm }, { NEW }]) => {
        loaded.value = ({ matchers, close, made }) => (
          <SilenceForm of={{ ...NEW, matchers }} close={close} made={made} />
        );
      },
      (error: unknown) => {
        failed(error);
        of.close();
      },
    );
  }, []);
  const Form = loaded.value;
  return Form && <Form {...of} />;
}
