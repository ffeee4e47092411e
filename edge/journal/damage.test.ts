import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { backlogOf, openJournal, textOf } from './testing/bench-journal.ts';

/** A journal with a closed run and a last segment, which the tests truncate and flip bits in. */
async function written(): Promise<{ disk: SimDisk; last: string; bytes: Uint8Array; ends: number[]; all: string[] }> {
  const disk = new SimDisk();
  const all = Array.from({ length: 12 }, (_, index) => `record ${index} ${'-'.repeat(index)}`);
  const first = await openJournal(disk, { run: 1 });
  await first.write(...all.slice(0, 4));
  await first.journal.close();
  const second = await openJournal(disk, { run: 2 });
  const ends: number[] = [];
  const last = `measurements/${(4).toString().padStart(16, '0')}-00000002.seg`;
  for (const each of all.slice(4)) {
    await second.write(each);
    ends.push((await disk.read(last))!.length);
  }
  await second.journal.close();
  return { disk, last, bytes: (await disk.read(last))!, ends, all };
}

test('a last segment cut at any byte keeps every intact record and invents none', async () => {
  const { disk, last, bytes, ends, all } = await written();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const copy = disk.clone();
    await copy.replace(last, bytes.subarray(0, cut));
    const { journal } = await openJournal(copy, { run: 3 });
    const whole = 4 + ends.filter((end) => end <= cut).length;
    assert.deepEqual((await backlogOf(journal)).map(textOf), all.slice(0, whole), `cut at ${cut}`);
    await journal.close();
  }
});

test('a flipped bit in the last segment loses at most its record, reported as lost', async () => {
  const { disk, last, bytes, ends, all } = await written();
  for (let at = 0; at < bytes.length; at++) {
    const copy = disk.clone();
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << (at % 8);
    await copy.replace(last, damaged);
    const { journal, notices, write } = await openJournal(copy, { run: 3 });
    const hit = 4 + ends.filter((end) => end <= at).length;
    assert.deepEqual((await backlogOf(journal)).map(textOf), all.toSpliced(hit, 1), `byte ${at}`);
    assert.deepEqual(
      journal.report('measurements').missing.map(({ run, from, to, reason }) => [run, from, to, reason]),
      [[2, hit, hit, 'lost']],
      `byte ${at}`,
    );
    assert.equal(journal.state().lostFrames, 1);
    assert.ok(notices.some(({ code }) => code === 'LS-JOURNAL-001'));
    assert.equal((await copy.list('quarantine')).length, 1);
    await write('next');
    assert.equal((await backlogOf(journal)).at(-1)?.offset, 12, 'no offset is used twice');
    const again = await openJournal(copy.clone(), { run: 4 });
    assert.equal(again.journal.state().lostFrames, 1, 'it is lost once');
  }
});

test('zeros after the last record count as a torn write', async () => {
  const { disk, last, bytes, all } = await written();
  const longer = new Uint8Array(bytes.length + 100);
  longer.set(bytes);
  await disk.replace(last, longer);
  const { journal } = await openJournal(disk, { run: 3 });
  assert.deepEqual((await backlogOf(journal)).map(textOf), all);
  assert.equal(journal.state().lostFrames, 0);
});

test('a missing segment is lost, a stray file is quarantined, a missing account costs no records', async () => {
  const { disk, last, all } = await written();
  await disk.remove('measurements/0000000000000000-00000001.seg');
  await disk.replace('measurements/notes.txt', new Uint8Array([1]));
  const { journal } = await openJournal(disk, { run: 3 });
  assert.deepEqual((await backlogOf(journal)).map(textOf), all.slice(4));
  assert.equal(journal.state().lostFrames, 4);
  assert.deepEqual(await disk.list('quarantine'), ['measurements-notes.txt']);

  const other = await written();
  await other.disk.replace('journal.json', new TextEncoder().encode('{"version":1,'));
  const recovered = await openJournal(other.disk, { run: 3 });
  assert.deepEqual((await backlogOf(recovered.journal)).map(textOf), other.all);
  assert.equal(last.length > 0, true);
});

