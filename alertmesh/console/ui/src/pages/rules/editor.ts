/**
 * The editor of one rule file. It lies below a shadow root, so that its styles are style sheets made by script, which the
 * content security policy allows, and not style elements, which it does not.
 */

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  HighlightStyle,
  indentOnInput,
  indentService,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
  type Tooltip,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { keyAt, placeAt, siblings } from "./place";
import { aboutKey, keysAt, type Offer, type Schema, valuesAt } from "./shape";

export interface Mark {
  line: number;
  column: number;
  message: string;
  warning: boolean;
}

export interface Words {
  label: string;
  takes: string;
  standard: string;
  examples: string;
}

export interface Editor {
  show: (text: string) => void;
  mark: (marks: readonly Mark[]) => void;
  reach: (line: number, column: number) => void;
  permit: (writable: boolean) => void;
  close: () => void;
}

/** Put an editor into `frame`. `save` is called for Ctrl-S; a schema of null is a text that is no YAML. */
export function edit(
  frame: HTMLElement,
  text: string,
  schema: Schema | null,
  words: Words,
  changed: (text: string) => void,
  save: () => void,
): Editor {
  const root = frame.shadowRoot ?? frame.attachShadow({ mode: "open" });
  const place = document.createElement("div");
  root.replaceChildren(place);
  const permission = new Compartment();
  let quiet = false;
  const view = new EditorView({
    parent: place,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        LOOKS,
        TYPING_OVER,
        basics(save),
        schema ? [yaml(), INDENTING, completing(schema), hovering(schema, words)] : [],
        permission.of(permitted(true)),
        EditorView.contentAttributes.of({ "aria-label": words.label, spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !quiet) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    show: (next) => {
      if (next === view.state.doc.toString()) return;
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      quiet = false;
    },
    mark: (marks) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          marks.map((mark) => diagnostic(view.state, mark)),
        ),
      ),
    reach: (line, column) => {
      const at = positionOf(view.state, line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
    permit: (writable) => view.dispatch({ effects: permission.reconfigure(permitted(writable)) }),
    close: () => view.destroy(),
  };
}

const permitted = (writable: boolean): Extension => [
  EditorState.readOnly.of(!writable),
  EditorView.contentAttributes.of({ "aria-readonly": String(!writable) }),
];

function basics(save: () => void): Extension {
  const saving = {
    key: "Mod-s",
    preventDefault: true,
    run: () => {
      save();
      return true;
    },
  };
  return [
    lineNumbers(),
    lintGutter(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    drawSelection(),
    history(),
    indentOnInput(),
    indentUnit.of("  "),
    closeBrackets(),
    EditorView.lineWrapping,
    keymap.of([
      saving,
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
  ];
}

function positionOf(state: EditorState, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.to, found.from + Math.max(0, column - 1));
}

function diagnostic(state: EditorState, mark: Mark): Diagnostic {
  const from = positionOf(state, mark.line, mark.column);
  const line = state.doc.lineAt(from);
  const word = /^[^\s:,{}[\]]+/.exec(state.doc.sliceString(from, line.to));
  const to = Math.min(line.to, from + Math.max(1, word?.[0].length ?? 1));
  return {
    from: Math.min(from, Math.max(line.from, line.to - 1)),
    to,
    severity: mark.warning ? "warning" : "error",
    message: mark.message,
  };
}

/**
 * Text typed over a selection is put in by the editor itself: the browser would keep the colours of what it replaces in a
 * style attribute, which the content security policy blocks with a message.
 */
const TYPING_OVER = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== "insertText" || !text || empty || view.composing || view.state.readOnly)
      return false;
    event.preventDefault();
    const plain = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type" });
    const taken = view.state
      .facet(EditorView.inputHandler)
      .some((handler) => handler(view, from, to, text, plain));
    if (!taken) view.dispatch(plain());
    return true;
  },
});

/** A line after `key:` stands deeper, one after an entry of a list as deep as what the entry holds. */
const INDENTING = indentService.of((context, at) => {
  const before = context.state.doc.lineAt(Math.max(0, at - 1));
  const text = before.text.slice(0, Math.max(0, at - before.from)).trimEnd();
  const dashes = /^\s*(?:- +)*/.exec(text)?.[0].length ?? 0;
  if (!text) return null;
  return /:(\s+[|>][+-]?)?$/.test(text) && !/^\s*#/.test(text) ? dashes + 2 : dashes;
});

const linesOf = (state: EditorState): string[] => state.doc.toString().split("\n");

