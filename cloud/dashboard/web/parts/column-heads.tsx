interface ColumnHeadsProps {
  readonly names: readonly string[];
  /** The numeric columns among them. */
  readonly numeric?: readonly string[];
  /** Purpose of the buttons in the last column, for screen readers. */
  readonly act?: string;
}

/** Column headers of a table. */
export const ColumnHeads = ({ names, numeric = [], act }: ColumnHeadsProps) => (
  <tr>
    {names.map((name) => (
      <th scope="col" key={name} class={numeric.includes(name) ? 'num' : ''}>
        {name}
      </th>
    ))}
    {act !== undefined && (
      <th scope="col">
        <span class="unseen">{act}</span>
      </th>
    )}
  </tr>
);
