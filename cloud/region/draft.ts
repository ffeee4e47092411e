import { isAbsolute, relative, resolve } from 'node:path';
import { knownPath } from './grid-file.ts';
import { isMap, parseDocument, stringify } from 'yaml';
import type { Network } from '../../shared/grid/network.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { UNSAID_GROUP, type GatewayFile } from './gateway-file.ts';
import { islandOf } from './island.ts';
import { plainNetwork } from './plain-network.ts';

export interface DraftOf {
  readonly network: Network;
  readonly networkPath: string;
  readonly gateway: GatewayFile;
  readonly gatewayPath: string;
  /** Where the plan will lie: its paths are relative to that. Default: the present folder. */
  readonly folder?: string;
  /** A plan that the substation joins; transformers that it uses are not proposed. */
  readonly beside?: string;
}

const HEADER =
  '# A draft: give what is empty, and look at which line begins each feeder. "loadstone region --print-plan" tells every key.\n';

/**
 * A plan to fill in: the substation as its gateway names it, a transformer that no other substation has, the lines that leave its busbar as
 * feeder heads, and each device with a place for its bus.
 */
export function draftPlan(draft: DraftOf): string {
  const { gateway, networkPath, folder = '.' } = draft;
  const plan = parseDocument(draft.beside ?? '');
  const entries = plan.toJS() as {
    substations?: readonly { network?: string; transformer?: string | number }[];
  } | null;
  const taken = (entries?.substations ?? [])
    .filter(({ network }) => network !== undefined && knownPath(resolve(folder, network)) === knownPath(networkPath))
    .map(({ transformer }) => String(transformer ?? draft.network.transformers[0]?.id));
  const substation = draftSubstation(draft, taken);
  const group = gateway.gateway.group ?? UNSAID_GROUP;
  const text =
    draft.beside === undefined
      ? stringify({
          id: group,
          name: `Region ${group.charAt(0).toUpperCase()}${group.slice(1)}`,
          timezone: gateway.gateway.timezone ?? 'UTC',
          limits: { importKw: null, exportKw: null },
          substations: [substation],
        })
      : joined(plan, substation);
  return `${text.includes(HEADER) ? '' : HEADER}${text.replaceAll(/: null$/gm, ':')}`;
}

function joined(plan: ReturnType<typeof parseDocument>, substation: unknown): string {
  if (!isMap(plan.contents)) throw new LoadstoneError('LS-CONFIG-003', '--beside: the file is not a plan of a region');
  plan.addIn(['substations'], plan.createNode(substation));
  return plan.toString();
}

function draftSubstation(
  { network, networkPath, gateway: file, gatewayPath, folder = '.' }: DraftOf,
  taken: readonly string[],
): Record<string, unknown> {
  const { gateway, guarded, devices } = file;
  const transformer = network.transformers.find(({ id }) => !taken.includes(id));
  if (transformer === undefined)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `${networkPath}: every transformer already belongs to a substation: ${taken.join(', ') || 'there is none'}`,
    );
  const stated = (path: string): string => (isAbsolute(path) ? path : relative(folder, path));
  const { network: plain, busOf } = plainNetwork(network);
  const busbar = busOf.get(transformer.to)!;
  const { lines } = islandOf(plain, transformer.id).network;
  const leaving = lines.filter((line) => line.closed !== false && [line.from, line.to].includes(busbar));
  const heads = guarded.map(({ id }) => id).filter((id) => id.startsWith('feeder-'));
  const named = leaving.map((_, at) => heads[at] ?? `feeder-${at + 1}`);
  return {
    id: gateway.substation,
    name: network.name ?? gateway.substation,
    network: stated(networkPath),
    gateway: stated(gatewayPath),
    transformer: transformer.id,
    feeders: [...named, ...heads.slice(leaving.length)].map((id, at) => ({
      guarded: id,
      headBranch: leaving[at]?.id ?? null,
    })),
    devices: Object.fromEntries(
      devices.map(({ id, type }) => [id, { bus: type === 'tap-changer' ? transformer.to : null }]),
    ),
  };
}
