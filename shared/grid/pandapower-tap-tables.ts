import { LoadstoneError } from '../outcome/outcome.ts';
import type { Reading } from './pandapower-reading.ts';
import type { Row } from './pandapower-tables.ts';

/** What a transformer's data sheet says of its present tap position, instead of its nameplate. */
export interface AtTap {
  /** Replaces a field of the transformer such as `vk_percent`; undefined if the nameplate holds. */
  readonly value: (field: string) => number | undefined;
  /** Factor on the rated voltage of the tap's side, and angle; undefined if `tap_step_percent` holds. */
  readonly turns: { readonly ratio: number; readonly deg: number } | undefined;
}

const nameplate: AtTap = { value: () => undefined, turns: undefined };

/** Looks the transformer's tap position up: in `trafo_characteristic_table` (versions 3), else in its characteristics (versions 2). */
export function atTap(reading: Reading, row: Row): AtTap {
  if (row.has('tap_dependency_table')) {
    // A file of version 3 ignores what it took over from version 2.
    row.raw('tap_dependent_impedance');
    if (!row.flag('tap_dependency_table', false)) return nameplate;
    const { value, turns } = fromTable(reading, row);
    // As in pandapower, the impedance follows the table even where the ratio does not.
    return { value, turns: row.raw('tap_changer_type') === 'None' ? undefined : turns };
  }
  return row.flag('tap_dependent_impedance', false) ? fromCharacteristics(reading, row) : nameplate;
}

/** The row of a characteristic table for the position that a field of an element holds. */
export function rowAt({ tables }: Reading, row: Row, { table, field }: { table: string; field: string }): Row {
  const id = row.ref('id_characteristic_table');
  const step = row.number(field);
  const found = (tables.get(table)?.rows ?? []).find(
    (each) => each.ref('id_characteristic') === id && each.number('step') === step,
  );
  if (found === undefined)
    throw new LoadstoneError(
      'LS-GRID-003',
      `${row.element}: ${table} has no row with id_characteristic ${id} and step ${step}, its ${field}`,
    );
  return found;
}

function fromTable(reading: Reading, row: Row): AtTap {
  const found = rowAt(reading, row, { table: 'trafo_characteristic_table', field: 'tap_pos' });
  return {
    value: (field) => found.maybe(field),
    turns: { ratio: found.number('voltage_ratio', 1), deg: found.number('angle_deg', 0) },
  };
}

function fromCharacteristics(reading: Reading, row: Row): AtTap {
  const position = row.number('tap_pos');
  return {
    value: (field) => {
      if (row.raw(`${field}_characteristic`) === undefined) return undefined;
      const { points, isLinear } = characteristic(reading, row, field);
      const exact = points.find(([x]) => x === position);
      if (exact !== undefined) return exact[1];
      if (!isLinear)
        reading.omit(
          row,
          `${field}_characteristic`,
          `tap_pos ${position} is between its points: interpolated linearly`,
        );
      return between(points, position);
    },
    turns: undefined,
  };
}

type Points = readonly (readonly [number, number])[];

interface Characteristic {
  readonly points: Points;
  /** pandapower itself interpolates linearly between the points. */
  readonly isLinear: boolean;
}

/** An object in the table `characteristic`: the JSON of its attributes within the JSON of the file. */
function characteristic({ tables }: Reading, row: Row, field: string): Characteristic {
  const id = row.ref(`${field}_characteristic`);
  const refused = new LoadstoneError(
    'LS-GRID-003',
    `${row.element}: ${field}_characteristic ${id} must be a row of the table characteristic with x_vals and y_vals`,
  );
  const rows = tables.get('characteristic')?.rows ?? [];
  const object = asObject(rows.find(({ index }) => index === id)?.raw('object'));
  const held = asObject(object['_object']);
  const [xs, ys] = [held['x_vals'], held['y_vals']].map(numbers);
  if (xs === undefined || ys === undefined || xs.length === 0 || xs.length !== ys.length) throw refused;
  const points = xs.map((x, at) => [x, ys[at]!] as const).toSorted(([a], [b]) => a - b);
  return { points, isLinear: object['_class'] === 'Characteristic' };
}

function asObject(value: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A list, or a numpy array with its list inside. */
function numbers(value: unknown): number[] | undefined {
  const list = Array.isArray(value) ? value : asObject(value)['_object'];
  const plain: unknown = typeof list === 'string' ? asObject(list) : list;
  return Array.isArray(plain) && plain.every((each) => typeof each === 'number') ? plain : undefined;
}

/** Linear between the points, constant beyond them. */
function between(points: Points, x: number): number {
  const after = points.findIndex(([at]) => at > x);
  if (after === 0) return points[0]![1];
  if (after < 0) return points.at(-1)![1];
  const [[x0, y0], [x1, y1]] = [points[after - 1]!, points[after]!];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
