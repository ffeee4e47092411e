import type { Network } from '../../shared/grid/network.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { UNSAID_GROUP, type GatewayFile } from './gateway-file.ts';
import { otherTransformer, type Island } from './island.ts';
import type { NamedPlan, SubstationPlan } from './plan.ts';

/** Throws LS-CONFIG-002 if two substations have one transformer. A network is known by its path. */
export function checkTransformers(substations: NamedPlan['substations'], transformers: readonly string[]): void {
  const faults = substations.flatMap(({ id, network }, at) => {
    const first = substations.findIndex(
      (each, other) => transformers[other] === transformers[at] && each.network === network,
    );
    return first === at
      ? []
      : [
          `substation ${id}: transformer: ${transformers[at]} already belongs to substation ${substations[first]!.id}; name the transformer that feeds ${id}`,
        ];
  });
  refuse(faults);
}

/** What is read of a substation before it is composed. */
export interface Belonging {
  readonly plan: SubstationPlan;
  readonly region: string;
  readonly file: GatewayFile;
  /** The whole network, not cut to the substation yet. */
  readonly network: Network;
  readonly transformer: string;
  readonly island: Island;
}

/** Throws LS-CONFIG-002 with each part of a substation that does not belong to it. */
export function checkIsland({ plan, region, file, network, transformer, island }: Belonging): void {
  const busbar = network.transformers.find(({ id }) => id === transformer)!.to;
  const where = (bus: string): string => {
    const other = otherTransformer(network, transformer, bus);
    return other === undefined ? 'is fed by no transformer' : `is behind ${other}`;
  };
  const faults: string[] = [];
  const { group = UNSAID_GROUP } = file.gateway;
  if (group !== region)
    faults.push(`gateway.group of the gateway's file is ${group}, but the region is ${region}; use the same name`);
  for (const [id, { bus }] of Object.entries(plan.devices))
    if (bus !== undefined && !island.behind.has(bus))
      faults.push(`devices.${id}.bus: ${bus} ${where(bus)}, not behind ${transformer} of this substation`);
  const branches = [...network.lines, ...network.transformers];
  plan.feeders.forEach(({ headBranch }, at) => {
    const { from } = branches.find(({ id }) => id === headBranch)!;
    if (!island.behind.has(from))
      faults.push(
        `feeders[${at}].headBranch: ${headBranch} ${where(from)}, not behind ${transformer} of this substation`,
      );
  });
  const heads = new Set(plan.feeders.map(({ headBranch }) => headBranch));
  for (const { id, from, to, closed } of branches) {
    const leaves = (from === busbar || to === busbar) && id !== transformer && closed !== false;
    if (leaves && !heads.has(id))
      faults.push(`feeders: ${id} also leaves busbar ${busbar}; add it with the meter at its head`);
  }
  refuse(faults.map((fault) => `substation ${plan.id}: ${fault}`));
}

/** Throws LS-CONFIG-002 if a device lies behind another feeder than the gateway's file says. */
export function checkFeeders(
  { id, devices }: SubstationPlan,
  file: GatewayFile,
  feederOf: (bus: string) => string | undefined,
): void {
  const faults = file.devices.flatMap((device) => {
    const bus = devices[device.id]?.bus;
    if (device.feeder === undefined || bus === undefined) return [];
    const found = feederOf(bus);
    if (found === device.feeder) return [];
    const behind = found === undefined ? 'at the busbar' : `behind ${found}`;
    return [
      `substation ${id}: devices.${device.id}.bus: ${bus} is ${behind}, but the gateway's file says ${device.feeder}; correct one of the two`,
    ];
  });
  refuse(faults);
}

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new LoadstoneError('LS-CONFIG-002', faults.join('\n  '));
}
