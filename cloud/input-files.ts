import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checker } from '../shared/contracts/validate.ts';
import { Region } from '../shared/contracts/region.ts';
import { holidaysOf } from './forecast/holidays.ts';
import { LoadstoneError, unwrap } from '../shared/outcome/outcome.ts';
import { co2Of, type Co2Series } from './dispatch/co2.ts';
import type { WeatherSource } from './forecast/inputs.ts';
import { weatherOf } from './forecast/weather-file.ts';
import { regionFaults } from './region/check.ts';
import { GatewayUsers } from './ingest/gateway-users.ts';

/** The network model that the configuration names. LS-CONFIG-003: no such file, or no JSON; LS-CONFIG-002: it does not fit. */
export function readRegion(path: string): Region {
  if (!existsSync(path)) {
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `region: there is no file ${resolve(path)}; it holds the network model of the region, and "loadstone region build" writes it`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${path}: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
  const region = unwrap(checker(Region, 'LS-CONFIG-002')(value));
  if (region.holidays !== undefined) holidaysOf(region.holidays);
  const faults = regionFaults(region);
  if (faults.length > 0) throw new LoadstoneError('LS-CONFIG-002', `${path}: ${faults.slice(0, 20).join('\n  ')}`);
  return region;
}

export function readCallers(file: string): { text: string | undefined; file: string } {
  if (file === '') return { text: undefined, file };
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `api.callersFile: there is no file ${resolve(file)}`);
  return { text: readFileSync(file, 'utf8'), file };
}

export function readWeather(file: string, region: Region): WeatherSource | undefined {
  if (file === '') return undefined;
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `forecast.weatherFile: there is no file ${resolve(file)}`);
  return weatherOf(readFileSync(file, 'utf8'), file, region);
}

export function readCo2(file: string): Co2Series | undefined {
  if (file === '') return undefined;
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `dispatch.co2File: there is no file ${resolve(file)}`);
  return co2Of(readFileSync(file, 'utf8'), file);
}

export function usersOf(file: string): { users?: GatewayUsers } {
  return existsSync(file) ? { users: GatewayUsers.parse(readFileSync(file, 'utf8'), file) } : {};
}
