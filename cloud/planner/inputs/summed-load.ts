import type { InputQuery, LoadIntervals, LoadSource } from '../../forecast/serve/inputs.ts';
import { membersOf } from './sum-target.ts';

/** Computes the load of a sum from its members, unknown where any of them is; passes other targets through. */
export class SummedLoad implements LoadSource {
  readonly #load: LoadSource;

  constructor(load: LoadSource) {
    this.#load = load;
  }

  async intervals(query: InputQuery): Promise<LoadIntervals> {
    const members = membersOf(query.target);
    if (members === undefined) return this.#load.intervals(query);
    const read: LoadIntervals[] = [];
    for (const target of members) read.push(await this.#load.intervals({ ...query, target }));
    const [first] = read as [LoadIntervals];
    const said = read.flatMap(({ substitution }) => (substitution === null ? [] : [substitution]));
    return {
      values: Float64Array.from({ length: first.values.length }, (_, step) =>
        read.reduce((sum, { values }) => sum + (values[step] ?? Number.NaN), 0),
      ),
      substitution: said.length === 0 ? null : [...new Set(said)].join('; '),
      revision: read.reduce((sum, { revision = 0 }) => sum + revision, 0),
    };
  }
}
