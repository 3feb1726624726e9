/** What the other pages say. */
export const catalogue = import.meta.glob<{ default: Record<string, string> }>(
  ["./zh/*.json", "!./zh/{incidents,keys,kit,nav,settings,state,time}.json"],
  { eager: true },
);
