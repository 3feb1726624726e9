/** Small figures in the flow of a line. */

/** Bars over time, one for each value; `says` is what they tell, for those who cannot see them. */
export function Spark({
  of,
  says,
  width = 96,
  height = 20,
}: {
  of: readonly number[];
  says: string;
  width?: number;
  height?: number;
}) {
  const most = Math.max(1, ...of);
  const step = width / Math.max(1, of.length);
  return (
    <svg
      class="spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={says}
    >
      {of.map((value, place) => {
        const tall = value ? Math.max(2, (value / most) * height) : 0;
        return (
          <rect
            key={place}
            x={place * step}
            y={height - tall}
            width={Math.max(1, step - 1)}
            height={tall}
            rx="0.5"
          />
        );
      })}
    </svg>
  );
}

/** How much of a whole: a bar from 0 to 1. */
export function Share({ of, says }: { of: number; says: string }) {
  const wide = Math.round(Math.min(1, Math.max(0, of)) * 100);
  return (
    <svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={says}>
      <rect width="100" height="6" class="back" />
      <rect width={wide} height="6" />
    </svg>
  );
}
