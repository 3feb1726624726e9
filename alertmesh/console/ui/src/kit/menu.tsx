import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Choice {
  name: string;
  act: () => void;
  danger?: boolean;
  disabled?: boolean;
}

const ROOM_PX = 64;

/** A button that opens a short list of things to do. */
export function Menu({
  says,
  of,
  children,
  class: more = "",
}: {
  says: string;
  of: readonly Choice[];
  children: ComponentChildren;
  class?: string;
}) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  // It opens where there is room for it.
  useLayoutEffect(() => {
    const [button, shown] = [frame.current?.getBoundingClientRect(), list.current?.getBoundingClientRect()];
    if (!open || !button || !shown) return;
    list.current?.classList.toggle(
      "up",
      button.bottom + shown.height + ROOM_PX > innerHeight && button.top > shown.height,
    );
    list.current?.classList.toggle("rightwards", button.right < shown.width + ROOM_PX / 8);
  }, [open]);
  useEffect(() => {
    if (!open) return;
    frame.current?.querySelector<HTMLElement>("[role=menuitem]:not(:disabled)")?.focus();
    const away = (event: Event) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const shut = () => {
    setOpen(false);
    frame.current?.querySelector<HTMLElement>("button")?.focus();
  };
  const move = (event: KeyboardEvent) => {
    if (!open) return;
    const items = [...(frame.current?.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") shut();
    else if (event.key === "Tab") setOpen(false);
    else if (to !== undefined) items[(to + items.length) % items.length]?.focus();
    if (to !== undefined || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    <div class="menu" ref={frame} onKeyDown={move}>
      <button
        type="button"
        class={`button ${more}`}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={says}
        title={says}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div class="menu-list" ref={list} role="menu" aria-label={says}>
          {of.map((one) => (
            <button
              key={one.name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={one.danger ? "danger" : ""}
              disabled={one.disabled}
              onClick={() => {
                shut();
                one.act();
              }}
            >
              {one.name}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
