import type { Values } from '../plant/device.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { BatterySpec, PvSpec } from '../plant/spec.ts';
import type { Registers } from './modbus-unit.ts';
import { SunspecRegisters } from './sunspec-registers.ts';

/** A unit that shows its plant's meter readings; powers passed to `show` are consumption-positive. */
export interface FieldFace {
  readonly registers: Registers;
  show(values: Values): void;
}

type Obey = (command: DeviceCommand) => void;

/** Volts to neutral at 1 per unit. */
export const NOMINAL_V = 230;
const TENTH = -1;
const HUNDREDTH = -2;
/** Scale factor of the powers of solar plants and batteries: 100 W. */
const HUNDRED_WATTS = 2;

/** Clamped to the register's range: a short circuit shows as its end. */
const hundredWatts = (kw: number): number => Math.max(-32_767, Math.min(32_767, Math.round(kw * 10)));
const named = (model: number, points: readonly string[]): string[] => points.map((point) => `${model}.${point}`);

function nameplate(registers: SunspecRegisters, { product, serial }: { product: string; serial: string }): void {
  registers.text('1.Mn', 'Loadstone plant');
  registers.text('1.Md', product);
  registers.text('1.Vr', '1');
  registers.text('1.SN', serial);
}

/** A solar inverter with models 103, 120 and 123. */
export function inverterFace(serial: string, { ratedKw, maxReactiveKvar }: PvSpec, obey: Obey): FieldFace {
  const limit = ['WMaxLimPct', 'WMaxLimPct_RvrtTms', 'WMaxLim_Ena'];
  const vars = ['VArMaxPct', 'VArPct_RvrtTms', 'VArPct_Mod', 'VArPct_Ena'];
  const registers = new SunspecRegisters([1, 103, 120, 123], named(123, [...limit, ...vars]), (points) => {
    const value = (point: string): number => registers.written(`123.${point}`);
    if (points.has('123.WMaxLim_Ena') && value('WMaxLim_Ena') === 1)
      obey({ activePowerLimitKw: (value('WMaxLimPct') / 1e4) * ratedKw, revertAfterS: value('WMaxLimPct_RvrtTms') });
    if (points.has('123.VArPct_Ena') && value('VArPct_Ena') === 1)
      obey({
        reactivePowerKvar: (-value('VArMaxPct') / 1e4) * maxReactiveKvar,
        revertAfterS: value('VArPct_RvrtTms'),
      });
  });
  nameplate(registers, { product: 'solar inverter', serial });
  for (const point of ['103.W_SF', '103.VAr_SF']) registers.set(point, HUNDRED_WATTS);
  registers.set('103.V_SF', HUNDREDTH);
  for (const point of ['120.WRtg_SF', '120.VArRtg_SF']) registers.set(point, HUNDRED_WATTS);
  registers.set('120.WRtg', hundredWatts(ratedKw));
  registers.set('120.VArRtgQ1', hundredWatts(maxReactiveKvar));
  for (const point of [...limit, ...vars]) registers.set(`123.${point}`, 0);
  for (const point of ['123.WMaxLimPct_SF', '123.VArPct_SF']) registers.set(point, HUNDREDTH);
  return {
    registers,
    show: ({ activePowerKw, reactivePowerKvar, voltagePu, activePowerLimitKw }) => {
      if (activePowerKw !== undefined) registers.set('103.W', hundredWatts(-activePowerKw));
      if (reactivePowerKvar !== undefined) registers.set('103.VAr', hundredWatts(-reactivePowerKvar));
      if (voltagePu !== undefined) registers.set('103.PhVphA', Math.round(voltagePu * NOMINAL_V * 100));
      if (activePowerLimitKw === undefined) return;
      registers.set('123.WMaxLimPct', Math.round((activePowerLimitKw / ratedKw) * 1e4));
      registers.set('123.WMaxLim_Ena', activePowerLimitKw < ratedKw ? 1 : 0);
    },
  };
}

/** A battery with models 701, 702, 704, 713 and 715. */
export function storageFace(serial: string, { powerKw }: BatterySpec, obey: Obey): FieldFace {
  const sets = ['WSetEna', 'WSetMod', 'WSet', 'WSetRvrt', 'WSetEnaRvrt', 'WSetRvrtTms'];
  const vars = ['VarSetEna', 'VarSetMod', 'VarSet', 'VarSetRvrt', 'VarSetEnaRvrt', 'VarSetRvrtTms'];
  const writable = [...named(704, [...sets, ...vars]), '715.ControllerHb'];
  const registers = new SunspecRegisters([1, 701, 702, 704, 713, 715], writable, (points) => {
    const value = (point: string): number => registers.written(`704.${point}`);
    if (points.has('704.WSetEna') && value('WSetEna') === 1)
      obey({ activePowerKw: -value('WSet') / 100, revertAfterS: value('WSetRvrtTms') });
    if (points.has('704.VarSetEna') && value('VarSetEna') === 1)
      obey({ reactivePowerKvar: -value('VarSet') / 100, revertAfterS: value('VarSetRvrtTms') });
  });
  nameplate(registers, { product: 'battery', serial });
  for (const point of ['701.W_SF', '701.Var_SF', '702.W_SF']) registers.set(point, HUNDRED_WATTS);
  registers.set('701.V_SF', HUNDREDTH);
  registers.set('702.WMax', hundredWatts(powerKw));
  for (const point of [...named(704, [...sets, ...vars]), '715.LocRemCtl', '715.ControllerHb']) registers.set(point, 0);
  for (const point of ['704.WSet_SF', '704.VarSet_SF']) registers.set(point, 1);
  registers.set('713.Pct_SF', TENTH);
  return {
    registers,
    show: ({ activePowerKw, reactivePowerKvar, voltagePu, socPct, ...setpoints }) => {
      if (activePowerKw !== undefined) registers.set('701.W', hundredWatts(-activePowerKw));
      if (reactivePowerKvar !== undefined) registers.set('701.Var', hundredWatts(-reactivePowerKvar));
      if (voltagePu !== undefined) registers.set('701.VL1', Math.round(voltagePu * NOMINAL_V * 100));
      if (socPct !== undefined) registers.set('713.SoC', Math.round(socPct * 10));
      const { activePowerSetpointKw: kw, reactivePowerSetpointKvar: kvar } = setpoints;
      if (kw !== undefined) registers.set('704.WSet', Math.round(-kw * 100));
      if (kvar !== undefined) registers.set('704.VarSet', Math.round(-kvar * 100));
    },
  };
}

/** A meter with model 213, floating point. */
export function meterFace(serial: string): FieldFace {
  const registers = new SunspecRegisters([1, 213], [], () => undefined);
  nameplate(registers, { product: 'meter', serial });
  return {
    registers,
    show: ({ activePowerKw, reactivePowerKvar, voltagePu, currentA }) => {
      if (activePowerKw !== undefined) registers.set('213.W', activePowerKw * 1000);
      if (reactivePowerKvar !== undefined) registers.set('213.VAR', reactivePowerKvar * 1000);
      if (voltagePu !== undefined) registers.set('213.PhVphA', voltagePu * NOMINAL_V);
      if (currentA !== undefined) registers.set('213.AphA', currentA);
    },
  };
}
