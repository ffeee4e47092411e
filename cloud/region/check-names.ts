import { nearest } from '../../shared/config/nearest.ts';
import type { Network } from '../../shared/grid/network.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { GatewayFile } from './gateway-file.ts';
import type { SubstationPlan } from './plan.ts';

/** Throws LS-CONFIG-002 with each name of the plan that the network or the gateway's file lacks, and each name that the plan lacks. */
export function checkNames(plan: SubstationPlan, network: Network, { gateway, devices }: GatewayFile): void {
  const faults = new Faults(`substation ${plan.id}`);
  if (gateway.substation !== plan.id) faults.add(`the gateway's file belongs to substation ${gateway.substation}`);
  faults.known('transformer', plan.transformer ?? network.transformers[0]?.id ?? '', network.transformers);
  for (const { headBranch } of plan.feeders) faults.known('headBranch', headBranch, branchesOf(network));
  for (const [id, { bus }] of Object.entries(plan.devices)) {
    faults.known('devices', id, devices);
    if (bus !== undefined) faults.known(`devices.${id}.bus`, bus, network.buses);
  }
  for (const { id, type } of devices)
    if (type !== 'tap-changer' && type !== 'meter' && plan.devices[id]?.bus === undefined)
      faults.add(`devices.${id}.bus: the plan does not name its bus`);
  faults.end();
}

const branchesOf = (network: Network): readonly { readonly id: string }[] => [
  ...network.lines,
  ...network.transformers,
];

/** Collects faults and throws them together. */
class Faults {
  readonly #place: string;
  readonly #lines: string[] = [];

  constructor(place: string) {
    this.#place = place;
  }

  add(text: string): void {
    this.#lines.push(`${this.#place}: ${text}`);
  }

  known(key: string, name: string, list: readonly { readonly id: string }[]): void {
    const ids = list.map(({ id }) => id);
    if (ids.includes(name)) return;
    const near = nearest(name, ids);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    this.add(
      `${key}: there is no "${name}" among ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ', ...' : ''}${hint}`,
    );
  }

  end(): void {
    if (this.#lines.length > 0) throw new LoadstoneError('LS-CONFIG-002', this.#lines.join('\n  '));
  }
}
