import type { ComponentChildren } from 'preact';
import { shell } from '../messages/shell.ts';
import { Button } from './button.tsx';

export interface Column<Row> {
  key: string;
  label: string;
  show(row: Row): ComponentChildren;
  /** Figures stand at the right. */
  isNumber?: boolean;
  /** Left out on narrow screens. */
  isExtra?: boolean;
}

export interface TableProps<Row> {
  /** What the table shows, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** There are more: asked for by a button. */
  onMore?: (() => void) | undefined;
  isLoadingMore?: boolean;
}

/** Rows under their headings; scrolls sideways inside itself where it must. The first column heads its row. */
export function Table<Row>({ caption, columns, rows, keyOf, onMore, isLoadingMore = false }: TableProps<Row>) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption class="sr-only">{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ key, label, isNumber, isExtra }) => (
                <th key={key} scope="col" class={classOf(isNumber, isExtra)}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ key, show, isNumber, isExtra }, index) =>
                  index === 0 ? (
                    <th key={key} scope="row" class={classOf(isNumber, isExtra)}>
                      {show(row)}
                    </th>
                  ) : (
                    <td key={key} class={classOf(isNumber, isExtra)}>
                      {show(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {onMore ? (
        <p class="more">
          <Button onClick={onMore} isBusy={isLoadingMore}>
            {shell('table.more')}
          </Button>
        </p>
      ) : null}
    </>
  );
}

function classOf(isNumber = false, isExtra = false): string | undefined {
  return [isNumber ? 'number' : '', isExtra ? 'extra' : ''].filter(Boolean).join(' ') || undefined;
}
