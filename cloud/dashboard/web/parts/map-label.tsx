import type { Level } from '../lib/assess.ts';
import type { Label } from '../lib/geography.ts';
import { PriorityShape } from './marks.tsx';

/** The sign of the worst alarm, above a map mark `height` px high; nothing without an alarm. */
export function MapAlarm({ level, height }: { readonly level: Level; readonly height: number }) {
  if (level === null) return null;
  return (
    <g transform={`translate(-5.5 ${-height / 2 - 13}) scale(0.79)`}>
      <PriorityShape level={level} />
    </g>
  );
}

interface LabelProps {
  readonly label: Label;
  readonly name: string;
  readonly power: string;
}

/** Label of a map mark: the name above the power. */
export function MapLabel({ label: { labelX, labelY, anchor }, name, power }: LabelProps) {
  return (
    <>
      <text x={labelX} y={labelY - 2} text-anchor={anchor} class="station-name">
        {name}
      </text>{' '}
      <text x={labelX} y={labelY + 11} text-anchor={anchor} class="station-value">
        {power}
      </text>
    </>
  );
}
