import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Region } from '../../shared/contracts/region.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { inFile, LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { holidaysOf } from '../forecast/serve/holidays.ts';
import { regionFaults } from './check.ts';

/**
 * Reads the network model that the configuration names. Throws LS-CONFIG-003 if the file is missing or not JSON, LS-CONFIG-002 if it is not
 * valid.
 */
export function readRegion(path: string): Region {
  if (!existsSync(path)) {
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `region: file ${resolve(path)} with the network model of the region does not exist; create it with "loadstone region build"`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${path}: ${messageOf(error)}`);
  }
  const region = inFile(path, () => unwrap(checker(Region, 'LS-CONFIG-002')(value)));
  if (region.holidays !== undefined) holidaysOf(region.holidays);
  const faults = regionFaults(region);
  if (faults.length > 0) throw new LoadstoneError('LS-CONFIG-002', `${path}: ${faults.slice(0, 20).join('\n  ')}`);
  return region;
}
