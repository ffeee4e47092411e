import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { originFeatures } from '../../../../shared/forecast/features.ts';
import { CONTEXT_OPERATORS, OPERATORS } from '../../../../shared/forecast/onnx-check.ts';
import { GATEWAY_QUANTILES, QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { catalogue } from '../../../../shared/outcome/catalogue.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

test('the guide lists every allowed operator, and only codes of the catalogue', () => {
  const guide = read('./IMPORT.md');
  const [all = '', ofHistory = ''] = guide.slice(guide.indexOf('## Operators')).split('Of raw history also');
  for (const [text, operators] of [
    [all, OPERATORS],
    [ofHistory, CONTEXT_OPERATORS],
  ] as const)
    assert.deepEqual(
      [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name),
      [...operators].toSorted(),
    );
  const codes = [...guide.matchAll(/LS-MODEL-\d{3}/g)].map(([code]) => code);
  assert.ok(codes.length >= 8 && codes.every((code) => Object.hasOwn(catalogue, code)));
});

test('the Python example has the columns and quantiles of the feature schema', () => {
  const example = read('./train.py');
  assert.ok(
    example.includes(
      `ORIGIN_COLUMNS = {False: ${originFeatures({ weather: false }).length}, True: ${originFeatures({ weather: true }).length}}`,
    ),
  );
  assert.ok(example.includes(`GATEWAY_QUANTILES = [${GATEWAY_QUANTILES.join(', ')}]`));
  assert.ok(example.includes(`for i in range(1, ${QUANTILES.length + 1})`));
});