test('an account whose numbers do not add up costs no record, and none after it', async () => {
  const { disk, all } = await written();
  const { journal } = await openJournal(disk, { run: 3 });
  journal.acknowledge('measurements', 2, 7, []);
  await journal.close();
  const account = new TextDecoder().decode(await disk.read('journal.json'));
  for (const [from, to] of [
    ['[4,7]', '[4,71]'],
    ['"firstOffset":12', '"firstOffset":92'],
    ['"next":12', '"next":9007199254740991'],
  ] as const) {
    assert.ok(account.includes(from), account);
    const copy = disk.clone();
    await copy.replace('journal.json', new TextEncoder().encode(account.replace(from, to)));
    const again = await openJournal(copy, { run: 4 });
    await again.write('next');
    assert.deepEqual((await backlogOf(again.journal)).map(textOf), [...all, 'next'], to);
    assert.equal(again.journal.state().lostFrames, 0);
    assert.match(again.notices[0]!.detail, /^journal\.json cannot be read: what it held is sent again$/);
  }
});

test('a file of another journal is set aside unread, is named, and costs no record', async () => {
  const other = new SimDisk();
  const writer = await openJournal(other, { run: 9 });
  await writer.write('not ours');
  const foreign = (await other.read('measurements/0000000000000000-00000009.seg'))!;
  const names = ['0000000000000001', '0000005000000000', '0002251799813685', '9007199254740991'];
  for (const name of names) {
    const { disk, all } = await written();
    const file = `measurements/${name}-00000009.seg`;
    await disk.replace(file, name.startsWith('9') ? new Uint8Array() : foreign);
    const { journal, write, accepted, notices } = await openJournal(disk, { run: 3 });
    await write('next');
    assert.deepEqual((await backlogOf(journal)).map(textOf), [...all, 'next'], file);
    assert.deepEqual([accepted[0]?.offset, journal.state().lostFrames, journal.state().writable], [12, 0, true], file);
    assert.deepEqual([notices.length, notices[0]?.detail.includes(file)], [1, true], file);
    assert.equal((await disk.list('quarantine')).length, 1);
  }
});

test('where quarantine takes nothing, a stray, a damaged and a torn file do not stop the journal', async () => {
  for (const [damage, lost] of [
    ['stray', 0],
    ['damaged', 1],
    ['torn', 0],
  ] as const) {
    const { disk, last, bytes, all } = await written();
    const changed = damage === 'torn' ? Uint8Array.of(...bytes, 0x5a) : bytes.slice();
    if (damage === 'damaged') changed[40]! ^= 0xff;
    await disk.replace(damage === 'stray' ? 'measurements/notes.txt' : last, changed);
    const { rename, replace } = { rename: disk.rename.bind(disk), replace: disk.replace.bind(disk) };
    const full = (): never => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
    disk.rename = async (from, to) => (to.startsWith('quarantine/') ? full() : rename(from, to));
    disk.replace = async (path, content) => (path.startsWith('quarantine/') ? full() : replace(path, content));
    disk.truncate = async () => full();
    for (const run of [3, 4]) {
      const { journal, write } = await openJournal(disk, { run });
      await write('next');
      assert.deepEqual([journal.state().writable, journal.state().lostFrames], [true, lost], damage);
      assert.deepEqual((await backlogOf(journal)).length, all.length - lost + (run - 2), damage);
      await journal.close();
    }
  }
});

test('a segment damaged at run time loses only the damaged records', async () => {
  const { disk, last, bytes } = await written();
  const { journal } = await openJournal(disk, { run: 3 });
  const damaged = bytes.slice();
  damaged[bytes.length - 1]! ^= 0xff;
  await disk.replace(last, damaged);
  assert.equal((await backlogOf(journal)).length, 11);
  assert.deepEqual(
    journal.report('measurements').missing.map(({ from, to }) => [from, to]),
    [[11, 11]],
  );
});
