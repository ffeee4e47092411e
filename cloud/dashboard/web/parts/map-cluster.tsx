import type { SubstationView } from '../../../../shared/contracts/view.ts';
import type { Level } from '../lib/assess.ts';
import { kw, withUnit } from '../lib/format.ts';
import { leftOf, type Label } from '../lib/geography.ts';
import { MapAlarm, MapLabel } from './map-label.tsx';
import { freshness } from './value.tsx';
import { t } from '../words/t.ts';

const BOX = { width: 32, height: 26 };

/** Label of a group: its first name and its total power. */
export function clusterText(members: readonly SubstationView[]): { readonly name: string; readonly power: string } {
  const powers = members.flatMap(({ activePowerKw: { value } }) => (value === null ? [] : [value]));
  const total = withUnit(kw(powers.reduce((sum, each) => sum + each, 0)), 'kW');
  const lacking = members.length - powers.length;
  return {
    name: t('{name} and {members} more', { name: members[0]!.name, members: members.length - 1 }),
    power:
      powers.length === 0 ? t('unknown') : lacking === 0 ? total : t('{total}, {lacking} unknown', { total, lacking }),
  };
}

interface ClusterProps {
  readonly members: readonly SubstationView[];
  readonly label: Label;
  /** The worst level of its members. */
  readonly level: Level;
  readonly onOpen: () => void;
}

/** Substations whose marks would overlap, as one mark with their number; choosing it shows them separately. */
export function MapCluster({ members, label, level, onOpen }: ClusterProps) {
  const states = members.map(({ activePowerKw }) => freshness(activePowerKw));
  const state = states.includes('stale') ? 'stale' : states.includes('unknown') ? 'unknown' : 'fresh';
  const { name, power } = clusterText(members);
  const alarmed = level === null ? '' : t(', priority {level} among them', { level });
  return (
    <g
      role="button"
      tabindex={0}
      class={`station cluster is-${state}`}
      aria-label={t('{members} {name} {power}{state}{alarmed}: show these substations apart', {
        members: members.length,
        name,
        power,
        state: state === 'stale' ? t(', stale') : '',
        alarmed,
      })}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onOpen();
      }}
    >
      <rect
        class="station-hit"
        x={Math.min(label.x - BOX.width / 2 - 4, leftOf(label))}
        y={label.y - 18}
        width={label.width + BOX.width}
        height="36"
      />
      <g transform={`translate(${label.x} ${label.y})`}>
        <rect
          class="station-gauge"
          x={-BOX.width / 2}
          y={-BOX.height / 2}
          width={BOX.width}
          height={BOX.height}
          rx="3"
        />
        <text class="station-name" y="4" text-anchor="middle">
          {members.length}
        </text>{' '}
        <MapAlarm level={level} height={BOX.height} />
      </g>
      <MapLabel label={label} name={name} power={power} />
    </g>
  );
}
