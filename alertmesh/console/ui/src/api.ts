/** Ask the server, with the types of its own description. Refusals come as `Problem`, in the reader's language. */

import { signal } from "@preact/signals";
import type { paths } from "./schema";
import { language } from "./words";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Having<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, infer O> ? (O extends object ? P : never) : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Success<O> = O extends { responses: infer R } ? Body<R[keyof R & (200 | 201 | 202 | 204)]> : unknown;
type Body<R> = R extends { content: { "application/json": infer B } } ? B : never;

/** What an operation answers when it goes well. */
export type Answer<P extends keyof paths, M extends Method = "get"> = Success<Operation<P, M>>;

type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface Asked {
  /** Values for the `{parts}` of the path. */
  path?: Record<string, string | number>;
  /** Empty values are left out. */
  query?: Query;
  body?: unknown;
  /** A body as it is, in place of JSON. */
  raw?: { text: string; type: string };
  signal?: AbortSignal;
  /** It is to arrive even if the page goes away meanwhile. */
  keepalive?: boolean;
}

/** Why the server refused, or why it could not be asked (status 0). `rest` is the whole problem. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
    readonly field = "",
    readonly rest: Record<string, unknown> = {},
    readonly retryAfter = 0,
  ) {
    super(detail);
  }
}

/** Whether the last request reached the server. */
export const reachable = signal(true);

/** Set when the server wants to know who asks: the sign-in page is shown until it is false again. */
export const signedOut = signal(false);

/** Wait until somebody is signed in. */
export function signedIn(): Promise<void> {
  return new Promise((resolve) => {
    const end = signedOut.subscribe((out) => {
      if (out) return;
      resolve();
      queueMicrotask(() => end());
    });
  });
}

export const get = <P extends Having<"get">>(path: P, asked: Asked = {}) =>
  call<Answer<P, "get">>("GET", path, asked);

export const post = <P extends Having<"post">>(path: P, asked: Asked = {}) =>
  call<Answer<P, "post">>("POST", path, asked);

export const put = <P extends Having<"put">>(path: P, asked: Asked = {}) =>
  call<Answer<P, "put">>("PUT", path, asked);

export const patch = <P extends Having<"patch">>(path: P, asked: Asked = {}) =>
  call<Answer<P, "patch">>("PATCH", path, asked);

export const remove = <P extends Having<"delete">>(path: P, asked: Asked = {}) =>
  call<Answer<P, "delete">>("DELETE", path, asked);

/** Return the address of an operation: its path with the parts filled in, and the query. */
export function addressOf(pattern: string, asked: Asked = {}): string {
  const filled = pattern.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(asked.path?.[name] ?? ""),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") query.append(name, String(one));
    }
  }
  return query.size ? `${filled}?${query}` : filled;
}

async function call<A>(method: string, pattern: string, asked: Asked): Promise<A> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language.peek() };
  const init: RequestInit = { method, headers };
  if (asked.signal) init.signal = asked.signal;
  if (asked.keepalive) init.keepalive = true;
  if (asked.body !== undefined) {
    init.body = JSON.stringify(asked.body);
    headers["Content-Type"] = "application/json";
  }
  if (asked.raw) {
    init.body = asked.raw.text;
    headers["Content-Type"] = asked.raw.type;
  }
  let response: Response;
  try {
    response = await fetch(addressOf(pattern, asked), init);
    reachable.value = true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    reachable.value = false;
    throw new Problem(0, "unreachable", String(error));
  }
  if (response.ok) return (response.status === 204 ? undefined : await read(response)) as A;
  const problem = await explained(response);
  if (problem.status === 401 && pattern !== "/api/v1/session") signedOut.value = true;
  throw problem;
}

async function read(response: Response): Promise<unknown> {
  const type = response.headers.get("Content-Type") ?? "";
  return type.includes("json") ? response.json() : response.text();
}

async function explained(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
  try {
    const told = (await response.json()) as Record<string, string>;
    const kind = (told["type"] ?? "").split(":").pop() ?? "";
    return new Problem(response.status, kind, told["detail"] ?? "", told["field"], told, retryAfter);
  } catch {
    return new Problem(response.status, "unknown", response.statusText, "", {}, retryAfter);
  }
}
