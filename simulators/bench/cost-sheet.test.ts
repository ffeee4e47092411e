import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sheetOf, type UnitCosts } from './cost-sheet.ts';

const unit = (value: number) => ({ value, unit: '', how: 'measured', from: '' }) as const;
const units: UnitCosts = {
  framesPerS: unit(0.61),
  pointsPerS: unit(1.34),
  ingestCpuMsPer1000Points: unit(14),
  connectionKb: unit(80),
  planCpuS: unit(1.25),
  plansPer5Min: unit(0.24),
  planWorkerMb: unit(150),
  estimateCpuMs: unit(8),
  forecastCpuMs: unit(30),
  rawBytesPerPoint: unit(23),
  stateBytesPerDay: { ...unit(1_000_000), byKind: {} },
};

test('the cost sheet of 10,000 gateways is one cell, and a million gateways are a hundred cells', () => {
  const cell = sheetOf(units, { estimateS: 5, forecastS: 900 }, 10_000);
  assert.deepEqual(cell, {
    gateways: 10_000,
    cells: 1,
    framesPerS: 6100,
    pointsPerS: 13_400,
    cores: { ingest: 0.188, estimates: 16, forecasts: 0.333, plans: 10, ofThese: 26.5 },
    ramGb: { connections: 0.8, planWorkers: 1.5, ofThese: 2.3 },
    diskTbPerYear: { rawPoints: 9.72, state: 3.65, ofThese: 13.4 },
  });
  const million = sheetOf(units, { estimateS: 5, forecastS: 900 }, 1_000_000);
  assert.deepEqual([million.cells, million.cores.plans, million.ramGb.connections], [100, 1000, 80]);
});
