import type { Load } from './network.ts';

/** Whether any part of a load is not of constant power. */
export const goesWithVoltage = (load: Load): boolean =>
  [load.activeCurrentPct, load.activeImpedancePct, load.reactiveCurrentPct, load.reactiveImpedancePct].some(
    (share) => share !== undefined && share !== 0,
  );
