import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk } from '../../../shared/ports/disk.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);

/** What every adapter of the Disk port must do. `make` returns an empty disk. */
export function diskSuite(name: string, make: () => Disk | Promise<Disk>): void {
  test(`${name}: a missing file is undefined, a missing folder is empty`, async () => {
    const disk = await make();
    assert.equal(await disk.read('a/b'), undefined);
    assert.deepEqual(await disk.list('a'), []);
    await disk.remove('a/b');
  });

  test(`${name}: appended data is read back, also after reopening`, async () => {
    const disk = await make();
    const file = await disk.open('a/log');
    assert.equal(file.size, 0);
    await file.append(bytes('one,'));
    await file.append(bytes('two,'));
    await file.sync();
    assert.equal(file.size, 8);
    await file.close();
    const again = await disk.open('a/log');
    assert.equal(again.size, 8);
    await again.append(bytes('three'));
    await again.sync();
    await again.close();
    assert.equal(text(await disk.read('a/log')), 'one,two,three');
  });

  test(`${name}: truncate cuts the end, and appending continues there`, async () => {
    const disk = await make();
    const file = await disk.open('log');
    await file.append(bytes('one,two'));
    await file.close();
    await disk.truncate('log', 4);
    const again = await disk.open('log');
    await again.append(bytes('three'));
    await again.close();
    assert.equal(text(await disk.read('log')), 'one,three');
    await assert.rejects(disk.truncate('absent', 0));
  });

  test(`${name}: replace creates or overwrites a file`, async () => {
    const disk = await make();
    await disk.replace('x/state.json', bytes('a longer text'));
    await disk.replace('x/state.json', bytes('short'));
    assert.equal(text(await disk.read('x/state.json')), 'short');
    assert.deepEqual(await disk.list('x'), ['state.json']);
  });

  test(`${name}: rename moves into another folder; list is sorted and names files only`, async () => {
    const disk = await make();
    for (const each of ['f/b', 'f/a', 'f/c']) await disk.replace(each, bytes(each));
    await disk.rename('f/b', 'f/g/b');
    assert.deepEqual(await disk.list('f'), ['a', 'c']);
    assert.equal(text(await disk.read('f/g/b')), 'f/b');
    await disk.remove('f/a');
    assert.deepEqual(await disk.list('f'), ['c']);
    await assert.rejects(disk.rename('absent', 'other'));
  });
}
