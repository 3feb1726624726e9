import { useSignal } from "@preact/signals";
import { t } from "../words";
import { Button } from "./button";

/** Text to be taken elsewhere, with a button that copies it. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div class="snippet">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <Copy text={text} />
    </div>
  );
}

/** A button that copies. Without a secure address browsers refuse the clipboard: then the text is selected by hand. */
export function Copy({ text }: { text: string }) {
  const copied = useSignal(false);
  if (!navigator.clipboard) return null;
  return (
    <Button
      size="small"
      icon={copied.value ? "check" : "copy"}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          copied.value = true;
          setTimeout(() => (copied.value = false), 2_000);
        });
      }}
    >
      {copied.value ? t("kit.copied") : t("kit.copy")}
    </Button>
  );
}
