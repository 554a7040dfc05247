// Rows of facts. On a phone it scrolls sideways in its own frame, which keys can reach.
import type { ComponentChildren } from 'preact';

export interface Column<R> {
  title: string;
  cell: (row: R) => ComponentChildren;
  isNumber?: boolean;
  isTitleUnseen?: boolean;
  isMinor?: boolean; // left out on phones
}

const classOf = <R,>(column: Column<R>): string => `${column.isNumber ? 'is-number' : ''}${column.isMinor ? ' is-minor' : ''}`;

interface Props<R> {
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  id: (row: R) => string;
}

export function Table<R>({ label, columns, rows, id }: Props<R>) {
  return (
    <div class="table-frame" role="group" aria-label={label} tabIndex={0}>
      <table class="table">
        <thead>
          <tr>{columns.map((column) => (
            <th scope="col" key={column.title} class={classOf(column)}>
              <span class={column.isTitleUnseen ? 'unseen' : ''}>{column.title}</span>
            </th>
          ))}</tr>
        </thead>
        <tbody>{rows.map((row) => (
          <tr key={id(row)}>{columns.map((column, at) => (at === 0
            ? <th scope="row" key={column.title}>{column.cell(row)}</th>
            : <td key={column.title} class={classOf(column)}>{column.cell(row)}</td>))}</tr>
        ))}</tbody>
      </table>
    </div>
  );
}
