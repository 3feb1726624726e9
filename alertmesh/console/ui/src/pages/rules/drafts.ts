/** What was written into rule files and is not saved yet, with the text that it was made from. */

import { draftsOf } from "../../drafts";

export interface Draft {
  text: string;
  /** The text of the file when it was begun, null for a file that was not there, and the etag of it. */
  base: string | null;
  etag: string;
}

const { mine, put } = draftsOf<Draft>("rules");

/** By file. */
export const drafts = mine;

/** Keep a draft; one that is as the file is none. A new one is made from the file as it is, `saved` with its `etag`. */
export function keep(path: string, text: string, saved: string | null, etag: string): void {
  const { base, etag: from } = drafts.peek()[path] ?? { base: saved, etag };
  put(path, text === saved ? undefined : { text, base, etag: from });
}

/** Have a draft go on from another text of the file; one that is like it is none. */
export function rebase(path: string, base: string | null, etag: string): void {
  const text = drafts.peek()[path]?.text;
  put(path, text === undefined || text === base ? undefined : { text, base, etag });
}

/** Forget a draft. */
export const forget = (path: string) => put(path);

addEventListener("beforeunload", (event) => {
  if (Object.keys(drafts.peek()).length) event.preventDefault();
});
