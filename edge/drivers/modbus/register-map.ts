import type { Metric } from '../../../shared/contracts/frame.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { RegisterSessions, RegisterSignal, RegisterType, RegisterWriting } from './schema.ts';
import type { SetpointKey } from '../../control/setpoint.ts';
import { blocksOf } from './blocks.ts';
import type { DeviceMap, FindMap, RegisterWrite, Setting } from './profile.ts';
import { whole, type Toward } from '../rounding.ts';
import { encode } from './registers.ts';
import { sessionsOf, sessionSpans } from './session-registers.ts';
import { spanOf, valueOf } from './signals.ts';

export interface RegisterTableOptions {
  readonly read: Readonly<Partial<Record<Metric, RegisterSignal>>>;
  readonly write: Readonly<Partial<Record<SetpointKey, RegisterWriting>>>;
  readonly sessionList?: RegisterSessions | undefined;
  /** Most unwanted registers that a request may bridge. */
  readonly gap: number;
}

/** A device with a configured register table; nothing needs to be identified. */
export const findRegisters =
  (options: RegisterTableOptions): FindMap =>
  async () =>
    good(registerMap(options));

function registerMap({ read, write, gap, sessionList }: RegisterTableOptions): DeviceMap {
  const signals = Object.entries(read) as [Metric, RegisterSignal][];
  return {
    blocks: blocksOf(
      [...signals.map(([, signal]) => spanOf(signal)), ...(sessionList === undefined ? [] : sessionSpans(sessionList))],
      gap,
    ),
    readings: (image) => signals.map(([metric, signal]) => [metric, valueOf(signal, image)] as const),
    ...(sessionList === undefined ? {} : { sessions: (image) => sessionsOf(sessionList, image) }),
    stepKw: () => Math.max(stepOf(write.activePowerKw), stepOf(write.activePowerLimitKw)),
    writes: (setting) => writesOf(setting, write[setting.key]),
  };
}

const stepOf = (writing: RegisterWriting | undefined): number =>
  writing === undefined || writing.type.startsWith('float') ? 0 : 1 / Math.abs(writing.scale);

function writesOf(
  { key, value, revertAfterS, toward }: Setting,
  writing: RegisterWriting | undefined,
): Outcome<RegisterWrite[]> {
  if (writing === undefined) return bad('LS-DEVICE-004', `${key} has no register`);
  const { register, type, scale, wordOrder, revert, enable, single } = writing;
  const list: (RegisterWrite | undefined)[] = [
    ...(revert === undefined
      ? []
      : [
          put(revert.register, revert.type, {
            value: revertTime(revertAfterS * revert.scale, revert.type),
            wordOrder,
            single,
            toward: 'nearest',
          }),
        ]),
    put(register, type, { value: value * scale, wordOrder, single, toward }),
    ...(enable === undefined
      ? []
      : [{ address: enable.register, words: [enable.value], ...(single ? { single } : {}) }]),
  ];
  const whole = list.filter((each) => each !== undefined);
  return whole.length === list.length
    ? good(whole)
    : bad('LS-DEVICE-004', `${key} ${value} does not fit into its registers`);
}

/** A time of 0 switches the reversion off in most devices, so a shorter one counts as one unit of the register. */
const revertTime = (time: number, type: RegisterType): number => (type.startsWith('float') ? time : Math.max(1, time));

interface Put {
  readonly value: number;
  readonly wordOrder: 'big' | 'little';
  readonly single: boolean;
  readonly toward: Toward;
}

function put(
  address: number,
  type: RegisterType,
  { value, wordOrder, single, toward }: Put,
): RegisterWrite | undefined {
  const words = encode(type, type.startsWith('float') ? value : whole(value, toward), wordOrder);
  return words === undefined ? undefined : { address, words, ...(single && words.length === 1 ? { single } : {}) };
}
