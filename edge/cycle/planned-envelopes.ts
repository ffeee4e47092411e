import type { PlanDocument } from '../../shared/contracts/document.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Wish } from '../control/arbitrate.ts';
import { obeys, type Joined, type Obeying } from '../control/envelope.ts';
import { finite } from '../control/image.ts';
import { drawnTogether, plannedPoints } from '../safety/connection-point.ts';
import type { Site } from './step-types.ts';

/** The plan's envelopes in its step, drawn in to what it allows those of each connection point, and all devices, together. */
export function plannedEnvelopes(
  { specs, points }: Site,
  now: Obeying,
  { document, step }: { readonly document: PlanDocument; readonly step: number },
  wishes: ReadonlyMap<string, Wish>,
): ReadonlyMap<string, PowerRange> {
  const { devices, envelope } = document.body;
  const own = new Map<string, Joined>();
  for (const { id, lever, safeKw } of specs) {
    const range = devices.find(({ device }) => device === id)?.envelope?.[step];
    if (range === undefined || lever === 'none') continue;
    const live = now.image.devices.get(id);
    const measured = finite(live?.activePowerKw) ? live.activePowerKw : safeKw;
    own.set(id, {
      range,
      wishedKw: wishes.get(id)?.kw ?? measured,
      fixed: !obeys(now, id),
      limited: lever !== 'power',
    });
  }
  const common = envelope?.[step];
  return drawnTogether(own, [
    ...plannedPoints(document.body, step, { points, image: now.image }),
    ...(common === undefined ? [] : [{ devices: [...own.keys()], range: common }]),
  ]);
}
