import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Wish } from '../control/arbitrate.ts';
import { obeys, type Joined, type Obeying } from '../control/envelope.ts';
import { finite } from '../control/image.ts';
import { drawnTogether, plannedPoints } from '../safety/connection-point.ts';
import type { Site } from './step-types.ts';

/**
 * The plan's envelopes in this step, drawn in to the joint limits of each connection point and of all devices. A device that obeys
 * no setpoint counts at its full rating; its displayed envelope stays the plan's.
 */
export function plannedEnvelopes(
  { specs, points }: Site,
  now: Obeying,
  { document, step }: { readonly document: PlanDocument; readonly step: number },
  wishes: ReadonlyMap<string, Wish>,
): ReadonlyMap<string, PowerRange> {
  const { devices, envelope } = document.body;
  const own = new Map<string, Joined>();
  const loose = new Map<string, PowerRange>();
  for (const { id, lever, safeKw, rating } of specs) {
    const range = devices.find(({ device }) => device === id)?.envelope?.[step];
    if (range === undefined || lever === 'none') continue;
    const live = now.image.devices.get(id);
    const measured = finite(live?.activePowerKw) ? live.activePowerKw : safeKw;
    const fixed = !obeys(now, id);
    if (fixed) loose.set(id, range);
    own.set(id, {
      range: fixed ? rating : range,
      wishedKw: wishes.get(id)?.kw ?? measured,
      fixed,
      limited: lever !== 'power',
    });
  }
  const common = envelope?.[step];
  // The other devices need not make up for the worst case of a device that does not obey.
  const joined = loose.size === 0 ? own : new Map([...own].map(([id, each]) => [id, { ...each, held: true }]));
  const drawn = drawnTogether(joined, [
    ...plannedPoints(document.body, step, { points, image: now.image }),
    ...(common === undefined ? [] : [{ devices: [...own.keys()], range: common }]),
  ]);
  return new Map([...drawn, ...loose]);
}
