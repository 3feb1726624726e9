/** What the other pages say. */
export const catalogue = import.meta.glob<{ default: Record<string, string> }>(
  ["./en/*.json", "!./en/{incidents,keys,kit,nav,settings,state,time}.json"],
  { eager: true },
);
