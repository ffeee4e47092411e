import { messageOf } from '../../shared/outcome/message-of.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { isShort } from '../journal/recovery.ts';
import type { Restored } from './channel.ts';
import type { LatestFile } from './latest-file.ts';

/** A refused read of the state is repeated this often, and each time after this pause. */
const TRIES = 60;
const AGAIN_MS = 1000;

type SavedState = Pick<Restored, 'stateJson' | 'stateLost'>;

/**
 * Reads the control state from before the start. It may bar commands, so a disk that refuses the read is asked again. After a minute of
 * refusals the state counts as lost, unless only a permission or a resource is missing: then the file is whole.
 */
export async function readSavedState(file: LatestFile, machine: TimeBase): Promise<SavedState> {
  const { promise, resolve } = Promise.withResolvers<SavedState>();
  let tries = 0;
  const read = async (): Promise<void> => {
    try {
      const bytes = await file.read();
      resolve({ stateJson: bytes === undefined ? null : new TextDecoder().decode(bytes) });
    } catch (error) {
      if (++tries >= TRIES && !isShort(error))
        resolve({ stateJson: null, stateLost: { code: 'LS-JOURNAL-001', detail: messageOf(error) } });
      else machine.after(AGAIN_MS, read);
    }
  };
  await read();
  return promise;
}
