/** Forecasts are stored to 0.01 kW. */
export const UNITS_PER_KW = 100;

export const roundedKw = (value: number): number => Math.round(value * UNITS_PER_KW) / UNITS_PER_KW + 0;
