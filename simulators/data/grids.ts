import { readFileSync } from 'node:fs';

/** The DER overlay on case33bw: bus numbers as in the case, MW and MWh as in the file. */
export interface Overlay {
  readonly pv_bus: readonly number[];
  readonly pv_cap_MW: readonly number[];
  readonly bat_bus: readonly number[];
  readonly bat_pmax_MW: readonly number[];
  readonly bat_energy_MWh: readonly number[];
  readonly eta_charge: number;
  readonly soc_min: number;
  readonly soc_max: number;
  /** The 32 branches in service, in the order of the case. */
  readonly rateA_MVA: readonly number[];
}

export const readCase33bw = (): string => readFileSync(new URL('grids/case33bw/case33bw.m', import.meta.url), 'utf8');

export const readOverlay = (): Overlay =>
  JSON.parse(
    readFileSync(new URL('grids/mpacopf_case33bw_T24.problem.json', import.meta.url), 'utf8'),
  ) as unknown as Overlay;
