import type { Region } from '../../shared/contracts/region.ts';

/** Solar plants without the date by which they are cut, where the newest is cut first. */
export function agreementFaults({ curtailment, substations }: Pick<Region, 'curtailment' | 'substations'>): string[] {
  if (curtailment !== 'last-in-first-out') return [];
  return substations.flatMap(({ id, devices }) =>
    devices
      .filter(({ type, authority }) => type === 'pv-inverter' && (authority === 'direct' || authority === 'limit'))
      .filter(({ connectedOn }) => connectedOn === undefined)
      .map(
        ({ id: device }) =>
          `substations ${id}, device ${device}: connectedOn is missing; curtailment is last-in-first-out, so give the date of its connection agreement, such as 2019-04-01`,
      ),
  );
}
