import type { DecodedMetric } from '../../../shared/codec/sparkplug.ts';
import { nearest } from '../../../shared/config/nearest.ts';

/** Each letter of a birth is compared with each of a name: longer ones are not, nor more of them. */
const MOST_LETTERS = 60;
const MOST_COMPARED = 300;

/** What a birth says of one metric, for good until the next birth. */
export interface BornMetric {
  readonly name: string;
  readonly alias: number | undefined;
  readonly datatype: number | undefined;
  readonly inLong: boolean;
}

/** The metrics of one birth, by name and by alias. */
export class BornMetrics {
  readonly #byName = new Map<string, BornMetric>();
  readonly #byAlias = new Map<number, BornMetric>();
  /** Aliases that stand for more than one metric: none of them is to be taken for either. */
  readonly ambiguous: readonly number[];

  constructor(metrics: readonly DecodedMetric[]) {
    const ambiguous = new Set<number>();
    for (const { name, alias, datatype, inLong } of metrics) {
      if (name === undefined || name === '') continue;
      if (alias !== undefined && this.#byAlias.has(alias)) ambiguous.add(alias);
      const born = { name, alias, datatype, inLong };
      this.#byName.set(name, born);
      if (alias !== undefined) this.#byAlias.set(alias, born);
    }
    for (const alias of ambiguous) this.#byAlias.delete(alias);
    this.ambiguous = [...ambiguous];
  }

  get(name: string): BornMetric | undefined {
    return this.#byName.get(name);
  }

  /** Which metric a value in the data belongs to. A name says it by itself; where there is none, the alias does. */
  of({ name, alias }: DecodedMetric): BornMetric | undefined {
    if (name !== undefined && name !== '') return this.#byName.get(name);
    return alias === undefined ? undefined : this.#byAlias.get(alias);
  }

  /** How the metric is to be named in a command; undefined where its alias would move another one too. */
  addressed(name: string): BornMetric | undefined {
    const born = this.#byName.get(name);
    return born?.alias !== undefined && this.#byAlias.get(born.alias) !== born ? undefined : born;
  }

  /** The name that may have been meant; the cycle waits meanwhile, so ask for one of a birth. */
  near(name: string): string | undefined {
    if (name.length > MOST_LETTERS) return undefined;
    const alike = this.#byName.keys().filter((each) => Math.abs(each.length - name.length) <= name.length / 3);
    return nearest(name, [...alike.take(MOST_COMPARED)]);
  }
}
