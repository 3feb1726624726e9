/**
 * Match labels the way Alertmanager and our server do: `=`, `!=`, `=~`, `!~`; expressions are anchored, a missing label
 * is empty.
 */

export type Operator = "=" | "!=" | "=~" | "!~";

/** One condition on one label. */
export interface Matcher {
  readonly name: string;
  readonly op: Operator;
  readonly value: string;
}

/** A text that is no list of matchers; `at` is the place of the fault in it, `why` a key of the words `matchers`. */
export class BadMatcher extends Error {
  constructor(
    readonly why: "unread" | "comma" | "expression",
    readonly at: number,
    readonly what: string,
  ) {
    super(`${why} at ${at}: ${what}`);
  }
}

const ONE =
  /\s*(?:"(?<quoted>(?:\\.|[^"\\])*)"|(?<name>[^\s=!~",{}]+))\s*(?<op>=~|!~|!=|=)\s*(?:"(?<value>(?:\\.|[^"\\])*)"|(?<bare>[^\s",{}]*))\s*/y;
const ESCAPED = /\\(.)/gs;

/** Read `{a="b", c=~"d|e"}`; the braces may be missing. Throws BadMatcher. */
export function parseMatchers(text: string): Matcher[] {
  const lead = text.length - text.trimStart().length;
  let body = text.trim();
  let offset = lead;
  if (body.startsWith("{") && body.endsWith("}")) {
    offset += 1;
    body = body.slice(1, -1);
  }
  const end = body.trimEnd().length;
  const found: Matcher[] = [];
  let at = body.length - body.trimStart().length;
  while (at < end) {
    ONE.lastIndex = at;
    const hit = ONE.exec(body);
    if (!hit?.groups) throw new BadMatcher("unread", offset + at, body.slice(at));
    const { quoted, name, op, value, bare } = hit.groups;
    const matcher = {
      name: quoted === undefined ? (name ?? "") : unescape(quoted),
      op: op as Operator,
      value: value === undefined ? (bare ?? "") : unescape(value),
    };
    if (matcher.op.endsWith("~") && !pattern(matcher.value)) {
      throw new BadMatcher("expression", offset + body.indexOf(value ?? bare ?? "", at), matcher.value);
    }
    found.push(matcher);
    at += hit[0].length;
    if (at >= end) break;
    if (body[at] !== ",") throw new BadMatcher("comma", offset + at, body.slice(at));
    at += 1;
  }
  return found;
}

/** Write a matcher as `parseMatchers` reads it. */
export function written({ name, op, value }: Matcher): string {
  return `${/^[^\s=!~",{}]+$/.test(name) ? name : quote(name)}${op}${quote(value)}`;
}

/** Return one matcher that accepts just these values. */
export function anyOf(name: string, values: readonly string[]): Matcher {
  const [only] = values;
  return values.length === 1
    ? { name, op: "=", value: only ?? "" }
    : {
        name,
        op: "=~",
        value: values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"),
      };
}

/** Tell whether a label of this value, empty for a missing one, satisfies a matcher. */
export function accepts(matcher: Matcher, value: string): boolean {
  const { op, value: wanted } = matcher;
  const hit = op.endsWith("~") ? (pattern(wanted)?.test(value) ?? false) : value === wanted;
  return hit !== op.startsWith("!");
}

const patterns = new Map<string, RegExp | null>();
const MOST_PATTERNS = 200;

/** Return an anchored expression, null when it is none; the last ones are kept. */
function pattern(value: string): RegExp | null {
  const kept = patterns.get(value);
  if (kept !== undefined) return kept;
  let made: RegExp | null;
  try {
    made = new RegExp(`^(?:${value.replaceAll("(?P<", "(?<")})$`);
  } catch {
    made = null;
  }
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(value, made);
  return made;
}

const unescape = (text: string) => text.replace(ESCAPED, (_, one: string) => (one === "n" ? "\n" : one));
const quote = (text: string) => `"${escaped(text)}"`;

/** Return a value as it stands between quotes. */
export function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
