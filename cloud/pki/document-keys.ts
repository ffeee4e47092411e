import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrolmentAnswer } from '../../shared/pki/enrolment.ts';

/** Public keys of the documents, as laid out for gateways. None before the cloud's first start. */
export function documentKeys(data: string): EnrolmentAnswer['documentKeys'] {
  try {
    return JSON.parse(readFileSync(join(data, 'trusted-keys.json'), 'utf8')) as EnrolmentAnswer['documentKeys'];
  } catch {
    return { keys: [] };
  }
}