function completing(schema: Schema): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    if (/(^|\s)#/.test(line.text.slice(0, context.pos - line.from))) return null;
    const lines = linesOf(context.state);
    const place = placeAt(lines, line.number - 1, context.pos - line.from);
    if (!context.explicit && !place.typed && !(place.of === "value" && valuesAt(schema, place.path).length))
      return null;
    const from = line.from + place.from;
    if (place.of === "value") {
      const options = valuesAt(schema, place.path).map((label): Completion => ({ label, type: "constant" }));
      return options.length ? { from, options, validFor: /^[\w.-]*$/ } : null;
    }
    const given = place.flow ? new Set<string>() : siblings(lines, line.number - 1);
    const options = keysAt(schema, place.path)
      .filter((offer) => !given.has(offer.name))
      .map((offer) => completion(offer, line.text.length - line.text.trimStart().length, place.flow));
    return options.length ? { from, options, validFor: /^\w*$/ } : null;
  };
  return autocompletion({ override: [source], icons: false, closeOnBlur: true });
}

function completion(offer: Offer, indent: number, flow: boolean): Completion {
  const deeper = " ".repeat(indent + 2);
  const tail =
    flow || offer.holds === "value" ? ": " : offer.holds === "list" ? `:\n${deeper}- ` : `:\n${deeper}`;
  return {
    label: offer.name,
    detail: offer.detail,
    ...(offer.help && { info: offer.help }),
    type: "property",
    boost: offer.required ? 10 : 0,
    apply: (view, _, from, to) => {
      const insert = offer.name + tail;
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
      startCompletion(view);
    },
  };
}

function hovering(schema: Schema, words: Words): Extension {
  return hoverTooltip((view, pos): Tooltip | null => {
    const line = view.state.doc.lineAt(pos);
    const path = keyAt(linesOf(view.state), line.number - 1, pos - line.from);
    const about = path && aboutKey(schema, path);
    if (!about) return null;
    return {
      pos,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "about";
        const say = (name: string, text: string) => {
          const part = dom.appendChild(document.createElement("p"));
          part.className = name;
          part.textContent = text;
        };
        say("about-name", about.name);
        if (about.help) say("about-help", about.help);
        const takes = about.values.length ? about.values.join(" | ") : about.takes.join(", ");
        if (takes) say("about-fact", `${words.takes}: ${takes}`);
        if (about.standard) say("about-fact", `${words.standard}: ${about.standard}`);
        if (about.examples.length) say("about-fact", `${words.examples}: ${about.examples.join(", ")}`);
        return { dom };
      },
    };
  });
}

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--warn)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--muted)" },
]);

const LOOKS: Extension = [
  syntaxHighlighting(COLOURS),
  EditorView.theme({
    "&": {
      background: "var(--surface)",
      color: "var(--text)",
      fontSize: "var(--editor, 13px)",
      height: "100%",
    },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { font: "inherit", fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
    ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
    ".cm-cursor": { borderLeftColor: "var(--text)" },
    ".cm-gutters": {
      background: "var(--sunken)",
      color: "var(--muted)",
      border: "none",
      borderRight: "1px solid var(--line)",
    },
    ".cm-activeLine": { background: "color-mix(in srgb, var(--hover) 70%, transparent)" },
    ".cm-activeLineGutter": { background: "var(--hover)", color: "var(--text)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
      background: "var(--accent-soft) !important",
    },
    ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 4px" },
    ".cm-gutter-lint": { width: "16px" },
    ".cm-lint-marker": {
      width: "10px",
      height: "10px",
      content: "none",
      borderRadius: "50%",
      marginTop: "5px",
    },
    ".cm-lint-marker-error": { background: "var(--bad)", content: "none" },
    ".cm-lint-marker-warning": { background: "var(--warn)", content: "none" },
    ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px solid var(--bad)" },
    ".cm-lintRange-warning": { backgroundImage: "none", borderBottom: "2px solid var(--warn)" },
    ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--bad)", fontFamily: "var(--font)" },
    ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
    ".cm-tooltip": {
      background: "var(--surface)",
      color: "var(--text)",
      border: "1px solid var(--line-strong)",
      borderRadius: "var(--radius)",
      boxShadow: "var(--shadow)",
      maxWidth: "min(420px, 86vw)",
      overflow: "hidden",
    },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "14em" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 8px", lineHeight: "1.5" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": {
      background: "var(--accent-soft)",
      color: "var(--text)",
    },
    ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", marginLeft: "12px" },
    ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
    ".cm-completionInfo": { padding: "8px 10px", font: "12px/1.5 var(--font)", overflow: "visible" },
    ".about": { padding: "8px 12px", font: "12px/1.5 var(--font)" },
    ".about p": { margin: "0 0 4px" },
    ".about-name": { fontFamily: "var(--mono)", fontWeight: "700" },
    ".about-fact": { color: "var(--muted)" },
  }),
];
