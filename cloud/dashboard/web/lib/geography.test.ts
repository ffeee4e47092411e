import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, fit, placeLabels, type Point } from './geography.ts';

const MARGIN = { left: 40, right: 90, top: 40, bottom: 30 };
const BOX = { width: 380, height: 640 };

test('north is up, east is right, and every point stays within the margin', () => {
  const points: Point[] = [
    [4.69, 52.31],
    [6.29, 53.0],
    [5.21, 51.83],
    [5.75, 53.33],
  ];
  const { project } = fit(boundsOf(points), BOX, MARGIN);
  for (const point of points) {
    const { x, y } = project(point);
    assert.ok(x >= MARGIN.left - 0.01 && x <= BOX.width - MARGIN.right + 0.01, `x ${x}`);
    assert.ok(y >= MARGIN.top - 0.01 && y <= BOX.height - MARGIN.bottom + 0.01, `y ${y}`);
  }
  assert.ok(project([5, 53]).y < project([5, 52]).y);
  assert.ok(project([6, 52]).x > project([5, 52]).x);
  const lone = fit(boundsOf([[5, 52]]), BOX, MARGIN).project([5, 52]);
  assert.ok(Number.isFinite(lone.x) && Number.isFinite(lone.y));
});

test('labels of neighbours do not lie on one another', () => {
  const size = { width: 88, height: 30, gap: 10 };
  const spots = [
    { id: 'wew', x: 120, y: 300 },
    { id: 'whf', x: 124, y: 290 },
    { id: 'wwf', x: 110, y: 262 },
  ];
  const labels = placeLabels(spots, size, BOX);
  const boxes = labels.map(({ anchor, labelX, labelY }) => ({
    x: anchor === 'start' ? labelX : labelX - size.width,
    y: labelY - size.height / 2,
  }));
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      const apart = Math.abs(a.x - b.x) >= size.width || Math.abs(a.y - b.y) >= size.height;
      assert.ok(apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    }
  }
});
