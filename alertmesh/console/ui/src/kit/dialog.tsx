import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { cover } from "../notices";
import { t } from "../words";
import { Button, IconButton } from "./button";
import { Notices } from "./notices";

const FIRST = "input, select, textarea, button:not(:disabled), a[href]";

/** Something to be answered before going on. Escape and a click beside it close it. */
export function Dialog({
  title,
  close,
  children,
  actions,
  wide,
}: {
  title: string;
  close: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
}) {
  const frame = useRef<HTMLDialogElement>(null);
  // Text that is selected with the mouse up to beside the dialog is no click there, though browsers tell one.
  const isPressedBeside = useRef(false);
  useEffect(() => {
    const before = document.activeElement;
    frame.current?.showModal();
    const uncover = cover(frame);
    // What is asked comes first, not the way out of it.
    frame.current?.querySelector<HTMLElement>(`.dialog-body > :not(header) :is(${FIRST})`)?.focus();
    return () => {
      uncover();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={frame}
      class={`dialog ${wide ? "wide" : ""}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onPointerDown={(event) => (isPressedBeside.current = event.target === frame.current)}
      onClick={(event) => event.target === frame.current && isPressedBeside.current && close()}
    >
      <div class="dialog-body">
        <header class="row">
          <h2 class="grow">{title}</h2>
          <IconButton says={t("kit.close")} icon="close" onClick={close} />
        </header>
        {children}
        {actions && <footer class="row">{actions}</footer>}
      </div>
      <Notices over={frame} />
    </dialog>
  );
}

/** Ask once more before something that cannot be taken back. */
export function Confirm({
  title,
  children,
  does,
  act,
  close,
}: {
  title: string;
  children: ComponentChildren;
  does: string;
  act: () => void;
  close: () => void;
}) {
  const actions = (
    <>
      <Button onClick={close}>{t("kit.cancel")}</Button>
      <Button
        look="danger"
        onClick={() => {
          close();
          act();
        }}
      >
        {does}
      </Button>
    </>
  );
  return (
    <Dialog title={title} close={close} actions={actions}>
      {children}
    </Dialog>
  );
}
