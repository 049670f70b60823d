/** Amounts side by side: a list that is a chart. */
export function Bars({
  label,
  items,
  most: whole,
}: {
  label: string;
  /** What fills a bar; without it the largest of them does. */
  most?: number;
  items: readonly { key: string; label: string; value: number; shown: string }[];
}) {
  const most = whole ?? Math.max(...items.map(({ value }) => value), Number.MIN_VALUE);
  return (
    <ul class="bars" aria-label={label}>
      {items.map(({ key, label, value, shown }) => (
        <li key={key}>
          <span class="bars-label">{label}</span>
          <span class="bars-track" aria-hidden="true">
            <span style={{ width: `${Math.max(0, (value / most) * 100)}%` }} />
          </span>
          <span class="bars-value">{shown}</span>
        </li>
      ))}
    </ul>
  );
}
