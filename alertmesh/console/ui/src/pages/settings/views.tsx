import { type Answer, get, put, remove } from "../../api";
import { Button, IconButton } from "../../kit/button";
import { Section } from "../../kit/layout";
import { Tag, Time } from "../../kit/marks";
import { Held } from "../../kit/states";
import { done, failed } from "../../notices";
import { type Resource, useResource } from "../../resource";
import { may } from "../../session";
import { t } from "../../words";

type View = Answer<"/api/v1/views">["views"][number];

/** The views that the person saved, and those that others share. */
export function Views() {
  const views = useResource(all);
  return (
    <Section title={t("settings.views")} id="views">
      <Held of={views} lines={2}>
        {(found) =>
          found.length ? (
            <ul class="settings-list">
              {found.map((view) => (
                <Line key={`${view.owner}/${view.name}`} view={view} views={views} />
              ))}
            </ul>
          ) : (
            <p class="muted">{t("settings.noViews")}</p>
          )
        }
      </Held>
    </Section>
  );
}

async function all(signal: AbortSignal): Promise<View[]> {
  const found: View[] = [];
  let after: string | null = null;
  do {
    const page: Answer<"/api/v1/views"> = await get("/api/v1/views", {
      query: { limit: 500, after },
      signal,
    });
    found.push(...page.views);
    after = page.next;
  } while (after !== null);
  return found;
}

function Line({ view, views }: { view: View; views: Resource<View[]> }) {
  const save = (shared: boolean) =>
    put("/api/v1/views/{name}", { path: { name: view.name }, body: { query: view.query, shared } });
  const share = () => save(!view.shared).then(views.reload, failed);
  const drop = async () => {
    try {
      await remove("/api/v1/views/{name}", { path: { name: view.name }, query: { owner: view.owner } });
      views.reload();
      const undo = () => void save(view.shared).then(views.reload, failed);
      done(t("settings.viewGone", { name: view.name }), view.mine ? undo : undefined);
    } catch (error) {
      failed(error);
    }
  };
  return (
    <li>
      <span class="grow settings-view">
        <a href={`/?${view.query}`}>{view.name}</a>
        <span class="row small muted">
          {view.shared && (
            <Tag>{view.mine ? t("settings.shared") : t("settings.sharedBy", { name: view.owner })}</Tag>
          )}
          <Time at={view.changed_at} />
        </span>
      </span>
      {view.mine && may("respond") && (
        <Button size="small" onClick={() => void share()}>
          {view.shared ? t("settings.unshare") : t("settings.share")}
        </Button>
      )}
      {(view.mine || may("admin")) && (
        <IconButton
          icon="close"
          says={t("settings.deleteView", { name: view.name })}
          onClick={() => void drop()}
        />
      )}
    </li>
  );
}
