import type { BranchView, DeviceView, FeederView } from '../../../../shared/contracts/view.ts';

/** Series name of a shown value, `owd-01/battery-1/activePowerKw`; undefined if nothing measures it. */
export const deviceSeries = (
  gateway: string | undefined,
  { id }: Pick<DeviceView, 'id'>,
  metric: 'activePowerKw' | 'socPct' | 'voltagePu',
): string | undefined => (gateway === undefined ? undefined : `${gateway}/${id}/${metric}`);

/** Skips tap changers, which report only their position. */
export function voltageSeries(
  gateway: string | undefined,
  devices: readonly Pick<DeviceView, 'id' | 'bus' | 'type'>[],
  bus: string,
): string | undefined {
  const own = devices.find((device) => device.bus === bus && device.type !== 'tap-changer');
  return own === undefined ? undefined : deviceSeries(gateway, own, 'voltagePu');
}

/** Flows are estimates, except at the feeder's head, which has a meter. */
export const flowSeries = (
  { head }: Pick<FeederView, 'head'>,
  { from, to }: Pick<BranchView, 'from' | 'to'>,
): string | undefined => ([from, to].some((bus) => bus.endsWith('-bb')) ? head.series : undefined);
