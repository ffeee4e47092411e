import { openPatiently, type Opening } from '../local/open-patiently.ts';
import type { LocalBroker } from './local-broker.ts';

/** Starts the broker for the devices. Until its address is available the gateway guards with the devices that it polls. */
export async function openToDevices(
  broker: LocalBroker,
  opening: Pick<Opening, 'time' | 'lacks' | 'onOpen'>,
): Promise<{ close(): Promise<void> }> {
  let started = false;
  const opened = await openPatiently({
    ...opening,
    key: 'localBroker.listen',
    missing: 'no device can connect',
    open: () => {
      if (started) return broker.listen();
      started = true;
      return broker.start();
    },
  });
  return {
    close: async () => {
      opened.stop();
      await broker.stop();
    },
  };
}
