import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { compileRadial, createWorkspace, solveRadial } from '../../shared/grid/radial.ts';

const BISECTIONS = 20;

/** Power that a device draws and feeds in at its rating, kW. `resting`: a battery does neither until it is commanded. */
function reachOf({
  type,
  activePowerKw = 0,
  chargeKw = 0,
  dischargeKw = 0,
}: RegionDevice): ShareKw & { resting: boolean } {
  switch (type) {
    case 'battery':
      return { importKw: chargeKw, exportKw: dischargeKw, resting: true };
    case 'pv-inverter':
      return { importKw: 0, exportKw: activePowerKw, resting: false };
    case 'ev-site':
    case 'flexible-load':
      return { importKw: activePowerKw, exportKw: 0, resting: false };
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return { importKw: 0, exportKw: 0, resting: false };
  }
}

/**
 * The most that all commanded devices together may draw and feed in without a plan, kW: beyond this share of their ratings the network
 * cannot bear them under any load. So feed-in is computed with all loads on, consumption with none. Transformer, lines, heads and limits
 * count, and for feed-in the voltage of each bus, with the devices' reactive power and the transformer's tap at their best. At a given
 * moment the network may bear less: the guard ensures that by its meters, so this bound forbids nothing that the moment would bear.
 */
export function networkBears(substation: RegionSubstation): ShareKw {
  const { network, devices, limits, heads = [] } = substation;
  const grid = compileRadial(network);
  const workspace = createWorkspace(grid);
  const inner = grid.busIds
    .map((_, bus) => bus)
    .filter((bus) => !network.sources.some(({ bus: id }) => grid.busIndex.get(id) === bus));
  const highestTaps = Float64Array.from(
    network.transformers.map(({ tapMax = 0, tapPosition = 0 }, at) => (at === 0 ? tapMax : tapPosition)),
  );
  const station = network.transformers[0];
  const watched = [
    ...(station === undefined ? [] : [{ branch: grid.branchIndex.get(station.id)!, ...limits }]),
    ...heads.map(({ feeder, ...limit }) => ({
      branch: grid.branchIndex.get(network.feeders.find(({ id }) => id === feeder)!.headBranch)!,
      ...limit,
    })),
  ];

  /** Branch loadings, %, how far station and heads are beyond their limits in the given direction, kW, and the highest voltage, pu. */
  const flows = (of: keyof ShareKw, { share, eased }: { share: number; eased: boolean }) => {
    const sign = of === 'exportKw' ? -1 : 1;
    const loads = of === 'exportKw' ? 1 : 0;
    const activePowerKw = grid.nominalKw.map((kw) => loads * Math.max(0, kw));
    const reactivePowerKvar = grid.nominalKvar.map((kvar) => loads * Math.max(0, kvar));
    for (const device of devices) {
      const bus = grid.busIndex.get(device.bus);
      if (bus === undefined) continue;
      const { [of]: kw, resting } = reachOf(device);
      if (!resting) activePowerKw[bus]! += sign * share * kw;
      if (eased) reactivePowerKvar[bus]! += device.maxReactiveKvar ?? 0;
    }
    const tapPositions = eased ? highestTaps : undefined;
    const { converged, loadingPct, fromKw, vmPu } = solveRadial(
      grid,
      { activePowerKw, reactivePowerKvar, tapPositions },
      workspace,
      { tolerancePu: 1e-7 },
    );
    return {
      converged,
      loadingPct: loadingPct.slice(),
      passed: watched.map(({ branch, ...most }) => sign * fromKw[branch]! - most[of]),
      highestPu: Math.max(...inner.map((bus) => vmPu[bus]!)),
    };
  };

  const most = (of: keyof ShareKw): number => {
    const whole = devices.reduce((sum, device) => sum + reachOf(device)[of], 0);
    const without = flows(of, { share: 0, eased: false });
    /** Excess that loads cause alone does not count against the devices, as long as they do not add to it. */
    const bears = (share: number): boolean => {
      const { converged, loadingPct, passed } = flows(of, { share, eased: false });
      if (!converged || passed.some((kw, at) => kw > Math.max(0, without.passed[at]!))) return false;
      if (loadingPct.some((pct, at) => pct > Math.max(100, without.loadingPct[at]!))) return false;
      if (of === 'importKw') return true;
      const eased = flows(of, { share, eased: true });
      return eased.converged && eased.highestPu <= limits.vMaxPu;
    };
    if (whole === 0 || bears(1)) return whole;
    let [low, high] = [0, 1];
    for (let step = 0; step < BISECTIONS; step++) {
      const middle = (low + high) / 2;
      if (bears(middle)) low = middle;
      else high = middle;
    }
    return Math.floor(low * whole);
  };
  return { importKw: most('importKw'), exportKw: most('exportKw') };
}
