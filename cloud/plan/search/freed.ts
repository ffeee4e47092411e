import { keepsAsMuch } from './evaluate.ts';
import { SAME_EUR, stepwise, type Found } from './stepwise.ts';

/**
 * The sun that a plan holds back without a cause is let go. A search ends at a tolerance of all that the plan costs, and beside limits
 * that are broken whatever it does some hundred kilowatts of sun are less than that. Where all plants may feed in what they have and no
 * limit that the step keeps is broken for it, they do, else each by itself that may. Undefined: nothing is held back without a cause.
 */
export function freed(found: Found): Pick<Found, 'best' | 'merit'> | undefined {
  const {
    layout: { controls, upper },
  } = found;
  const suns = controls.flatMap(({ role, device }, index) =>
    role === 'feed-in' || role === 'limit' ? [{ device, index }] : [],
  );
  return stepwise(found, {
    changes: (x, step) => {
      const held = suns
        .map(({ device, index }) => ({ device, at: step * controls.length + index }))
        .filter(({ at }) => x[at]! < upper[at]!);
      return [...Map.groupBy(held, ({ device }) => device)].map(([device, own]) => ({
        device,
        puts: own.map(({ at }) => ({ at, to: upper[at]! })),
      }));
    },
    accepts: (before, after) =>
      keepsAsMuch(before.violationEur, after.violationEur) &&
      after.costEur + after.violationEur <= before.costEur + before.violationEur + SAME_EUR,
    most: 0,
    eachByItself: true,
  });
}
