import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { screenPaths } from '../screen-paths.ts';
import { changesOf, outlineOf } from './outline.ts';

const TREE = `- heading "12 devices" [level=2]
- search:
  - text: Kind
  - combobox "Kind":
    - option "Kind: any" [selected]
- group "Devices":
  - table:
    - rowgroup:
      - row "Device Power, kW":
        - columnheader "Device"
        - columnheader "Power, kW"
    - rowgroup:
      - row "pv-1 owd-01/pv-1 −12.5 Act":
        - rowheader "pv-1 owd-01/pv-1"
        - cell "−12.5"
        - cell "owd-1":
          - link "owd-1":
            - /url: /feeders/owd-1
        - cell "Act on pv-1, owd-01/pv-1":
          - button "Act on pv-1, owd-01/pv-1"
      - row "pv-2 owd-01/pv-2 −13 Act":
        - cell "Act on pv-2, owd-01/pv-2":
          - button "Act on pv-2, owd-01/pv-2"
- 'button "Zoom: out"': −
- group: Show
- group "Buses":
  - button "2 1.013, bus" [pressed]: 2 1.013
  - button "3 1.014, bus"
- navigation "Pages":
  - button "Back" [disabled]
  - button "Next"`;
const OUTLINE = `heading "# devices" [level=2]
search
  combobox "Kind"
group "Devices"
  table
    columnheader "Device"
    columnheader "Power, kW"
    link
    button "Act on pv#, owd#/pv#"
button "Zoom: out"
group "Show"
group "Buses"
  button "# #, bus" [pressed]
navigation "Pages"
  button "Back" [disabled]
  button "Next"
`;

test('an outline has columns, controls and the first row of a table, but no values', () => {
  assert.equal(outlineOf(TREE), OUTLINE);
});

test('a lost control name and a missing heading are reported line by line', () => {
  const mute = OUTLINE.replace('button "Next"', 'button').replace('heading "# devices" [level=2]\n', '');
  assert.deepEqual(
    changesOf(OUTLINE, mute)
      .split('\n')
      .filter((line) => !line.startsWith('  ')),
    ['- heading "# devices" [level=2]', '-   button "Next"', '+   button'],
  );
});

const kept = globSync('outlines/*.txt', { cwd: import.meta.dirname }).map((file) => basename(file, '.txt'));

test('every screen has an outline', () => {
  assert.deepEqual(
    [...screenPaths().keys()].filter((screen) => !kept.includes(screen)),
    [],
  );
});

test('every outline belongs to a test', () => {
  const tests = globSync('../*.browser.test.ts', { cwd: import.meta.dirname })
    .map((file) => readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8'))
    .join('\n');
  assert.deepEqual(
    kept.filter((name) => !new RegExp(`'${name}'|^  ${name}: `, 'm').test(tests)),
    [],
  );
});
