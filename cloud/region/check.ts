import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import { checkNetwork } from '../../shared/grid/check.ts';
import { nominalInput, solveRadial } from '../../shared/grid/radial.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { compileEstimate } from '../estimate/model.ts';
import { agreementFaults } from './agreements.ts';
import { failsafeFaults } from './alone.ts';
import { connectionPointFaults } from './connection-points.ts';

/** Faults of a region's model, a line each: duplicate ids, unknown places, networks that cannot be solved. */
export function regionFaults(region: Region): string[] {
  const { substations } = region;
  return [
    ...twice(
      'substations',
      substations.map(({ id }) => id),
    ),
    ...twice(
      'gateways',
      substations.map(({ gateway }) => gateway),
    ),
    ...twice(
      'feeders',
      substations.flatMap(({ network }) => network.feeders.map(({ id }) => id)),
    ),
    ...substations.flatMap((each) => placesOf(each).map((fault) => `substations ${each.id}, ${fault}`)),
    ...connectionPointFaults(region),
    ...agreementFaults(region),
    ...failsafeFaults(region),
  ];
}

const twice = (what: string, ids: readonly string[]): string[] =>
  [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map((id) => `${what}: ${id} is listed twice`);

function placesOf(substation: RegionSubstation): string[] {
  const { network, devices, meters, heads = [], limits } = substation;
  const wrong = checkNetwork(network);
  if (wrong !== undefined) return [`network: ${wrong.detail}`];
  if (network.sources.length === 0) return ['network: there is no source; add the grid connection that feeds it'];
  const buses = new Set(network.buses.map(({ id }) => id));
  const branches = new Set([...network.lines, ...network.transformers].map(({ id }) => id));
  const own = new Set(network.feeders.map(({ id }) => id));
  const feeders = new Set([substation.id, ...own]);
  const reporters = new Set(devices.map(({ id }) => id));
  const faults = [
    ...twice(
      'devices',
      devices.map(({ id }) => id),
    ),
    ...twice(
      'meters',
      meters.map(({ device }) => device),
    ),
    ...devices.flatMap(({ id, bus, feeder }) => [
      ...(buses.has(bus) ? [] : [`device ${id}: there is no bus ${bus}`]),
      ...(feeders.has(feeder) ? [] : [`device ${id}: there is no feeder ${feeder}`]),
    ]),
    ...meters.flatMap(({ device, kind, element, feeder }) => [
      ...((kind === 'transformer' || kind === 'feeder-head' ? branches : buses).has(element)
        ? []
        : [
            `meter ${device}: there is no ${kind === 'transformer' || kind === 'feeder-head' ? 'branch' : 'bus'} ${element}`,
          ]),
      ...(feeder === undefined || feeders.has(feeder) ? [] : [`meter ${device}: there is no feeder ${feeder}`]),
      ...(kind === 'terminal' && !reporters.has(device) ? [`meter ${device}: there is no such device`] : []),
    ]),
    ...heads.flatMap(({ feeder }) =>
      own.has(feeder)
        ? []
        : [
            feeder === substation.id
              ? `heads: ${feeder} is the substation, not a feeder; set its limits under limits`
              : `heads: there is no feeder ${feeder}`,
          ],
    ),
    ...(limits.vMinPu < limits.vMaxPu ? [] : [`limits: vMinPu ${limits.vMinPu} must be below vMaxPu ${limits.vMaxPu}`]),
  ];
  return faults.length > 0 ? faults : flowOf(substation);
}

/** Checks that the estimate can be set up, that all devices have supply, and that the power flow of the network's own loads converges. */
function flowOf(substation: RegionSubstation): string[] {
  try {
    const { grid } = compileEstimate(substation);
    const dead = substation.devices.filter(
      ({ type, bus }) => type !== 'meter' && grid.busNode[grid.busIndex.get(bus)!]! < 0,
    );
    if (dead.length > 0)
      return dead.map(
        ({ id, bus }) => `device ${id}: bus ${bus} has no supply while the network's switches are as given`,
      );
    const { converged } = solveRadial(grid, nominalInput(grid));
    return converged ? [] : ['network: the power flow with its loads does not converge; are their units kW and kvar?'];
  } catch (error) {
    if (error instanceof LoadstoneError) return [`network: ${error.message}`];
    throw error;
  }
}
