import type { Region } from '../../shared/contracts/region.ts';
import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import { staticShares } from '../../shared/contracts/static-shares.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { networkBears } from './bears.ts';
import type { GatewayFile } from './gateway-file.ts';

const sides = ['importKw', 'exportKw'] as const;
const given = (powers: Partial<ShareKw> | undefined): ShareKw | undefined =>
  powers?.importKw === undefined || powers.exportKw === undefined
    ? undefined
    : { importKw: powers.importKw, exportKw: powers.exportKw };
const yaml = ({ importKw, exportKw }: ShareKw): string => `{ importKw: ${importKw}, exportKw: ${exportKw} }`;

/**
 * What the gateways' files should say for the time without the cloud, where they say nothing or something else: each gateway's part of
 * the region's limit, and what its network bears. Throws LS-CONFIG-002 where the parts that are stated are together more than the limit.
 */
export function aloneNotes(region: Region, files: readonly GatewayFile[]): string[] {
  const shares = staticShares(region);
  const stated = files.map(({ guarded }) => given(guarded.find(({ id }) => id === 'transformer')?.failsafe));
  for (const side of sides) {
    const sum = stated.reduce((total, share) => total + (share?.[side] ?? 0), 0);
    if (sum <= region.limits[side]) continue;
    const right = region.substations.map(({ id, gateway }) => `${gateway}: ${shares.get(id)![side]}`).join(', ');
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `guarded.transformer.failsafe.${side} of all gateways is ${sum} kW together, and limits.${side} is ${region.limits[side]}: without the cloud they would pass it. By their ratings it would be ${right}`,
    );
  }
  return region.substations.flatMap((substation, at) => {
    const share = shares.get(substation.id)!;
    const bears = networkBears(substation);
    const envelope = given(files[at]!.envelope?.default) ?? { importKw: 0, exportKw: 0 };
    const differs = sides.some((side) => Math.abs(envelope[side] - bears[side]) > 1);
    return [
      ...(stated[at] === undefined
        ? [`${substation.gateway}: no failsafe holds without the cloud; its part is failsafe: ${yaml(share)}`]
        : []),
      ...(differs
        ? [`${substation.gateway}: envelope.default is ${yaml(envelope)}; its network bears default: ${yaml(bears)}`]
        : []),
    ];
  });
}
