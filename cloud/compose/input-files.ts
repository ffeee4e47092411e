import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { co2Of, type Co2Series } from '../plan/problem/co2.ts';
import type { WeatherSource } from '../forecast/serve/inputs.ts';
import { weatherOf } from '../forecast/serve/weather-file.ts';

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
