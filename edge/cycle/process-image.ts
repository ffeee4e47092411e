import type { Metric } from '../../shared/contracts/frame.ts';
import type { DeviceImage, ElementImage, Image } from '../control/image.ts';
import { signedKw, type DeviceSpec } from '../control/model.ts';
import type { Samples } from '../drivers/driver.ts';
import type { Attendance } from './attendance.ts';

/** A source of samples with its own staleness limit. */
export interface Source {
  readonly id: string;
  readonly staleAfterS: number;
  samples(): Samples;
  /** True once the source is known to be dead: its values are void at once. */
  gone?(): boolean;
}

export interface ImageInput {
  /** Plant time, ms UTC, and elapsed plant time, ms. */
  readonly time: number;
  readonly elapsedMs: number;
  readonly stepS: number;
  readonly sources: ReadonlyMap<string, Source>;
  readonly specs: readonly DeviceSpec[];
  readonly elements: readonly string[];
  readonly attendance: Pick<Attendance, 'excuses'>;
}

/**
 * Copies what the drivers know into an image that is constant throughout the cycle. A stale value is null, and so is every value of
 * a source that is gone.
 */
export function processImage(input: ImageInput): Image {
  const devices = new Map<string, DeviceImage>();
  for (const spec of input.specs) devices.set(spec.id, deviceImage(spec, input));
  const elements = new Map<string, ElementImage>();
  for (const id of input.elements) {
    const read = reader(id, input);
    elements.set(id, {
      id,
      fresh: read.fresh,
      excused: read.excused,
      lastSeen: read.lastSeen,
      heardS: read.heardS,
      activePowerKw: read.value('activePowerKw'),
      reactivePowerKvar: read.value('reactivePowerKvar'),
      voltagePu: read.value('voltagePu'),
      currentA: read.value('currentA'),
      closed: read.value('closed'),
    });
  }
  const temperatures = input.specs
    .map(({ id }) => reader(id, input).value('temperatureC'))
    .filter((value) => value !== null);
  const ambientC = temperatures.length === 0 ? null : Math.max(...temperatures);
  return { time: input.time, stepS: input.stepS, devices, elements, ambientC };
}

function deviceImage(spec: DeviceSpec, input: ImageInput): DeviceImage {
  const read = reader(spec.id, input);
  const limit = read.value('activePowerLimitKw');
  const setpoint = read.value('activePowerSetpointKw');
  const readback = signedKw(spec.lever, {
    ...(limit === null ? {} : { activePowerLimitKw: limit }),
    ...(setpoint === null ? {} : { activePowerKw: setpoint }),
  });
  return {
    id: spec.id,
    fresh: read.fresh,
    excused: read.excused,
    lastSeen: read.lastSeen,
    heardS: read.heardS,
    activePowerKw: read.value('activePowerKw'),
    powerAgeS: read.ageS('activePowerKw'),
    reactivePowerKvar: read.value('reactivePowerKvar'),
    voltagePu: read.value('voltagePu'),
    socPct: read.value('socPct'),
    freeKw: unlimitedKw(spec, read.value),
    readbackKw: readback ?? null,
    readbackAgeS: read.ageS(limit === null ? 'activePowerSetpointKw' : 'activePowerLimitKw'),
    readbackKvar: read.value('reactivePowerSetpointKvar'),
    readbackKvarAgeS: read.ageS('reactivePowerSetpointKvar'),
  };
}

/** What sun or customer would do without a limit, kW; PV feeds in, so it is negative. */
function unlimitedKw({ lever }: DeviceSpec, value: (metric: Metric) => number | null): number | null {
  if (lever === 'import-limit') return value('wishedKw');
  const availableKw = lever === 'export-limit' ? value('availableKw') : null;
  return availableKw === null ? null : -availableKw || 0;
}

function reader(id: string, { sources, elapsedMs, attendance }: ImageInput) {
  const source = sources.get(id);
  const samples = source?.samples();
  const youngest = Math.max(-Infinity, ...[...(samples?.values() ?? [])].map(({ receivedMs }) => receivedMs));
  const lastSeen = Math.max(-Infinity, ...[...(samples?.values() ?? [])].map(({ time }) => time));
  const staleMs = (source?.staleAfterS ?? 0) * 1000;
  const gone = source?.gone?.() ?? false;
  const fresh = !gone && elapsedMs - youngest <= staleMs;
  const excused = attendance.excuses({ id, youngestMs: youngest, staleAfterS: source?.staleAfterS ?? 0 });
  return {
    fresh,
    excused: !fresh && !gone && excused,
    lastSeen: Number.isFinite(lastSeen) ? lastSeen : null,
    heardS: (elapsedMs - Math.max(youngest, -1e12)) / 1000,
    ageS: (metric: Metric): number => (elapsedMs - (samples?.get(metric)?.receivedMs ?? -1e12)) / 1000,
    value: (metric: Metric): number | null => {
      const sample = samples?.get(metric);
      return !gone && sample !== undefined && elapsedMs - sample.receivedMs <= staleMs ? sample.value : null;
    },
  };
}
