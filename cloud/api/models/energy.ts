/** Power of a busy server core with its share of memory and power supply, W. Machines differ by a factor of two either way. */
const CORE_W = 10;
/** CO2 intensity of the grid, kg/MWh: about the European mean. */
const CO2_KG_PER_MWH = 270;

/** Estimated cost of one forecast from its time on one core, with the assumptions. */
export interface ForecastEnergy {
  readonly inferenceMs: number;
  readonly energyJ: number;
  readonly co2Mg: number;
  readonly assumed: { readonly coreW: number; readonly co2KgPerMwh: number };
}

export function energyOf(inferenceMs: number): ForecastEnergy {
  const energyJ = (inferenceMs / 1000) * CORE_W;
  // 1 kg/MWh is 1 mg/Wh.
  const co2Mg = (energyJ / 3600) * CO2_KG_PER_MWH;
  const figures = (value: number): number => Number(value.toPrecision(3));
  return {
    inferenceMs: figures(inferenceMs),
    energyJ: figures(energyJ),
    co2Mg: figures(co2Mg),
    assumed: { coreW: CORE_W, co2KgPerMwh: CO2_KG_PER_MWH },
  };
}
