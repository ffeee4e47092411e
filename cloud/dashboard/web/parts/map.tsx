import { useLayoutEffect, useRef } from 'preact/hooks';
import type { SubstationView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, powerLevel, worst, type Level } from '../lib/assess.ts';
import { clustersOf } from '../lib/clusters.ts';
import { kw, percent, withUnit } from '../lib/format.ts';
import { boundsOf, fit, land, leftOf, pathOf, placeLabels, water, type Point } from '../lib/geography.ts';
import { areaOf, areaText, liesIn } from '../lib/map-area.ts';
import { choose, query } from '../state/route.ts';
import { placePath } from '../state/shown.ts';
import { clusterText, MapCluster } from './map-cluster.tsx';
import { MapAlarm, MapLabel } from './map-label.tsx';
import { ageText, freshness } from './value.tsx';
import { useSize } from './use-size.ts';
import { t } from '../words/t.ts';

const GAUGE = { width: 7, height: 26 };
/** px; a name takes `letter` per character, and the value below it at least `least`. */
const LABEL = { letter: 7.4, least: 58, height: 30, gap: 10, above: 14 };
const MARGIN = { left: 44, right: 106, top: 44, bottom: 36 };

/**
 * Above `most` substations, marks and names would hide each other, so those within `reach` px become one mark, unless all lie within
 * `apart` degrees.
 */
const CROWD = { most: 30, reach: 70, apart: 1e-4 };
const GROUP_GAP = 20;

interface MapProps {
  readonly substations: readonly SubstationView[];
  readonly levels: ReadonlyMap<string, Level>;
}

/**
 * Substations on the map. Each gauge rises for consumption and falls for feed-in, relative to its limits. In a crowd, neighbours become one
 * mark with their number, which opens a map of their own; the address names that map.
 */
export function SubstationMap({ substations, levels }: MapProps) {
  const inside = query.value.get('map') ?? '';
  const area = areaOf(inside);
  const { ref, width, height } = useSize();
  const back = useRef<HTMLButtonElement>(null);
  const drawing = useRef<SVGSVGElement>(null);
  const isFirst = useRef(true);
  // The chosen element has left the page, so the keyboard focus moves to its replacement.
  useLayoutEffect(() => {
    if (!isFirst.current) (back.current ?? drawing.current)?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [inside]);
  const box = { width, height };
  const chosen = area === undefined ? [] : substations.filter((each) => liesIn(area, each));
  const shown = chosen.length === 0 ? substations : chosen;
  const marks = marksOf(shown, box);
  const labels = placeLabels(marks.spots, { ...LABEL, gap: marks.areGrouped ? GROUP_GAP : LABEL.gap }, box);
  return (
    <div class="map" ref={ref}>
      {chosen.length > 0 && (
        <button type="button" class="map-back" ref={back} onClick={() => choose('map', '')}>
          {t('Whole area')}
        </button>
      )}
      {width > 0 && substations.length > 0 && (
        <svg
          ref={drawing}
          tabindex={-1}
          width={box.width}
          height={box.height}
          viewBox={`0 0 ${box.width} ${box.height}`}
          role="group"
          aria-label={t('Map of the substations')}
        >
          <g aria-hidden="true">
            {land.map((outline, index) => (
              <path key={index} class="land" d={pathOf(outline, marks.projection)} />
            ))}
            {water.map((outline, index) => (
              <path key={index} class="water" d={pathOf(outline, marks.projection)} />
            ))}
          </g>
          {marks.spots.map(({ id, members }, index) =>
            members.length === 1 ? (
              <Station
                key={id}
                substation={members[0]!}
                label={labels[index]!}
                level={levels.get(members[0]!.id) ?? null}
              />
            ) : (
              <MapCluster
                key={id}
                members={members}
                label={labels[index]!}
                level={worst(...members.map((each) => levels.get(each.id) ?? null))}
                onOpen={() => choose('map', areaText(members))}
              />
            ),
          )}
        </svg>
      )}
    </div>
  );
}

/** Returns the marks of the map and their places, px. */
function marksOf(substations: readonly SubstationView[], box: { width: number; height: number }) {
  const points = substations.map(({ longitude, latitude }): Point => [longitude, latitude]);
  const bounds = boundsOf(points);
  const projection = fit(bounds, box, MARGIN);
  const isApart = Math.max(bounds.east - bounds.west, bounds.north - bounds.south) > CROWD.apart;
  const areGrouped = substations.length > CROWD.most && isApart;
  const spots = substations.map((substation, index) => ({ substation, ...projection.project(points[index]!) }));
  return {
    projection,
    areGrouped,
    spots: clustersOf(spots, areGrouped ? CROWD.reach : 0).map((cluster) => {
      const members = cluster.spots.map(({ substation }) => substation);
      const [first] = members;
      const name = members.length === 1 ? first!.name : clusterText(members).name;
      return {
        id: first!.id,
        members,
        x: cluster.x,
        y: cluster.y,
        width: Math.max(LABEL.least, LABEL.letter * name.length),
      };
    }),
  };
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
  const text = state === 'unknown' ? t('unknown') : withUnit(kw(power.value), 'kW');
  const shown = state === 'stale' ? `${text}, ${ageText(power.time)}` : text;
  return (
    <a
      href={placePath(id, substation.feeders)}
      class={`station is-${state} from-${power.origin}`}
      aria-label={t('{name} {shown}{state}, {loading} % of its rating', {
        name,
        shown,
        state: state === 'stale' ? ` ${t('old')}` : '',
        loading: percent(loadingPct.value),
      })}
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
        <MapAlarm level={level} height={GAUGE.height} />
      </g>
      <MapLabel label={label} name={name} power={shown} />
    </a>
  );
}
