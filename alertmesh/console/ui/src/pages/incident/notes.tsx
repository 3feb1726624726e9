/** What people wrote, and a box to write into: large, plain, and kept until it is sent, as a voice keyboard needs it. */

import { useSignal } from "@preact/signals";
import { draftsOf } from "../../drafts";
import { composing } from "../../keys";
import { Button } from "../../kit/button";
import { Time } from "../../kit/marks";
import { t } from "../../words";
import { called } from "../../people";
import type { Line } from "./model";

const SHOWN = 3;

const drafts = draftsOf<string>("notes");

export function Notes({
  id,
  of,
  send,
}: {
  id: number;
  of: readonly Line[];
  send: ((text: string) => Promise<boolean>) | undefined;
}) {
  const text = drafts.mine.value[id] ?? "";
  const write = (next: string) => drafts.put(`${id}`, next || undefined);
  const busy = useSignal(false);
  const all = useSignal(false);
  const notes = of.filter((line) => line.kind === "note").reverse();
  const go = async () => {
    const said = text.trim();
    if (!send || !said || busy.value) return;
    busy.value = true;
    const isSent = await send(said);
    busy.value = false;
    if (isSent && drafts.mine.peek()[id]?.trim() === said) write("");
  };
  return (
    <div class="stack notes">
      {send && (
        <>
          <label class="unseen" for="note">
            {t("incident.writeNote")}
          </label>
          <textarea
            id="note"
            rows={3}
            autocomplete="off"
            enterkeyhint="send"
            maxLength={10_000}
            placeholder={t("incident.noteHint")}
            value={text}
            onInput={(event) => write(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (composing(event)) return;
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void go();
              if (event.key === "Escape") event.currentTarget.blur();
            }}
          />
          <div class="row">
            <Button look="main" busy={busy.value} disabled={!text.trim()} onClick={() => void go()}>
              {t("incident.addNote")}
            </Button>
          </div>
        </>
      )}
      <ul class="stack">
        {(all.value ? notes : notes.slice(0, SHOWN)).map((line) => (
          <li key={line.number} class="quote">
            <p>{line.text}</p>
            <p class="muted small">
              {called(line.actor)} · <Time at={line.at} />
            </p>
          </li>
        ))}
      </ul>
      {notes.length > SHOWN && !all.value && (
        <Button size="small" look="quiet" onClick={() => (all.value = true)}>
          {t("incident.allNotes", { n: notes.length })}
        </Button>
      )}
    </div>
  );
}
