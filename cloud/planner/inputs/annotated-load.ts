import { fromNullable } from '../../../shared/forecast/series.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { InputQuery, LoadIntervals, LoadSource } from '../../forecast/serve/inputs.ts';
import { concernedBy, excludedSteps, type StepRange } from './annotation.ts';
import type { AnnotationStore } from './annotation-store.ts';

export interface Exclusions {
  /** Per step, whether an outage or switching of the target touches it, as known at `asOf`. */
  excluded(target: string, range: StepRange, asOf?: number): Promise<Uint8Array>;
}

const MOST = 10_000;

/** The load without the steps that annotated outages and switchings touch: they are unknown to training, features and scores alike. */
export class AnnotatedLoad implements LoadSource, Exclusions {
  readonly #load: LoadSource;
  readonly #region: Region;
  readonly #store: Pick<AnnotationStore, 'list' | 'revision'>;

  constructor(load: LoadSource, region: Region, store: Pick<AnnotationStore, 'list' | 'revision'>) {
    this.#load = load;
    this.#region = region;
    this.#store = store;
  }

  async intervals(query: InputQuery): Promise<LoadIntervals> {
    // Read before the load: if an annotation changes meanwhile, the caller reads again.
    const { revision: before } = this.#store;
    const read = await this.#load.intervals(query);
    const revision = (read.revision ?? 0) + before;
    const mask = await this.excluded(query.target, query, query.asOf);
    if (!mask.includes(1)) return { ...read, revision };
    const values = fromNullable(read.values);
    for (const [step, isExcluded] of mask.entries()) if (isExcluded === 1) values[step] = Number.NaN;
    return { ...read, values, revision };
  }

  excluded(target: string, range: StepRange, asOf?: number): Promise<Uint8Array> {
    return excludedOf(target, range, { region: this.#region, annotations: this.#store, asOf });
  }
}

/** Per step, whether an outage or switching of the target touches it, as known at `asOf`. */
export async function excludedOf(
  target: string,
  range: StepRange,
  {
    region,
    annotations,
    asOf,
  }: {
    readonly region: Region;
    readonly annotations: Pick<AnnotationStore, 'list'>;
    readonly asOf?: number | undefined;
  },
): Promise<Uint8Array> {
  const found = await annotations.list(
    {
      targets: concernedBy(region, target),
      from: range.start,
      to: range.end,
      ...(asOf === undefined ? {} : { asOf }),
    },
    { after: 0, limit: MOST },
  );
  return excludedSteps(found, range);
}
