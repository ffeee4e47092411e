import type { GridCode } from '../../../shared/grid/grid-codes.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Setpoint, SetpointKey } from '../../control/setpoint.ts';
import { RegisterImage, splitBlock, type Block } from '../modbus/blocks.ts';
import type { DeviceMap, FindMap, ReadBlock } from '../modbus/profile.ts';
import { controlWrites, limitStepKw, readback, type Control } from './control.ts';
import { available, charge, measured, measuredModel } from './measure.ts';
import {
  controls,
  derCapacity,
  derControl,
  derControls,
  nameplate,
  settings,
  storage,
  storageCapacity,
} from './models.ts';
import { gridParameters } from './grid-code.ts';
import { putOf, valueOf, type FoundModel } from './points.ts';
import { scanSunspec } from './scan.ts';

export interface SunspecOptions {
  /** Models that may be used; `auto`: all that the scan finds. */
  readonly models: 'auto' | readonly number[];
  /** Volts to neutral at 1 per unit. */
  readonly nominalV: number;
  /** Commanded setpoints. */
  readonly keys: ReadonlySet<SetpointKey>;
  /** In the device's own sign. */
  readonly revertTo: Setpoint;
  /** The grid code to hold, and the ratio of the device's apparent to active power; absent: its functions are left alone. */
  readonly gridCode?: { readonly code: GridCode; readonly kvaPerKw: number } | undefined;
}

const polledLengths: Readonly<Record<number, number>> = {
  123: controls.length,
  124: storage.length,
  704: derControls.length,
  713: storageCapacity.length,
  715: derControl.length,
};
/** Models that contain a rating. */
const RATED: ReadonlySet<number> = new Set([120, 121, 702]);
const LOCAL = 1;
const BEAT_MODULO = 0xffff_fffe;
/** The standard counts the device's heartbeat up every second. */
const STILL_MS = 30_000;
const STILL_POLLS = 3;

/** Finds a SunSpec device's models and builds a map of the usable ones. */
export const findSunspec =
  (options: SunspecOptions): FindMap =>
  async (read) => {
    const scanned = await scanSunspec(read);
    if (!scanned.ok) return scanned;
    const { models: wanted } = options;
    const models = scanned.value.models.filter(({ id }) => wanted === 'auto' || wanted.includes(id));
    const source = measuredModel(models);
    if (source === undefined) {
      const found = scanned.value.models.map(({ id }) => id).join(', ');
      return bad('LS-DEVICE-004', `none of its models measures power; it has ${found}`);
    }
    const limits = await capacity(read, models);
    if (!limits.ok) return limits;
    return good(mapOf(options, { ...limits.value, models, revertTo: options.revertTo }));
  };

function mapOf({ nominalV, keys, gridCode }: SunspecOptions, control: Control): DeviceMap {
  const { models } = control;
  const source = measuredModel(models)!;
  const command = models.find(({ id }) => id === 715);
  const isLocal = (image: RegisterImage): boolean =>
    command !== undefined && valueOf(command, image, derControl.local) === LOCAL;
  const parameters = gridCode === undefined ? undefined : gridParameters(gridCode.code, models, gridCode);
  let beat = 0;
  return {
    sign: source.points.sign,
    isPartial: control.wattsMax === undefined && models.some(({ id }) => RATED.has(id)),
    parameters: parameters && { ...parameters, writes: (image) => (isLocal(image) ? [] : parameters.writes(image)) },
    blocks: [
      ...splitBlock(blockOf(source.model, source.points.length)),
      ...models.flatMap((model) => {
        const length = polledLengths[model.id];
        return length === undefined ? [] : [blockOf(model, length)];
      }),
    ],
    readings: (image) => {
      const now = measured(source, image, nominalV);
      const readings = [...now, ...charge(models, image), ...readback(control, { keys, measured: now }, image)];
      return [...readings, ...available(source, models, readings)];
    },
    ...(command === undefined ? {} : { frozen: stillness(command) }),
    stepKw: (image) => limitStepKw(control, image),
    writes: (setting, image) =>
      isLocal(image)
        ? bad('LS-DEVICE-004', 'the device is switched to local control; switch it to remote control at the device')
        : controlWrites(control, setting, image),
    beat: (image) => {
      // A device in local control may reject its controller's heartbeat, and one without that point has other registers there.
      if (command === undefined || keys.size === 0 || isLocal(image)) return [];
      if (valueOf(command, image, derControl.controllerBeat) === undefined) return [];
      beat = (beat + 1) % BEAT_MODULO;
      const write = putOf(command, image, derControl.controllerBeat, { value: beat });
      return write === undefined ? [] : [write];
    },
  };
}

/** Finds out when a heartbeat that used to count stands still: a gateway then shows the last values of a device that it has lost. */
function stillness(command: FoundModel): NonNullable<DeviceMap['frozen']> {
  let last: number | undefined;
  let [counts, sinceMs, polls] = [false, 0, 0];
  return (image, nowMs) => {
    const beat = valueOf(command, image, derControl.beat);
    polls++;
    if (beat !== last) {
      counts ||= last !== undefined && beat !== undefined;
      [last, sinceMs, polls] = [beat, nowMs, 0];
    }
    if (!counts || polls < STILL_POLLS || nowMs - sinceMs < STILL_MS) return undefined;
    return `its heartbeat (model 715, DERHb) has stood still for ${Math.round((nowMs - sinceMs) / 1000)} s, so its values are old; check the device behind its gateway`;
  };
}

const blockOf = ({ address, length }: FoundModel, most: number): Block => ({
  table: 'holding',
  address,
  count: Math.min(most, length + 2),
});

/** What percentages refer to: settings before ratings, newer models before older ones. */
async function capacity(
  read: ReadBlock,
  models: readonly FoundModel[],
): Promise<Outcome<Pick<Control, 'wattsMax' | 'varsMax'>>> {
  const image = new RegisterImage();
  const at = async (id: number, length: number): Promise<Outcome<FoundModel | undefined>> => {
    const model = models.find((each) => each.id === id);
    if (model === undefined) return good(undefined);
    const block = blockOf(model, length);
    const words = await read(block);
    if (!words.ok) return words;
    image.put(block, words.value);
    return good(model);
  };
  const [der, set, plate] = [
    await at(702, derCapacity.length),
    await at(121, settings.length),
    await at(120, nameplate.length),
  ];
  for (const each of [der, set, plate]) if (!each.ok) return each;
  // An inverter that is not awake yet reports zeros, and a percentage of zero would be no limit.
  const value = (model: Outcome<FoundModel | undefined>, point: Parameters<typeof valueOf>[2]): number | undefined =>
    model.ok && model.value !== undefined ? valueOf(model.value, image, point) || undefined : undefined;
  const vars = value(set, settings.vars) ?? value(plate, nameplate.vars);
  return good({
    wattsMax:
      value(der, derCapacity.watts) ??
      value(der, derCapacity.wattsRating) ??
      value(set, settings.watts) ??
      value(plate, nameplate.watts),
    varsMax: vars === undefined ? undefined : Math.abs(vars),
  });
}
