import type { BranchView, DeviceView, FeederView } from '../../../../shared/contracts/view.ts';

/** What values that the page shows are measured as, `owd-01/battery-1/activePowerKw`; undefined: nothing measures them. */
export const deviceSeries = (
  gateway: string | undefined,
  { id }: Pick<DeviceView, 'id'>,
  metric: 'activePowerKw' | 'socPct' | 'voltagePu',
): string | undefined => (gateway === undefined ? undefined : `${gateway}/${id}/${metric}`);

/** A tap changer tells its position alone. */
export function voltageSeries(
  gateway: string | undefined,
  devices: readonly Pick<DeviceView, 'id' | 'bus' | 'type'>[],
  bus: string,
): string | undefined {
  const own = devices.find((device) => device.bus === bus && device.type !== 'tap-changer');
  return own === undefined ? undefined : deviceSeries(gateway, own, 'voltagePu');
}

/** Flows are estimated but for that at the feeder's head, which its meter measures. */
export const flowSeries = (
  { head }: Pick<FeederView, 'head'>,
  { from, to }: Pick<BranchView, 'from' | 'to'>,
): string | undefined => ([from, to].some((bus) => bus.endsWith('-bb')) ? head.series : undefined);
