import { blended, recalibrated, type BlendSettings } from './blend.ts';
import { pinballOf, type PairForecasts, type TestPairs } from './pairs.ts';
import { memberNames, type MemberName } from './stage.ts';

export interface Candidate {
  readonly dropped: readonly MemberName[];
  readonly settings: BlendSettings;
  readonly forecasts: PairForecasts;
}

const SHARPNESS = [6, 12, 24];

/**
 * The blend with the least pinball over these pairs: all members first, then, as long as it helps, without the one whose leaving
 * helps most; then the sharpness of the weights.
 */
export function chosenBlend(
  forecasts: Readonly<Partial<Record<MemberName, PairForecasts>>>,
  pairs: TestPairs,
): Candidate {
  const all = memberNames.filter((name) => forecasts[name] !== undefined);
  const measured = (names: readonly MemberName[], sharpness: number): Measured => {
    const settings = { sharpness };
    const members = names.map((name) => forecasts[name]!);
    const { forecasts: blend } = blended(members, pairs, settings);
    return { names, settings, forecasts: blend, loss: pinballOf(recalibrated(blend, pairs), pairs) };
  };
  let best = measured(all, SHARPNESS[1]!);
  while (best.names.length > 2) {
    const without = best.names.map((name) =>
      measured(
        best.names.filter((each) => each !== name),
        SHARPNESS[1]!,
      ),
    );
    const next = without.reduce((a, b) => (b.loss < a.loss ? b : a));
    if (next.loss >= best.loss) break;
    best = next;
  }
  for (const sharpness of SHARPNESS) {
    const tried = measured(best.names, sharpness);
    if (tried.loss < best.loss) best = tried;
  }
  const { names, settings, forecasts: chosen } = best;
  return { dropped: all.filter((name) => !names.includes(name)), settings, forecasts: recalibrated(chosen, pairs) };
}

interface Measured {
  readonly names: readonly MemberName[];
  readonly settings: BlendSettings;
  readonly forecasts: PairForecasts;
  readonly loss: number;
}
