/** The few marks that texts of modules know: paragraphs, lists, bold, code, links. */

import type { ComponentChildren } from "preact";
import { Anchor } from "./value";

const MARKED = /\*\*([^*]+)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;
const LEADS = /^(\/(?!\/)|https?:\/\/)/;

/** Write a text of paragraphs and lists. */
export function Prose({ text }: { text: string }) {
  const parts = text.split(/\n\s*\n/).filter((part) => part.trim());
  return (
    <div class="stack">
      {parts.map((part, place) => {
        const lines = part.split("\n").map((line) => line.trim());
        if (lines.every((line) => line.startsWith("- "))) {
          return (
            <ul key={place} class="dotted">
              {lines.map((line, at) => (
                <li key={at}>{inLine(line.slice(2))}</li>
              ))}
            </ul>
          );
        }
        return <p key={place}>{inLine(lines.join(" "))}</p>;
      })}
    </div>
  );
}

/** Return a line with its marks made into elements; a link that leads nowhere of use stays text. */
export function inLine(text: string): ComponentChildren[] {
  const found: ComponentChildren[] = [];
  let after = 0;
  for (const hit of text.matchAll(MARKED)) {
    const [whole, bold, code, words, to] = hit;
    if (to !== undefined && !LEADS.test(to)) continue;
    found.push(text.slice(after, hit.index));
    if (bold !== undefined) found.push(<strong>{bold}</strong>);
    else if (code !== undefined) found.push(<code>{code}</code>);
    else found.push(<Anchor of={{ text: words ?? "", to: to ?? "" }} />);
    after = hit.index + whole.length;
  }
  found.push(text.slice(after));
  return found.filter((part) => part !== "");
}
