interface ColumnHeadsProps {
  readonly names: readonly string[];
  /** Those of them that stand above figures. */
  readonly numeric?: readonly string[];
  /** What the buttons of the last column do, for who hears the page. */
  readonly act?: string;
}

/** The heads of a table's columns. */
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
