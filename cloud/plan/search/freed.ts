import { SAME_EUR, stepwise, type Found } from './stepwise.ts';

/**
 * The sun that a plan holds back without a cause is let go. A search ends at a tolerance of all that the plan costs, and beside limits
 * that are broken whatever it does some hundred kilowatts of sun are less than that. Where all plants may feed in what they have and no
 * limit that the step keeps is broken for it, they do, else each by itself that may. Undefined: nothing is held back without a cause.
 */
export function freed(found: Found): Pick<Found, 'best' | 'merit'> | undefined {
  const { layout } = found;
  const width = layout.controls.length;
  const suns = layout.controls.flatMap(({ role, device }, index) =>
    role === 'feed-in' || role === 'limit' ? [{ device, index }] : [],
  );
  const plants = Map.groupBy(suns, ({ device }) => device);
  return stepwise(found, {
    changes: (x, step) =>
      [...plants]
        .map(([device, own]) => ({
          device,
          puts: own.map(({ index }) => step * width + index).filter((at) => x[at]! < layout.upper[at]!),
        }))
        .filter(({ puts }) => puts.length > 0)
        .map(({ device, puts }) => ({ device, puts: puts.map((at) => ({ at, to: layout.upper[at]! })) })),
    accepts: (before, after) =>
      (before.violationEur > 0 || after.violationEur === 0) &&
      after.costEur + after.violationEur <= before.costEur + before.violationEur + SAME_EUR,
    most: 0,
    eachByItself: true,
  });
}
