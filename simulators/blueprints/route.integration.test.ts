import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TreeCopy } from './copy.ts';

test('a route is one file and its entry in the table: rights, description and types derive from it', () => {
  const copy = new TreeCopy();
  copy.add('route.ts.txt', 'cloud/api/routes/blueprint.ts');
  copy.edit('cloud/api/routes/table.ts', (text) =>
    text
      .replace(
        'import { completenessRoute }',
        "import { blueprintRoutes } from './blueprint.ts';\nimport { completenessRoute }",
      )
      .replace('  auditRoutes,\n', '  auditRoutes,\n  blueprintRoutes,\n'),
  );
  assert.equal(copy.touched.length, 2);
  assert.equal(copy.run('node_modules/.bin/oxfmt', '--check', ...copy.touched), '');
  assert.equal(copy.run('node_modules/.bin/tsc', '--noEmit'), '');
  assert.equal(copy.run('--test', 'shared/layers.test.ts'), '');
  assert.equal(copy.run('cloud/api/description/lint.ts'), '');
  assert.equal(copy.run('--test', '--test-name-pattern=blueprint', 'cloud/api/access.test.ts'), '');
});
