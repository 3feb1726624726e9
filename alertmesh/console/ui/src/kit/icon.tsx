/** Small line drawings, 20 by 20, in the colour of the text beside them. They say nothing to screen readers. */

const DRAWN: Record<string, string> = {
  incidents: "M10 3 2.5 16.5h15zM10 8v4M10 14.2v.3",
  oncall:
    "M4 3.5h3l1.5 4-2 1.3a9 9 0 0 0 4.7 4.7l1.3-2 4 1.5v3a1.5 1.5 0 0 1-1.6 1.5A13.5 13.5 0 0 1 2.5 5.1 1.5 1.5 0 0 1 4 3.500z",
  delivery: "M2.5 9.5 17.5 3l-5 14.5-3-6zM9.5 11.5 17.5 3",
  silence:
    "M4 8a6 6 0 0 1 9.5-4.900M16 8c0 5 1.5 6 1.5 6h-11M4 8c0 5-1.5 6-1.5 6M8.5 17a2 2 0 0 0 3 0M2.5 2.500l15 15",
  noise: "M2.5 10h2l1.5-5 2.5 11 2.5-13 2.5 9 1.5-2h2.5",
  rules: "M4 4h12M4 10h12M4 16h12M7 2.500v3M13 8.500v3M9 14.500v3",
  sources: "M3 5.500c0-3.3 14-3.3 14 0v9c0 3.3-14 3.3-14 0zM3 5.500c0 3.3 14 3.3 14 0M3 10c0 3.3 14 3.3 14 0",
  reports: "M3 17h14M5 17v-5M10 17V4M15 17V9",
  first: "M10 2.500l2 5 5.5.500-4.2 3.6 1.3 5.4-4.6-2.900L5.4 17l1.3-5.400L2.5 8 8 7.500z",
  settings:
    "M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 2.500v2.200M10 15.300v2.200M2.5 10h2.200M15.3 10h2.200M4.7 4.700l1.6 1.600M13.7 13.700l1.6 1.600M4.7 15.300l1.6-1.600M13.7 6.300l1.6-1.6",
  module: "M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z",
  more: "M3.500 10a.7.7 0 1 0 1.400 0 .7.7 0 0 0-1.400 0zM9.300 10a.7.7 0 1 0 1.400 0 .7.7 0 0 0-1.400 0zM15.100 10a.7.7 0 1 0 1.400 0 .7.7 0 0 0-1.400 0z",
  close: "M5 5l10 10M15 5 5 15",
  down: "M5 7.500l5 5 5-5",
  right: "M7.5 5l5 5-5 5",
  left: "M12.5 5l-5 5 5 5",
  up: "M5 12.500l5-5 5 5",
  check: "M4 10.500l4 4 8-9",
  search: "M9 3.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
  plus: "M10 4v12M4 10h12",
  copy: "M7 7h10v10H7zM13 7V3H3v10h4",
  out: "M8 4H4v12h12v-4M11 3h6v6M17 3l-8 8",
  undo: "M4 8h8a4 4 0 0 1 0 8H8M4 8l4-4M4 8l4 4",
  clock: "M10 2.500a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 6v4.500l3 1.5",
  person: "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 17.500c0-8 13-8 13 0",
  link: "M8.5 11.500a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.300l-.8.8M11.5 8.500a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.300l.8-.8",
  retry: "M16.5 10a6.5 6.5 0 1 1-2-4.700M16.5 2.500v3.500H13",
  warn: "M10 3 2.5 16.500h15zM10 8v4M10 14.200v.3",
  bell: "M5 8a5 5 0 0 1 10 0c0 5 1.5 6 1.5 6h-13S5 13 5 8M8.5 17a2 2 0 0 0 3 0",
  edit: "M3.5 16.500l.700-3.500L13.5 3.700l2.8 2.800L7 15.800zM11.5 5.700l2.8 2.8",
  play: "M6 4l10 6-10 6z",
  star: "M10 2.500l2.300 4.800 5.200.700-3.800 3.600.900 5.200L10 14.300l-4.600 2.500.900-5.200L2.500 8l5.200-.700z",
  root: "M3 10a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM13 5a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM13 15a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM6.8 9.100l6.400-3.200M6.800 10.900l6.400 3.200",
};

export type IconName = string;

/** Draw an icon. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={DRAWN[name] ?? DRAWN["module"]} />
    </svg>
  );
}
