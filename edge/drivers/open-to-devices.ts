import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import type { LocalBroker } from './local-broker.ts';

const AGAIN_MS = 5000;

interface Opening {
  readonly time: TimeBase;
  /** What the site lacks, in words; holds a line for as long as no device can connect. */
  readonly lacks: string[];
  /** Called once the address is open, where it was not at once. */
  readonly onOpen?: (port: number) => void;
}

/**
 * Starts the broker for the devices. An address that is not here yet (the network comes later than the gateway) or that another
 * process holds is tried again every five seconds: meanwhile the gateway guards with the devices that it asks itself.
 */
export async function openToDevices(
  broker: LocalBroker,
  { time, lacks, onOpen }: Opening,
): Promise<{ close(): Promise<void> }> {
  let timer: Timer | undefined;
  let told: string | undefined;
  let closed = false;
  const tell = (line: string | undefined): void => {
    const at = told === undefined ? -1 : lacks.indexOf(told);
    if (at >= 0) lacks.splice(at, 1);
    if (line !== undefined) lacks.push(line);
    told = line;
  };
  const attempt = async (open: () => Promise<void>): Promise<void> => {
    try {
      await open();
      if (told !== undefined) onOpen?.(broker.port);
      tell(undefined);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tell(`localBroker.listen: ${why}; no device can connect, it is tried again`);
      if (!closed) timer = time.after(AGAIN_MS, () => void attempt(() => broker.listen()));
    }
  };
  await attempt(() => broker.start());
  return {
    close: async () => {
      closed = true;
      timer?.cancel();
      await broker.stop();
    },
  };
}
