/** One meter value in the common form of both OCPP versions, with its multiplier applied. */
export interface SampledValue {
  readonly value: number;
  /** Absent: Energy.Active.Import.Register, the default of both versions. */
  readonly measurand?: string | undefined;
  readonly phase?: string | undefined;
  readonly unit?: string | undefined;
}

/** Meter reading of a connector. Undefined: not reported. */
export interface MeterReading {
  /** Positive is charging. */
  readonly kw: number | undefined;
  /** Reading of the meter's register. */
  readonly energyKwh: number | undefined;
  /** Phases that carry current during charging. */
  readonly phases: number | undefined;
  /** Phase to neutral, the one furthest from nominal, V. */
  readonly volts: number | undefined;
}

const CARRIES_A = 1;
/** More power than this multiple of what the reported currents carry shows that others are not reported. */
const UNEXPLAINED = 1.3;

/** Derives a connector's power, energy, phases and voltage from its sampled values; phases are summed if no total is reported. */
export function readingOf(samples: readonly SampledValue[], nominalV: number): MeterReading {
  const of = (measurand: string): readonly SampledValue[] =>
    samples.filter((each) => (each.measurand ?? 'Energy.Active.Import.Register') === measurand);
  const volts = of('Voltage')
    .filter(({ phase }) => phase === undefined || /^L\d(-N)?$/.test(phase))
    .map(({ value }) => value);
  const currents = of('Current.Import').filter(({ phase }) => phase === undefined || /^L\d$/.test(phase));
  const carrying = currents.filter(({ value }) => value > CARRIES_A).length;
  const charge = total(of('Power.Active.Import'), kilo);
  const discharge = total(of('Power.Active.Export'), kilo);
  const voltage = volts.length === 0 ? nominalV : volts.reduce((sum, each) => sum + each, 0) / volts.length;
  const amperes = currents.reduce((sum, { value }) => sum + value, 0);
  const byCurrent =
    currents.length === 0 || currents.some(({ phase }) => phase === undefined) ? undefined : (amperes * voltage) / 1000;
  const power = charge === undefined && discharge === undefined ? byCurrent : (charge ?? 0) - (discharge ?? 0);
  return {
    kw: power,
    energyKwh: total(of('Energy.Active.Import.Register'), kilo),
    // A charger that reports one phase of three would count as single-phase, which its total power contradicts.
    phases:
      carrying > 0 &&
      currents.every(({ phase }) => phase !== undefined) &&
      (charge ?? 0) * 1000 <= UNEXPLAINED * amperes * voltage
        ? carrying
        : undefined,
    volts: volts.toSorted((a, b) => Math.abs(b - nominalV) - Math.abs(a - nominalV))[0],
  };
}

/** The reported total, else the sum of the phases. */
function total(values: readonly SampledValue[], scaled: (value: SampledValue) => number): number | undefined {
  if (values.length === 0) return undefined;
  const whole = values.find(({ phase }) => phase === undefined);
  if (whole !== undefined) return scaled(whole);
  const phases = values.filter(({ phase }) => /^L\d(-N)?$/.test(phase ?? ''));
  return phases.length === 0 ? undefined : phases.reduce((sum, each) => sum + scaled(each), 0);
}

/** Power and energy in kilo-units; the default unit is W or Wh. */
const kilo = ({ value, unit }: SampledValue): number => (unit === 'kW' || unit === 'kWh' ? value : value / 1000);
