import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../../api";
import { Button } from "../../kit/button";
import { Page } from "../../kit/layout";
import { Failure, Held } from "../../kit/states";
import { discover, type Module, type ModulePage, modules, said } from "../../modules";
import { useResource } from "../../resource";
import { ask, query } from "../../route";
import { may } from "../../session";
import { t } from "../../words";
import { ModuleBlock } from "./blocks";
import { ActionDialog, type Filled, isShort, ModuleInput } from "./form";
import "./module.css";
import type { Pressed } from "./value";

/** Any page of any module, drawn by its description. */
export default function ModuleView({ module, page }: { module: string; page: string }) {
  useEffect(() => {
    if (!modules.peek()?.some((one) => one.name === module)) void discover();
  }, [module]);
  const mine = modules.value?.find((one) => one.name === module);
  const wanted = mine?.pages.find((one) => one.name === page);
  if (modules.value && !wanted) return <Failure why={t("module.gone", { module, page })} />;
  return (
    <Page
      title={mine ? `${said(mine.title)}${wanted ? ` · ${said(wanted.title)}` : ""}` : module}
      lead={said(wanted?.about) || said(mine?.summary)}
    >
      {mine && <Pages of={mine} on={page} />}
      {mine && <Troubles of={mine} />}
      {wanted && <Filter key={`${module} ${page}`} of={wanted} />}
      {mine && wanted && <Drawn key={`${module} ${page}`} module={mine} page={wanted} />}
    </Page>
  );
}

/** The other pages of the module. They are addresses of their own, so they are links. */
function Pages({ of, on }: { of: Module; on: string }) {
  if (of.pages.length < 2) return null;
  return (
    <nav class="tabs" aria-label={said(of.title)}>
      {of.pages.map((one) => (
        <a
          key={one.name}
          href={`/m/${of.name}/${one.name}`}
          aria-current={one.name === on ? "page" : undefined}
        >
          {said(one.title)}
        </a>
      ))}
    </nav>
  );
}

function Troubles({ of }: { of: Module }) {
  const told = Object.entries(of.troubles);
  if (!told.length) return null;
  return (
    <div class="card prose bad" role="alert">
      {told.map(([task, why]) => (
        <p key={task}>{t("module.trouble", { task, why })}</p>
      ))}
    </div>
  );
}

/** What the page can be asked for; it is asked anew as soon as something is chosen, or typed and left alone. */
function Filter({ of }: { of: ModulePage }) {
  const fields = of.fields.filter((field) => field.type !== "place");
  const places = Object.fromEntries(
    of.fields.filter((field) => field.type === "place").map((one) => [one.name, null]),
  );
  const typed = useSignal<Filled>({});
  useEffect(() => {
    if (!Object.keys(typed.value).length) return;
    const timer = setTimeout(() => {
      ask({ ...places, ...typed.value });
      typed.value = {};
    }, 400);
    return () => clearTimeout(timer);
  }, [typed.value]);
  if (!fields.length) return null;
  const bare = fields.every(isShort);
  return (
    <form
      class={`card module-filter ${bare ? "bare" : ""}`}
      onSubmit={(event) => event.preventDefault()}
      aria-label={t("module.filter")}
    >
      {fields.map((field) => (
        <ModuleInput
          key={field.name}
          of={field}
          value={typed.value[field.name] ?? query.value.get(field.name) ?? field.default}
          change={(value) => {
            typed.value = { ...typed.value, [field.name]: value };
          }}
        />
      ))}
    </form>
  );
}

function Drawn({ module, page }: { module: Module; page: ModulePage }) {
  const asked = query.value.toString();
  const drawn = useResource(
    (signal) =>
      get("/api/v1/modules/{module}/pages/{page}", {
        path: { module: module.name, page: page.name },
        query: Object.fromEntries(new URLSearchParams(asked)),
        signal,
      }),
    [asked],
    page.refresh_s * 1_000,
  );
  const pressed = useSignal<Pressed | null>(null);
  const wanted = module.actions.find((action) => action.name === pressed.value?.action);
  const press = (button: Pressed) => {
    const action = module.actions.find((one) => one.name === button.action);
    if (!action) return null;
    const allowed = may(action.scope as "read");
    return (
      <Button
        key={JSON.stringify(button)}
        size="small"
        look={action.danger ? "danger" : "plain"}
        disabled={!allowed}
        title={allowed ? said(action.about) || undefined : t("kit.forbidden")}
        onClick={() => {
          pressed.value = button;
        }}
      >
        {said(action.label)}
      </Button>
    );
  };
  return (
    <>
      <Held of={drawn}>
        {(found) =>
          found.sheet.blocks.map((block, place) => (
            <ModuleBlock key={place} of={block} page={said(page.title)} press={press} />
          ))
        }
      </Held>
      {wanted && (
        <ActionDialog
          module={module.name}
          of={wanted}
          given={pressed.value?.given ?? {}}
          close={() => {
            pressed.value = null;
          }}
          acted={drawn.reload}
        />
      )}
    </>
  );
}
