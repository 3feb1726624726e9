/** Fields that a module describes, filled in by people. */

import { useSignal } from "@preact/signals";
import { Problem, post } from "../../api";
import { Button, Toggle } from "../../kit/button";
import { Dialog } from "../../kit/dialog";
import { Area, Check, Choose, Field } from "../../kit/field";
import { type ModuleAction, type ModuleField, said, type Words } from "../../modules";
import { done, failed } from "../../notices";
import { t } from "../../words";
import { fromField, toField } from "../../zoned";

export type Filled = Record<string, string>;

/** One field, as its type wants it. */
export function ModuleInput({
  of,
  value,
  change,
  error,
}: {
  of: ModuleField;
  value: string;
  change: (value: string) => void;
  error?: string | undefined;
}) {
  const label = said(of.label);
  const common = { label, hint: said(of.hint), error, required: of.required };
  switch (of.type) {
    case "flag":
      return (
        <Check
          label={label}
          on={value === "true"}
          change={(on) => change(on ? "true" : "")}
          hint={said(of.hint)}
        />
      );
    case "choice":
    case "person": {
      if (isShort(of)) return <Chips of={of} value={value} change={change} />;
      const none: [string, string][] = of.required && value ? [] : [["", t("module.choose")]];
      const all = of.choices.map((one): [string, string] => [one.name, said(one.words)]);
      return <Choose {...common} value={value} change={change} of={[...none, ...all]} />;
    }
    case "lines":
      return <Area {...common} value={value} change={change} />;
    case "moment":
      return (
        <Field
          {...common}
          type="datetime-local"
          value={value && toField(value)}
          change={(typed) => change(fromField(typed))}
        />
      );
    case "whole":
    case "number": {
      const bounds = {
        ...(of.least !== null && { min: of.least }),
        ...(of.most !== null && { max: of.most }),
      };
      return (
        <Field
          {...common}
          {...bounds}
          type="number"
          step={of.type === "whole" ? 1 : "any"}
          value={value}
          change={change}
        />
      );
    }
    default:
      return (
        <Field {...common} {...(of.most !== null && { maxLength: of.most })} value={value} change={change} />
      );
  }
}

const FEW = 6;

/** Whether a field is one of a few, which are all shown at once. */
export function isShort(of: ModuleField): boolean {
  return of.type === "choice" && of.required && of.choices.length <= FEW;
}

function Chips({ of, value, change }: { of: ModuleField; value: string; change: (value: string) => void }) {
  return (
    <fieldset class="row">
      <legend class="unseen">{said(of.label)}</legend>
      {of.choices.map((one) => (
        <Toggle key={one.name} on={one.name === value} onClick={() => change(one.name)}>
          {said(one.words)}
        </Toggle>
      ))}
    </fieldset>
  );
}

/** Ask what an action needs, do it, and tell what came of it. */
export function ActionDialog({
  module,
  of,
  given,
  close,
  acted,
}: {
  module: string;
  of: ModuleAction;
  given: Filled;
  close: () => void;
  acted: () => void;
}) {
  const filled = useSignal<Filled>({ ...defaults(of.fields), ...given });
  const busy = useSignal(false);
  const wrong = useSignal<{ field: string; why: string } | null>(null);
  const link = useSignal<{ text: Words; link: string } | null>(null);

  const act = async () => {
    busy.value = true;
    wrong.value = null;
    try {
      const answer = await send(module, of, filled.value);
      acted();
      if (answer.link) link.value = answer;
      else {
        done(said(answer.text));
        close();
      }
    } catch (error) {
      if (error instanceof Problem && of.fields.some((field) => field.name === error.field)) {
        wrong.value = { field: error.field, why: error.message };
      } else {
        failed(error, said(of.label));
        close();
      }
    } finally {
      busy.value = false;
    }
  };

  if (link.value) {
    const actions = (
      <>
        <Button onClick={close}>{t("kit.close")}</Button>
        <a class="button main" href={link.value.link} onClick={close}>
          {t("module.see")}
        </a>
      </>
    );
    return (
      <Dialog title={said(of.label)} close={close} actions={actions}>
        <p role="status">{said(link.value.text)}</p>
      </Dialog>
    );
  }
  const actions = (
    <>
      <Button onClick={close}>{t("kit.cancel")}</Button>
      <Button look={of.danger ? "danger" : "main"} busy={busy.value} type="submit" form="module-action">
        {said(of.label)}
      </Button>
    </>
  );
  return (
    <Dialog title={said(of.label)} close={close} actions={actions}>
      <form
        id="module-action"
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        {of.confirm && <p>{said(of.confirm)}</p>}
        {of.about && <p class="muted">{said(of.about)}</p>}
        {of.danger && <p class="danger-word">{t("module.danger")}</p>}
        {of.fields.map((field) => (
          <ModuleInput
            key={field.name}
            of={field}
            value={filled.value[field.name] ?? ""}
            error={wrong.value?.field === field.name ? wrong.value.why : undefined}
            change={(value) => {
              filled.value = { ...filled.value, [field.name]: value };
            }}
          />
        ))}
      </form>
    </Dialog>
  );
}

/** Have an action done with what was filled in. */
export function send(module: string, of: ModuleAction, filled: Filled) {
  const body = Object.fromEntries(Object.entries(filled).filter(([, value]) => value !== ""));
  return post("/api/v1/modules/{module}/actions/{action}", { path: { module, action: of.name }, body });
}

/** Return what the fields begin with. */
export function defaults(fields: readonly ModuleField[]): Filled {
  return Object.fromEntries(fields.map((field) => [field.name, field.default]));
}
