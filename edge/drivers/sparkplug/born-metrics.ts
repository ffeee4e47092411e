import type { DecodedMetric } from '../../../shared/codec/sparkplug.ts';
import { nearest } from '../../../shared/config/nearest.ts';

/** A name search compares every letter with every letter, so it is bounded by length and by number of names. */
const MOST_LETTERS = 60;
const MOST_COMPARED = 300;

/** What a birth states about one metric, valid until the next birth. */
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
  /** Aliases used by more than one metric; they resolve to none. */
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

  /** The metric that a value in the data belongs to: by its name if present, else by its alias. */
  of({ name, alias }: DecodedMetric): BornMetric | undefined {
    if (name !== undefined && name !== '') return this.#byName.get(name);
    return alias === undefined ? undefined : this.#byAlias.get(alias);
  }

  /** How to name the metric in a command; undefined if its alias would also address another metric. */
  addressed(name: string): BornMetric | undefined {
    const born = this.#byName.get(name);
    return born?.alias !== undefined && this.#byAlias.get(born.alias) !== born ? undefined : born;
  }

  /** The most similar name. The cycle waits meanwhile, so ask for one per birth only. */
  near(name: string): string | undefined {
    if (name.length > MOST_LETTERS) return undefined;
    const alike = this.#byName.keys().filter((each) => Math.abs(each.length - name.length) <= name.length / 3);
    return nearest(name, [...alike.take(MOST_COMPARED)]);
  }
}
