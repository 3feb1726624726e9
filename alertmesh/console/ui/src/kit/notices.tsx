import { covers, dismiss, notices } from "../notices";
import { t } from "../words";
import { IconButton } from "./button";
import { Icon } from "./icon";

/** The notices, in the dialog that lies `over` all else or on the page if none does: elsewhere nobody could press them. */
export function Notices({ over }: { over?: object }) {
  const shown = covers.value.at(-1) === over ? notices.value : [];
  return (
    <div class="notices" aria-live="polite">
      {shown.map((notice) => (
        <div
          key={notice.id}
          class={`notice ${notice.tone}`}
          role={notice.tone === "bad" ? "alert" : undefined}
        >
          <Icon name={notice.tone === "bad" ? "warn" : "check"} />
          <span class="grow">{notice.text}</span>
          {notice.undo && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                dismiss(notice.id);
                notice.undo?.();
              }}
            >
              {t("kit.undo")}
            </button>
          )}
          {notice.at && (
            <a class="button small" href={notice.at} onClick={() => dismiss(notice.id)}>
              {t("kit.show")}
            </a>
          )}
          <IconButton says={t("kit.close")} icon="close" onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
