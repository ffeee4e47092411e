import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeHistory, type MeterHistory } from '../../cloud/estimate/meter-history.ts';
import { loadSeries, seriesStartMs, seriesStepMs, type SubstationSeries } from './series.ts';

const RATED_KVA = 8000;
const LEAST_KW = 5000;
const known = (values: Float64Array): (number | null)[] => Array.from(values, (value) => (Number.isNaN(value) ? null : value));

/** The first days as recorded. As in the plant, the largest magnitude becomes the transformer's rating, and a dead meter stays dead. */
function history({ netKw, radiationWm2 }: SubstationSeries, days: number): MeterHistory {
  const count = days * 96;
  const net = known(netKw.slice(0, count));
  const most = Math.max(LEAST_KW, ...net.map((value) => Math.abs(value ?? 0)));
  return {
    device: 'transformer',
    ratedKva: RATED_KVA,
    start: seriesStartMs,
    stepS: seriesStepMs / 1000,
    activePowerKw: net.map((value) => (value === null ? null : (RATED_KVA * value) / most)),
    radiation: known(radiationWm2.slice(0, count)),
  };
}

test('recorded series: HFDP is reversed, WLS is dead, the other eight are healthy', () => {
  for (const days of [28, 56]) {
    const found = loadSeries().map((series) => [series.id, judgeHistory(history(series, days)).map(({ finding }) => finding)] as const);
    assert.equal(found.length, 10);
    assert.deepEqual(
      found.filter(([, findings]) => findings.length > 0),
      [
        ['hfdp', ['reversed']],
        ['wls', ['dead']],
      ],
    );
  }
});
