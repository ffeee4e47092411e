import { stringify } from 'yaml';
import type { Network } from '../../shared/grid/network.ts';
import type { GatewayFile } from './gateway-file.ts';

/** What a draft is made of. */
export interface DraftOf {
  readonly network: Network;
  readonly networkPath: string;
  readonly gateway: GatewayFile;
  readonly gatewayPath: string;
}

/**
 * A plan to fill in: the substation as its gateway names it, the feeder heads in the order in which lines leave the busbar, and
 * each device with the place for its bus.
 */
export function draftPlan({ network, networkPath, gateway: file, gatewayPath }: DraftOf): string {
  const { gateway, guarded, devices } = file;
  const [transformer] = network.transformers;
  const busbar = transformer?.to ?? network.sources[0]?.bus;
  const leaving = network.lines.filter((line) => line.closed !== false && [line.from, line.to].includes(busbar ?? ''));
  const heads = guarded.filter(({ id }) => id.startsWith('feeder-'));
  const named = heads.length > 0 ? heads.map(({ id }) => id) : leaving.map((_, at) => `feeder-${at + 1}`);
  const text = stringify({
    id: 'north',
    name: 'Region North',
    timezone: gateway.timezone ?? 'UTC',
    limits: { importKw: null, exportKw: null },
    substations: [
      {
        id: gateway.substation,
        name: network.name,
        network: networkPath,
        gateway: gatewayPath,
        ...(transformer === undefined ? {} : { transformer: transformer.id }),
        feeders: named.map((id, at) => ({ guarded: id, headBranch: leaving[at]?.id ?? null })),
        devices: Object.fromEntries(
          devices.map(({ id, type }) => [id, { bus: type === 'tap-changer' ? (busbar ?? null) : null }]),
        ),
      },
    ],
  }).replaceAll(/: null$/gm, ':');
  return `# A draft: give what is empty, and look at which line begins each feeder. "loadstone region --print-plan" tells every key.\n${text}`;
}
