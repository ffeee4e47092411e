import type { RegionDevice, RegionSubstation } from './region.ts';

/** The tap changer of the substation's own transformer, which is the first one. Those of transformers behind it are fixed for us. */
export const ownTapChanger = ({
  devices,
  network,
}: Pick<RegionSubstation, 'devices' | 'network'>): RegionDevice | undefined =>
  devices.find(
    ({ type, bus }) => type === 'tap-changer' && !network.transformers.slice(1).some((other) => other.to === bus),
  );
