import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TreeCopy } from './copy.ts';

test('a screen is one file: deep link, menu and title derive from it', () => {
  const copy = new TreeCopy();
  copy.add('screen.tsx.txt', 'cloud/dashboard/web/screens/blueprint.tsx');
  assert.equal(copy.touched.length, 1);
  assert.equal(copy.run('node_modules/.bin/oxfmt', '--check', ...copy.touched), '');
  assert.equal(copy.run('node_modules/.bin/tsc', '--noEmit', '-p', 'cloud/dashboard/tsconfig.json'), '');
  assert.equal(
    copy.run(
      'node_modules/.bin/vite',
      'build',
      '--config',
      'cloud/dashboard/vite.config.ts',
      '--outDir',
      join(copy.folder, 'built'),
    ),
    '',
  );
  const screens = readFileSync(join(copy.folder, 'built', 'assets', 'screens.json'), 'utf8');
  assert.ok(JSON.parse(screens).includes('/blueprint'), screens);
});
