import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

const AGAIN_MS = 5000;

export interface Opening {
  /** Opens the address, or rejects with the reason. It is called again after a failure. */
  readonly open: () => Promise<void>;
  /** The configuration key of the address, and what is missing meanwhile, such as `no device can connect`. */
  readonly key: string;
  readonly missing: string;
  readonly time: TimeBase;
  /** What the site lacks, in words; contains a line while the address is not open. */
  readonly lacks: string[];
  /** Called once the address is open, if it did not open at once. */
  readonly onOpen?: () => void;
}

/**
 * Opens an address that does not exist yet (the network may come after the gateway) or that another process holds. It retries every five
 * seconds, and the gateway works without it meanwhile. Settles after the first attempt.
 */
export async function openPatiently(opening: Opening): Promise<{ stop(): void }> {
  const { open, key, missing, time, lacks, onOpen } = opening;
  let timer: Timer | undefined;
  let reported: string | undefined;
  let stopped = false;
  const tell = (line: string | undefined): void => {
    const at = reported === undefined ? -1 : lacks.indexOf(reported);
    if (at >= 0) lacks.splice(at, 1);
    if (line !== undefined) lacks.push(line);
    reported = line;
  };
  const attempt = async (): Promise<void> => {
    try {
      await open();
      if (reported !== undefined) onOpen?.();
      tell(undefined);
    } catch (error) {
      tell(`${key}: ${messageOf(error)}; ${missing}; retrying`);
      if (!stopped) timer = time.after(AGAIN_MS, () => void attempt());
    }
  };
  await attempt();
  return {
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}
