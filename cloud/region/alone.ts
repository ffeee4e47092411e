import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import { staticShares } from '../../shared/contracts/static-shares.ts';
import { networkBears } from './bears.ts';
import { powersOf, type GatewayFile } from './gateway-file.ts';

const sides = ['importKw', 'exportKw'] as const;
const yaml = ({ importKw, exportKw }: ShareKw): string => `{ importKw: ${importKw}, exportKw: ${exportKw} }`;

function withoutFailsafe(substation: RegionSubstation): RegionSubstation {
  const { failsafe: _, ...rest } = substation;
  return rest;
}

/** Fail-safe shares above their substation's own limit, or together above the region's. */
export function failsafeFaults({ limits, substations }: Region): string[] {
  const byRating = staticShares({ limits, substations: substations.map(withoutFailsafe) });
  const right = (side: keyof ShareKw): string =>
    substations.map(({ id, gateway }) => `${gateway}: ${byRating.get(id)![side]}`).join(', ');
  return sides.flatMap((side) => {
    const sum = substations.reduce((total, { failsafe }) => total + (failsafe?.[side] ?? 0), 0);
    return [
      ...substations.flatMap(({ id, failsafe, limits: own }) =>
        failsafe === undefined || failsafe[side] <= own[side]
          ? []
          : [
              `substations ${id}, failsafe.${side} is ${failsafe[side]} kW; it must not exceed limits.${side} of its transformer, ${own[side]} kW`,
            ],
      ),
      ...(sum <= limits[side]
        ? []
        : [
            `failsafe.${side} of all gateways adds up to ${sum} kW, more than limits.${side} of the region, ${limits[side]} kW, so without the cloud the gateways could exceed it. Shares by rating would be ${right(side)}`,
          ]),
    ];
  });
}

/**
 * Notes on what the gateways' files should say for the time without the cloud, where they say nothing or something else: each gateway's
 * share of the region's limit, and what its network bears.
 */
export function aloneNotes(region: Region, files: readonly GatewayFile[]): string[] {
  const shares = staticShares(region);
  return region.substations.flatMap((substation, at) => {
    const { id, gateway, failsafe } = substation;
    const bears = networkBears(substation);
    const envelope = powersOf(files[at]!.envelope?.default) ?? { importKw: 0, exportKw: 0 };
    const differs = sides.some((side) => Math.abs(envelope[side] - bears[side]) > 1);
    return [
      ...(failsafe === undefined
        ? [
            `${gateway}: without failsafe it does not keep its share of the region's limit when the cloud is away; its share would be failsafe: ${yaml(shares.get(id)!)}`,
          ]
        : []),
      ...(differs
        ? [`${gateway}: envelope.default is ${yaml(envelope)}; its network can carry default: ${yaml(bears)}`]
        : []),
    ];
  });
}
