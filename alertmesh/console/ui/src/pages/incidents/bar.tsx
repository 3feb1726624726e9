/** The bar that narrows the list: conditions as chips, words as they are typed, and how both could go on. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { composing } from "../../keys";
import { IconButton } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { BadMatcher, type Matcher, parseMatchers, written } from "../../matchers";
import { known, rows } from "../../rows";
import { t } from "../../words";
import { offers } from "./filter";
import { past } from "./list";
import { fault, filter, narrow, view } from "./view";

const CONDITION = /(^|[\s,{])("(?:\\.|[^"\\])*"|[^\s=!~",{}]+)\s*(=~|!~|!=|=)/;
const PAUSE_MS = 150;

export function FilterBar({ close }: { close?: () => void }) {
  const { matchers, words } = filter.value;
  const text = useSignal(words);
  const error = useSignal<BadMatcher | null>(null);
  const at = useSignal(-1);
  const open = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const list = useId();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!CONDITION.test(text.peek()) && document.activeElement !== field.current) text.value = words;
  }, [words]);

  const found = open.value ? offers(text.value, all()) : [];
  const bad = error.value ?? fault.value;

  const typed = (next: string) => {
    text.value = next;
    error.value = null;
    at.value = -1;
    open.value = true;
    clearTimeout(timer.current);
    if (!CONDITION.test(next)) timer.current = setTimeout(() => narrow({ words: next.trim() }), PAUSE_MS);
  };
  const take = (whole: string) => {
    clearTimeout(timer.current);
    if (!CONDITION.test(whole)) {
      narrow({ words: whole.trim() });
      open.value = false;
      return;
    }
    try {
      const fresh = parseMatchers(whole);
      narrow({
        matchers: [
          ...matchers.filter((one) => !fresh.some((other) => written(other) === written(one))),
          ...fresh,
        ],
        words: "",
      });
      text.value = "";
      open.value = false;
    } catch (problem) {
      if (!(problem instanceof BadMatcher)) throw problem;
      error.value = problem;
    }
  };
  const choose = (place: number) => {
    const one = found[place];
    if (!one) return;
    if (one.whole) take(one.text);
    else typed(one.text);
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (composing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      at.value = (at.value + step + found.length) % found.length;
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at.value >= 0) choose(at.value);
      else take(text.value);
    } else if (event.key === "Tab" && at.value >= 0) {
      event.preventDefault();
      choose(at.value);
    } else if (event.key === "Escape") {
      if (open.value && found.length) open.value = false;
      else field.current?.blur();
    } else if (event.key === "Backspace" && text.value === "" && matchers.length) {
      narrow({ matchers: matchers.slice(0, -1) });
    }
  };
  return (
    <div class="filter">
      <div class={`filter-box ${bad ? "bad" : ""}`} onClick={() => field.current?.focus()}>
        <Icon name="search" size={16} />
        {matchers.map((one) => (
          <Chip
            key={written(one)}
            of={one}
            drop={() => narrow({ matchers: matchers.filter((other) => other !== one) })}
          />
        ))}
        <input
          ref={field}
          id="incidents-filter"
          type="text"
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          aria-label={t("incidents.filter")}
          aria-expanded={found.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={at.value >= 0 ? `${list}-${at.value}` : undefined}
          aria-invalid={!!bad}
          aria-describedby={bad ? `${list}-bad` : undefined}
          placeholder={matchers.length ? "" : t("incidents.filterHint")}
          value={text.value}
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={press}
          onFocus={() => (open.value = true)}
          onBlur={() => (open.value = false)}
        />
        {(matchers.length > 0 || words || text.value || close) && (
          <IconButton
            says={t("incidents.clearFilter")}
            icon="close"
            onClick={() => {
              text.value = "";
              error.value = null;
              narrow({ matchers: [], words: "" });
              close?.();
            }}
          />
        )}
      </div>
      <div
        id={list}
        class="filter-offers"
        role="listbox"
        aria-label={t("incidents.offers")}
        hidden={!found.length}
      >
        {found.map((one, place) => (
          <div
            key={one.text}
            id={`${list}-${place}`}
            role="option"
            aria-selected={place === at.value}
            onPointerDown={(event) => {
              event.preventDefault();
              choose(place);
            }}
          >
            <span class="cut">{one.shown}</span>
            <span class="muted small">{one.count}</span>
          </div>
        ))}
      </div>
      {bad && <Fault id={`${list}-bad`} of={bad} />}
    </div>
  );
}

function Chip({ of, drop }: { of: Matcher; drop: () => void }) {
  return (
    <span class="filter-chip" title={written(of)}>
      <span class="cut">
        {of.name}
        <b>{of.op}</b>
        {of.value || '""'}
      </span>
      <button type="button" aria-label={t("incidents.dropFilter", { what: written(of) })} onClick={drop}>
        <Icon name="close" size={14} />
      </button>
    </span>
  );
}

function Fault({ id, of }: { id: string; of: BadMatcher }) {
  return (
    <p id={id} class="filter-fault small" role="alert">
      {t(`incidents.fault.${of.why}`, { at: of.at + 1 })} <mark>{of.what}</mark>
    </p>
  );
}

/** Return the rows whose labels are offered. */
function all() {
  const from = view.value === "past" ? past.values() : known.value.map((id) => rows.get(id));
  return [...from].flatMap((one) => one?.peek() ?? []);
}
