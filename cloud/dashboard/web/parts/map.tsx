import type { SubstationView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, powerLevel, worst, type Level } from '../lib/assess.ts';
import { kw, percent, withUnit } from '../lib/format.ts';
import { boundsOf, fit, land, leftOf, pathOf, placeLabels, water, type Point } from '../lib/geography.ts';
import { PriorityShape } from './marks.tsx';
import { ageText, freshness } from './value.tsx';
import { useSize } from './use-size.ts';

const GAUGE = { width: 7, height: 26 };
/** Px; a name takes `letter` a character, and the value below it `least`. */
const LABEL = { letter: 7.4, least: 58, height: 30, gap: 10, above: 14 };
const MARGIN = { left: 44, right: 106, top: 44, bottom: 36 };

/** Substations where they lie. Each gauge rises for consumption and falls for feed-in, against its limits. */
export function SubstationMap({
  substations,
  levels,
}: {
  substations: readonly SubstationView[];
  levels: ReadonlyMap<string, Level>;
}) {
  const { ref, width, height } = useSize();
  const box = { width, height };
  const points = substations.map(({ longitude, latitude }): Point => [longitude, latitude]);
  const projection = fit(boundsOf(points), box, MARGIN);
  const spots = substations.map(({ id, name }, index) => ({
    id,
    ...projection.project(points[index]!),
    width: Math.max(LABEL.least, LABEL.letter * name.length),
  }));
  const labels = placeLabels(spots, LABEL, box);
  return (
    <div class="map" ref={ref}>
      {width > 0 && substations.length > 0 && (
        <svg
          width={box.width}
          height={box.height}
          viewBox={`0 0 ${box.width} ${box.height}`}
          role="group"
          aria-label="Map of the substations"
        >
          <g aria-hidden="true">
            {land.map((outline, index) => (
              <path key={index} class="land" d={pathOf(outline, projection)} />
            ))}
            {water.map((outline, index) => (
              <path key={index} class="water" d={pathOf(outline, projection)} />
            ))}
          </g>
          {substations.map((substation, index) => (
            <Station
              key={substation.id}
              substation={substation}
              label={labels[index]!}
              level={levels.get(substation.id) ?? null}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

function Station({
  substation,
  label,
  level,
}: {
  substation: SubstationView;
  label: ReturnType<typeof placeLabels>[number];
  level: Level;
}) {
  const { activePowerKw: power, limits, loadingPct, name, id } = substation;
  const state = freshness(power);
  const half = GAUGE.height / 2;
  const value = power.value ?? 0;
  const share = Math.min(1.1, Math.abs(value) / (value < 0 ? limits.exportKw : limits.importKw));
  const shade = worst(loadingLevel(loadingPct.value), powerLevel(power.value, limits));
  const text = state === 'unknown' ? 'unknown' : withUnit(kw(power.value), 'kW');
  const shown = state === 'stale' ? `${text}, ${ageText(power.time)}` : text;
  return (
    <a
      href={`/substations/${id}`}
      class={`station is-${state} from-${power.origin}`}
      aria-label={`${name} ${shown}${state === 'stale' ? ' old' : ''}, ${percent(loadingPct.value)} % of its limit`}
    >
      <rect
        class="station-hit"
        x={Math.min(label.x - 12, leftOf(label))}
        y={label.y - 16}
        width={label.width + 22}
        height="32"
      />
      <g transform={`translate(${label.x} ${label.y})`}>
        <rect class="station-gauge" x={-GAUGE.width / 2} y={-half} width={GAUGE.width} height={GAUGE.height} />
        {power.value !== null && (
          <rect
            class={`station-fill${shade === null ? '' : ` level-${shade}`}`}
            x={-GAUGE.width / 2}
            y={value > 0 ? -half * share : 0}
            width={GAUGE.width}
            height={half * share}
          />
        )}
        <path class="station-zero" d={`M${-GAUGE.width / 2 - 2} 0h${GAUGE.width + 4}`} />
        {level !== null && (
          <g transform={`translate(-5.5 ${-half - 13}) scale(0.79)`}>
            <PriorityShape level={level} />
          </g>
        )}
      </g>
      <text x={label.labelX} y={label.labelY - 2} text-anchor={label.anchor} class="station-name">
        {name}
      </text>{' '}
      <text x={label.labelX} y={label.labelY + 11} text-anchor={label.anchor} class="station-value">
        {shown}
      </text>
    </a>
  );
}
