/** Something the server has, kept while it is shown. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Problem, signedOut } from "./api";
import { language } from "./words";

export interface Resource<T> {
  /** The newest answer; kept while a newer one is asked for. */
  data: T | undefined;
  error: Problem | undefined;
  loading: boolean;
  /** Ask again. */
  reload: () => void;
  /** Put another answer in its place, for optimistic changes. */
  set: (data: T) => void;
}

interface State<T> {
  data?: T;
  error?: Problem;
  loading: boolean;
}

// What takes longer is taken for lost, as when a laptop slept meanwhile.
const PATIENCE_MS = 30_000;

/**
 * Asks one question after another. Who wants to know while one is under way gets what is answered after it: so nobody
 * waits for ever, however often it is asked and however long an answer takes.
 */
export class Asking<T> {
  private running: AbortController | undefined;
  private askedAt = 0;
  private isWanted = false;
  private isOvertaken = false;

  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<T>,
    private readonly hears: { asked: () => void; found: (data: T) => void; failed: (error: unknown) => void },
  ) {}

  /** How long ago it was asked, in milliseconds. */
  get ageMs(): number {
    return performance.now() - this.askedAt;
  }

  /** Whether an answer is under way that may still come. */
  get isBusy(): boolean {
    return this.running !== undefined && this.ageMs < PATIENCE_MS;
  }

  /** Ask now, or once more after the answer that is under way. */
  again(): void {
    if (this.isBusy) {
      this.isWanted = true;
      return;
    }
    this.drop();
    const mine = new AbortController();
    this.running = mine;
    this.askedAt = performance.now();
    this.hears.asked();
    this.ask(mine.signal).then(
      (data) => this.answered(mine, () => this.hears.found(data)),
      (error: unknown) => this.answered(mine, () => this.hears.failed(error)),
    );
  }

  /** Let the answer that is under way count no more, for something newer is known, and ask once more after it. */
  overtake(): void {
    this.isOvertaken = this.isWanted = this.running !== undefined;
  }

  /** Want no answer any more. */
  drop(): void {
    this.running?.abort();
    this.running = undefined;
    this.isWanted = this.isOvertaken = false;
  }

  private answered(mine: AbortController, tell: () => void): void {
    if (mine !== this.running) return;
    const { isWanted, isOvertaken } = this;
    this.drop();
    if (!isOvertaken) tell();
    if (isWanted) this.again();
  }
}

/**
 * Ask for something when the component is shown, whenever one of `on` changes, and every `everyMs` if given (not while
 * the page is hidden, but as soon as it is seen again). An answer to what is not asked any more is dropped.
 */
export function useResource<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  on: readonly unknown[] = [],
  everyMs = 0,
): Resource<T> {
  const state: Signal<State<T>> = useSignal<State<T>>({ loading: true });
  const newest = useRef(ask);
  newest.current = ask;

  const asking = useMemo(() => {
    const kept = (): Pick<State<T>, "data"> => {
      const { data } = state.peek();
      return data === undefined ? {} : { data };
    };
    return new Asking<T>((signal) => newest.current(signal), {
      asked: () => (state.value = { ...kept(), loading: true }),
      found: (data) => (state.value = { data, loading: false }),
      failed: (error) => {
        const problem = error instanceof Problem ? error : new Problem(0, "broken", String(error));
        state.value = { ...kept(), error: problem, loading: false };
      },
    });
  }, []);

  useEffect(() => {
    state.value = { loading: true };
    asking.again();
    return () => asking.drop();
  }, on);
  useEffect(() => {
    if (!everyMs) return;
    const look = () => {
      const seen = document.visibilityState === "visible" && !signedOut.peek();
      if (seen && !asking.isBusy) asking.again();
    };
    const back = () => asking.ageMs > everyMs && look();
    const timer = setInterval(look, everyMs);
    document.addEventListener("visibilitychange", back);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", back);
    };
  }, [everyMs]);
  useEffect(
    // Who signs in again finds what was refused meanwhile.
    () => signedOut.subscribe((out) => !out && state.peek().error?.status === 401 && asking.again()),
    [],
  );

  const { data, error, loading } = state.value;
  return {
    data,
    error,
    loading,
    reload: () => asking.again(),
    set: (next) => {
      asking.overtake();
      state.value = { data: next, loading: false };
    },
  };
}

/** Ask again when one of `on` changes. Until the answer comes the one before stays, with whatever is typed in it. */
export function useRenewed(of: Pick<Resource<unknown>, "reload">, on: readonly unknown[]): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) of.reload();
    isFirst.current = false;
  }, on);
}

/** The same as `useResource` for an answer in words: it is renewed in another language. */
export function useWorded<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  on: readonly unknown[] = [],
): Resource<T> {
  const found = useResource(ask, on);
  useRenewed(found, [language.value]);
  return found;
}
