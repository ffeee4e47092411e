import { changeOf, referenceOf, stabilityIndex, type InputReference } from './stability.ts';

/** Groups of features whose distribution is watched, with what a model learnt from. */
export type InputReferences = Readonly<Record<string, InputReference>>;

/** Series of a target on one grid, NaN where nothing is known. */
export interface WatchedInputs {
  readonly load: Float64Array;
  readonly weather?: { readonly ghi: Float64Array; readonly wind: Float64Array } | null | undefined;
}

export interface InputDrift {
  readonly group: string;
  /** Population stability index against what the model learnt from, and the limit above which it has drifted. */
  readonly index: number;
  readonly limit: number;
}

const DAY = 96;
/** With less than this the seasons themselves would be a drift of the weather. */
const SEASONS_DAYS = 300;

/** `load`: lags and means; `change`: what they leave to be forecast; `ghi` and `wind` where a year has been seen of them. */
function groupsOf({ load, weather }: WatchedInputs): Record<string, Float64Array> {
  const groups: Record<string, Float64Array> = { load, change: changeOf(load, DAY) };
  if (weather)
    Object.assign(groups, { ghi: weather.ghi.subarray(0, load.length), wind: weather.wind.subarray(0, load.length) });
  return groups;
}

export function referencesOf(inputs: WatchedInputs): InputReferences {
  const isLong = inputs.load.length >= SEASONS_DAYS * DAY;
  const groups = Object.entries(groupsOf(isLong ? inputs : { load: inputs.load }));
  return Object.fromEntries(
    groups.flatMap(([group, values]) => {
      const reference = referenceOf(values, DAY);
      return reference === undefined ? [] : [[group, reference]];
    }),
  );
}

/** How far the last weeks lie from what a model learnt from, by group. */
export function inputDrifts(references: InputReferences, inputs: WatchedInputs): InputDrift[] {
  const groups = groupsOf(inputs);
  return Object.entries(references).flatMap(([group, reference]) => {
    const index = groups[group] === undefined ? undefined : stabilityIndex(reference, groups[group]);
    return index === undefined ? [] : [{ group, index, limit: reference.limit }];
  });
}
