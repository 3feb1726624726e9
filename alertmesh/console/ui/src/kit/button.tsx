import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./icon";

type Native = Omit<JSX.IntrinsicElements["button"], "size" | "icon">;

interface Looks {
  /** `main` for the one thing to do here, `danger` for what cannot be taken back, `quiet` without a frame. */
  look?: "plain" | "main" | "danger" | "quiet";
  size?: "small" | "body" | "big";
  icon?: string;
  /** Something is under way: shown, and not to be pressed again. */
  busy?: boolean;
  children?: ComponentChildren;
}

/** A button with words. */
export function Button({
  look = "plain",
  size = "body",
  icon,
  busy,
  children,
  disabled,
  ...rest
}: Native & Looks) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${look} ${size} ${rest.class ?? ""}`}
      disabled={disabled || busy}
      aria-busy={busy}
    >
      {icon && <Icon name={icon} size={size === "small" ? 16 : 20} />}
      {children}
    </button>
  );
}

/** A button of an icon alone; `says` is its name. */
export function IconButton({ says, icon, ...rest }: Native & { says: string; icon: string }) {
  return (
    <button
      type="button"
      {...rest}
      class={`button quiet square ${rest.class ?? ""}`}
      aria-label={says}
      title={says}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A button that stays in: a choice that is on or off. */
export function Toggle({ on, children, ...rest }: Native & { on: boolean; children: ComponentChildren }) {
  return (
    <button type="button" {...rest} class={`chip ${rest.class ?? ""}`} aria-pressed={on}>
      {children}
    </button>
  );
}
