import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { indexOfLevel } from '../../../../shared/forecast/quantiles.ts';
import { adjusted, Coherence, type Adjustment } from '../../reconcile/coherent.ts';
import type { Family } from '../../reconcile/reconcile.ts';
import type { ForecastTarget } from '../../registry/forecast-target.ts';
import { withRest } from '../components.ts';
import { roundedKw } from '../rounded-kw.ts';
import type { JointSums, TogetherPaths } from './joint-sums.ts';
import { remainderOf } from './remainder.ts';

/** A whole and its parts, by name. */
export interface NamedFamily {
  readonly whole: string;
  readonly parts: readonly string[];
  readonly rest?: string | undefined;
}

/** The families of targets, each before the family that its whole is a part of. */
export function familiesOf(targets: readonly Pick<ForecastTarget, 'id' | 'within' | 'isRest'>[]): NamedFamily[] {
  const within = new Map(targets.map((target) => [target.id, target.within]));
  const depth = (id: string): number => {
    const above = within.get(id);
    return above === undefined ? 0 : 1 + depth(above);
  };
  const families = Map.groupBy(
    targets.filter((target) => target.within !== undefined),
    (target) => target.within!,
  );
  return [...families]
    .map(([whole, parts]) => ({
      whole,
      parts: parts.map(({ id }) => id),
      rest: parts.find(({ isRest }) => isRest)?.id,
    }))
    .toSorted((a, b) => depth(b.whole) - depth(a.whole));
}

const STEPS_PER_HOUR = 4;

/**
 * Reconciles forecasts made together, so that parts add up to their whole. A rest that is one of `unmeasured` becomes what the other parts
 * leave. Any other family with a missing forecast stays as it is, with a warning. It yields between hours.
 */
export async function reconciledTogether(
  made: readonly Forecast[],
  families: readonly NamedFamily[],
  { joint, unmeasured }: { readonly joint: Pick<JointSums, 'together'>; readonly unmeasured: ReadonlySet<string> },
): Promise<Forecast[]> {
  const start = Math.max(...made.map((each) => each.start));
  const has = new Set(made.filter((each) => each.start === start).map((each) => each.target));
  const isLeft = ({ whole, rest }: NamedFamily): boolean =>
    rest !== undefined && unmeasured.has(rest) && has.has(whole);
  const reconciled = await wholeFamilies(
    made,
    families.filter((family) => !isLeft(family)),
    joint,
  );
  const byTarget = new Map(reconciled.filter((each) => each.start === start).map((each) => [each.target, each]));
  const remainders = families.filter(isLeft).map(({ whole, parts, rest }) =>
    remainderOf(rest!, byTarget.get(whole)!, {
      parts: parts.flatMap((id) => byTarget.get(id) ?? []),
      lacking: parts.filter((id) => id !== rest && !has.has(id)),
    }),
  );
  return [...reconciled, ...remainders];
}

async function wholeFamilies(
  made: readonly Forecast[],
  families: readonly NamedFamily[],
  joint: Pick<JointSums, 'together'>,
): Promise<Forecast[]> {
  const start = Math.max(...made.map((each) => each.start));
  const byTarget = new Map(made.filter((each) => each.start === start).map((each) => [each.target, each]));
  const lacking = new Map<string, string>();
  const whole: NamedFamily[] = [];
  for (const family of families) {
    const members = [family.whole, ...family.parts];
    const missing = members.find((id) => !byTarget.has(id));
    if (missing === undefined) whole.push(family);
    else for (const id of members) lacking.set(id, missing);
  }
  const known = [...new Set(whole.flatMap((family) => [family.whole, ...family.parts]))].map((id) => byTarget.get(id)!);
  const notes = (forecast: Forecast): Forecast => {
    const missing = lacking.get(forecast.target);
    if (missing === undefined) return forecast;
    return {
      ...forecast,
      warnings: [...forecast.warnings, `not reconciled with its family: ${missing} has no forecast`],
    };
  };
  if (known.length === 0) return made.map(notes);
  const paths = await joint.together(known);
  const index = new Map(known.map(({ target }, at) => [target, at]));
  const indexed = whole.map((family): Family => ({
    whole: index.get(family.whole)!,
    parts: family.parts.map((id) => index.get(id)!),
    rest: family.rest === undefined ? undefined : index.get(family.rest)!,
  }));
  const coherence = new Coherence(
    known.map(({ values }) => values),
    indexed,
    { levels: known[0]!.quantiles, joint: paths },
  );
  for (let step = 0; step < coherence.steps; step++) {
    if (step % STEPS_PER_HOUR === 0) await new Promise(setImmediate);
    coherence.step(step, Math.floor(step / STEPS_PER_HOUR));
  }
  coherence.evenSpreads(STEPS_PER_HOUR);
  return made.map((forecast) => {
    const at = index.get(forecast.target);
    if (at === undefined || forecast.start !== start) return notes(forecast);
    return notes(withAdjustment(forecast, coherence.adjustments[at]!, { paths, series: known.length }));
  });
}

function withAdjustment(
  forecast: Forecast,
  adjustment: Adjustment,
  { paths, series }: { readonly paths: TogetherPaths | undefined; readonly series: number },
): Forecast {
  const { quantiles, components } = forecast;
  const steps = adjustment.mean.length;
  const of = paths?.of ?? 'none';
  const { before, mean, spread } = adjustment;
  const values = forecast.values.map((row) =>
    row.map((value, step) => (step < steps ? roundedKw(adjusted(value, adjustment, step)) : value)),
  );
  const median = values[indexOfLevel(quantiles, 0.5)]!;
  return {
    ...forecast,
    values,
    mean: Array.from(mean, roundedKw),
    reconciled: {
      before: Array.from(before, roundedKw),
      spread: Array.from(spread, (value) => Math.round(value * 1e4) / 1e4),
      series,
      of,
      paths: paths?.paths ?? 0,
    },
    ...(components && { components: withRest(median, components.solar, components.wind) }),
  };
}
