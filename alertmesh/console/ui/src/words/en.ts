/** What is said before anybody went anywhere: around every page, and on the first. */
export const catalogue = import.meta.glob<{ default: Record<string, string> }>(
  "./en/{incidents,keys,kit,nav,settings,state,time}.json",
  { eager: true },
);
