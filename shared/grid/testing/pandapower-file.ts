type Rows = readonly Readonly<Record<string, unknown>>[];

/** Builds a file from rows, in the format of `to_json`. */
export function pandapowerFile(
  tables: Readonly<Record<string, Rows>>,
  values: Readonly<Record<string, unknown>> = {},
): string {
  const frames = Object.entries(tables).map(([name, rows]) => {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const split = {
      columns,
      index: rows.map((_, at) => at),
      data: rows.map((row) => columns.map((column) => row[column] ?? null)),
    };
    return [
      name,
      { _module: 'pandas.core.frame', _class: 'DataFrame', _object: JSON.stringify(split), orient: 'split' },
    ] as const;
  });
  const net = { f_hz: 50, sn_mva: 1, ...values, ...Object.fromEntries(frames) };
  return JSON.stringify({ _module: 'pandapower.auxiliary', _class: 'pandapowerNet', _object: net });
}
