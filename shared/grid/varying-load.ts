import type { Load } from './network.ts';

/** Whether any part of the load depends on the voltage. */
export const goesWithVoltage = (load: Load): boolean =>
  [load.activeCurrentPct, load.activeImpedancePct, load.reactiveCurrentPct, load.reactiveImpedancePct].some(
    (share) => share !== undefined && share !== 0,
  );
