import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrolmentAnswer } from '../../shared/pki/enrolment.ts';

/** Public keys of the documents, as the cloud lays them out for gateways. Before its first start there are none. */
export function documentKeys(data: string): EnrolmentAnswer['documentKeys'] {
  try {
    return JSON.parse(readFileSync(join(data, 'trusted-keys.json'), 'utf8')) as EnrolmentAnswer['documentKeys'];
  } catch {
    return { keys: [] };
  }
}
