import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, fit, placeLabels, type Point } from './geography.ts';

const MARGIN = { left: 40, right: 90, top: 40, bottom: 30 };
const BOX = { width: 360, height: 640 };

test('on the map north is up, east is right, and every point is within the margin', () => {
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

/** Substations close together; the second set has others around them. */
const CROWDS = [
  [
    { id: 'wew', x: 120, y: 300 },
    { id: 'whf', x: 124, y: 290 },
    { id: 'wwf', x: 110, y: 262 },
  ],
  [
    { id: 'hal', x: 195, y: 397 },
    { id: 'hfdp', x: 57, y: 617 },
    { id: 'lls', x: 159, y: 571 },
    { id: 'mnzl', x: 181, y: 455 },
    { id: 'owd', x: 264, y: 466 },
    { id: 'wew', x: 114, y: 536 },
    { id: 'whf', x: 116, y: 522 },
    { id: 'wwf', x: 103, y: 500 },
  ],
  // One screen high, below the alarm banner: the distance to the left edge is shorter than the longest name.
  [
    { id: 'hal', x: 182, y: 402 },
    { id: 'hfdp', x: 45, y: 621 },
    { id: 'lls', x: 147, y: 575 },
    { id: 'mnzl', x: 170, y: 467, width: 67 },
    { id: 'nryn', x: 112, y: 721 },
    { id: 'owd', x: 253, y: 471 },
    { id: 'wew', x: 102, y: 540 },
    { id: 'whf', x: 105, y: 530 },
    { id: 'wls', x: 196, y: 713 },
    { id: 'wwf', x: 90, y: 504, width: 97 },
  ],
].map((spots) => spots.map((spot) => ({ width: 88, ...spot })));

for (const spots of CROWDS)
  test(`labels of ${spots.length} neighbours overlap neither each other nor their marks`, () => {
    const size = { height: 30, gap: 10, above: 14 };
    const labels = placeLabels(spots, size, BOX);
    const boxes = labels.map(({ anchor, labelX, labelY, width }) => ({
      width,
      x: labelX - width * { start: 0, middle: 0.5, end: 1 }[anchor],
      y: labelY - size.height / 2,
    }));
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || Math.abs(a.y - b.y) >= size.height;
        assert.ok(apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
      }
      for (const { x, y } of spots) {
        const beside = a.x >= x + size.gap || a.x + a.width <= x - size.gap;
        const clear = a.y >= y + size.height / 2 || a.y + size.height <= y - size.height / 2 - size.above;
        assert.ok(beside || clear, `${JSON.stringify(a)} hides the spot at ${x}, ${y} or the mark over it`);
      }
    }
  });
