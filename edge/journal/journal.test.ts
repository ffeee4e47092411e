import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { backlogOf, openJournal, textOf } from './testing/bench-journal.ts';

const texts = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `record ${from + index}`);

test('a record is accepted after its sync, at the group commit', async () => {
  const { journal, clock, accepted } = await openJournal(new SimDisk());
  journal.append('measurements', new TextEncoder().encode('a'));
  await clock.advance(199);
  assert.equal(accepted.length, 0);
  await clock.advance(2);
  assert.deepEqual(
    accepted.map(({ offset, run, stream }) => [offset, run, stream]),
    [[0, 1, 'measurements']],
  );
});

test('offsets continue across runs, and each run knows its first offset', async () => {
  const disk = new SimDisk();
  const first = await openJournal(disk, { run: 7 });
  await first.write(...texts(0, 3));
  await first.journal.close();
  const second = await openJournal(disk, { run: 7 });
  assert.equal(second.journal.run, 8, 'a run number is never used twice');
  await second.write(...texts(3, 2));
  assert.deepEqual(
    (await backlogOf(second.journal)).map((entry) => [entry.run, entry.offset, textOf(entry)]),
    [...texts(0, 3).map((each, index) => [7, index, each]), ...texts(3, 2).map((each, index) => [8, 3 + index, each])],
  );
  assert.deepEqual(second.journal.report('measurements').runs, [
    { run: 7, firstOffset: 0 },
    { run: 8, firstOffset: 3 },
  ]);
});

test('acknowledged records are not backlog, also after a restart', async () => {
  const disk = new SimDisk();
  const { journal, write, clock } = await openJournal(disk);
  await write(...texts(0, 10));
  journal.acknowledge('measurements', 1, 3, [[6, 7]]);
  journal.acknowledge('measurements', 99, 9, []);
  journal.acknowledge('measurements', 1, 3, [[6, 2000]]);
  assert.deepEqual(
    (await backlogOf(journal)).map(({ offset }) => offset),
    [4, 5],
  );
  assert.equal(journal.state().backlogFrames, 2);
  assert.equal(journal.state().backlogOldest, 1_632_528_000_000);
  await clock.advance(6000);
  const again = await openJournal(disk, { run: 2 });
  assert.deepEqual(
    (await backlogOf(again.journal)).map(({ offset }) => offset),
    [4, 5],
  );
});

test('acknowledgements of a restored cloud reopen records; a merely late one does not', async () => {
  const { journal, write } = await openJournal(new SimDisk());
  await write(...texts(0, 10));
  journal.acknowledge('measurements', 1, 8, []);
  journal.acknowledge('measurements', 1, 2, []);
  assert.equal((await backlogOf(journal)).length, 1, 'a single one may be late');
  journal.acknowledge('measurements', 1, 8, []);
  journal.acknowledge('measurements', 1, 2, []);
  journal.acknowledge('measurements', 1, 2, []);
  assert.deepEqual(
    (await backlogOf(journal)).map(({ offset }) => offset),
    [3, 4, 5, 6, 7, 8, 9],
  );
});

test('repeated acknowledgements of nothing affect no other run', async () => {
  const disk = new SimDisk();
  const first = await openJournal(disk, { run: 1 });
  await first.write(...texts(0, 5));
  first.journal.acknowledge('measurements', 1, 4, []);
  await first.journal.close();
  const second = await openJournal(disk, { run: 2 });
  await second.write(...texts(5, 2));
  for (let times = 0; times < 3; times++) second.journal.acknowledge('measurements', 2, -1, []);
  assert.deepEqual(
    (await backlogOf(second.journal)).map(({ offset }) => offset),
    [5, 6],
  );
});

test('a dead disk stops acceptance and is reported once; waiting records are accepted on its return', async () => {
  const disk = new SimDisk();
  const { journal, clock, accepted, notices, write } = await openJournal(disk);
  await write('before');
  disk.failing = true;
  for (let second = 0; second < 10; second++) {
    journal.append('measurements', new TextEncoder().encode(`while ${second}`));
    await clock.advance(1000);
  }
  assert.equal(accepted.length, 1);
  assert.equal(journal.state().writable, false);
  disk.failing = false;
  await clock.advance(3000);
  assert.deepEqual(
    accepted.map(({ offset }) => offset),
    Array.from({ length: 11 }, (_, index) => index),
  );
  assert.deepEqual(
    notices.map(({ code, active }) => [code, active]),
    [
      ['LS-JOURNAL-002', true],
      ['LS-JOURNAL-002', false],
    ],
  );
});

test('a gateway starts with a dead disk and continues with the journal that returns', async () => {
  const disk = new SimDisk();
  const before = await openJournal(disk);
  await before.write('kept');
  disk.failing = true;
  const { journal, clock, accepted } = await openJournal(disk, { run: 2 });
  assert.equal(journal.state().writable, false);
  journal.append('measurements', new TextEncoder().encode('later'));
  await clock.advance(5000);
  disk.failing = false;
  await clock.advance(5000);
  assert.deepEqual(
    accepted.map(({ run, offset }) => [run, offset]),
    [[2, 1]],
  );
});

test('the queue of the journal is bounded', async () => {
  const disk = new SimDisk();
  const { journal } = await openJournal(disk);
  disk.failing = true;
  let taken = 0;
  while (journal.append('measurements', new Uint8Array(1))) taken++;
  assert.equal(taken, 20_000);
  assert.equal(journal.append('events', new Uint8Array(1)), true, 'each stream has its own');
});

test('over budget acknowledged records go first, then the oldest measurements; events stay', async () => {
  const disk = new SimDisk();
  const { journal, notices, clock } = await openJournal(disk, { maxBytes: 200_000 });
  const payload = new Uint8Array(400);
  const put = async (stream: 'measurements' | 'events', count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      journal.append(stream, payload);
      if (index % 10 === 9) await journal.flush();
    }
  };
  await put('events', 50);
  await put('measurements', 200);
  journal.acknowledge('measurements', 1, 149, []);
  await put('measurements', 200);
  assert.equal(journal.state().droppedFrames, 0, 'acknowledged records made room');
  await put('measurements', 400);
  const { missing } = journal.report('measurements');
  assert.equal(missing.length, 1);
  assert.equal(missing[0]?.reason, 'dropped');
  assert.equal(missing[0]?.from, 150);
  assert.equal(journal.state().droppedFrames, missing[0].to - missing[0].from + 1);
  assert.ok(disk.used() < 220_000, `${disk.used()} bytes`);
  assert.ok(notices.some(({ code }) => code === 'LS-JOURNAL-003'));
  assert.equal((await journal.backlog('events', { from: 0, limit: 1000, skip: () => false })).length, 50);
  assert.equal((await backlogOf(journal))[0]?.offset, missing[0].to + 1);
  journal.acknowledge('measurements', 1, missing[0].to, []);
  assert.deepEqual(journal.report('measurements').missing, [], 'the cloud has noted it');
  await clock.advance(6000);
  const again = await openJournal(disk, { run: 2, maxBytes: 200_000 });
  assert.equal(again.journal.state().lostFrames, 0, 'evicted records do not count as lost');
});

test('an unreadable segment does not delay later ones and is sent once it is readable', async () => {
  const disk = new SimDisk();
  const { journal, write } = await openJournal(disk, { maxBytes: 200_000 });
  for (let index = 0; index < 4; index++) await write('x'.repeat(4000));
  const bad = (await disk.list('measurements'))[1]!;
  const read = disk.read.bind(disk);
  let isBad = true;
  let tries = 0;
  disk.read = async (path) => {
    if (isBad && path.endsWith(bad) && ++tries > 0) throw new Error('EIO: i/o error, read');
    return read(path);
  };
  const offsets = async (): Promise<number[]> => (await backlogOf(journal)).map(({ offset }) => offset);
  for (let look = 0; look < 100; look++) assert.deepEqual(await offsets(), [0, 2, 3]);
  assert.ok(tries <= 8, `${tries} tries: each may take the disk seconds`);
  assert.equal(journal.state().lostFrames, 0);
  isBad = false;
  for (let look = 0; look < 130; look++) await offsets();
  assert.deepEqual(await offsets(), [0, 1, 2, 3]);
});

/** A closed journal of four segments with one record each, on a disk whose reads the test controls. */
async function fourSegments() {
  const disk = new SimDisk();
  const { journal, write } = await openJournal(disk, { maxBytes: 200_000 });
  for (let index = 0; index < 4; index++) await write(`${index} ${'x'.repeat(4000)}`);
  await journal.close();
  const read = disk.read.bind(disk);
  const refuse = (path: string, code: string): void => {
    disk.read = async (each) => {
      if (each === path) throw Object.assign(new Error(`${code}: refused, read`), { code });
      return read(each);
    };
  };
  const files = (await disk.list('measurements')).map((file) => `measurements/${file}`);
  return { disk, files, refuse, mend: () => void (disk.read = read) };
}
const openAgain = (disk: SimDisk) => openJournal(disk, { run: 2, maxBytes: 200_000 });
const offsetsOf = async (journal: Parameters<typeof backlogOf>[0]): Promise<number[]> =>
  (await backlogOf(journal)).map(({ offset }) => offset);

test('a segment that is unreadable at the start is set aside, and the journal continues', async () => {
  for (const at of [0, 1, 3]) {
    const { disk, files, refuse, mend } = await fourSegments();
    refuse(files[at]!, 'EIO');
    const { journal, write, notices } = await openAgain(disk);
    assert.equal(journal.state().writable, true);
    await write('next');
    assert.deepEqual(await offsetsOf(journal), [0, 1, 2, 3, 4].toSpliced(at, 1), `segment ${at}`);
    assert.deepEqual(
      journal.report('measurements').missing.map(({ run, from, to, reason }) => [run, from, to, reason]),
      [[1, at, at, 'lost']],
    );
    assert.deepEqual(
      notices.filter(({ active }) => active === true).map(({ code, detail }) => [code, detail]),
      [
        [
          'LS-JOURNAL-001',
          `the disk does not give ${files[at]} (EIO: refused, read): it is kept as quarantine/${files[at]!.replace('/', '-')}.unread, and what stood in it alone is lost`,
        ],
      ],
    );
    mend();
    assert.equal((await disk.list('quarantine')).length, 1, 'it is kept');
    await journal.close();
    const third = await openJournal(disk, { run: 3, maxBytes: 200_000 });
    assert.equal(third.journal.state().lostFrames, 1, 'and is lost once');
    assert.deepEqual(third.notices, []);
  }
});

test('records of a set-aside segment that the cloud has are not lost', async () => {
  const { disk, files, refuse, mend } = await fourSegments();
  const before = await openAgain(disk);
  before.journal.acknowledge('measurements', 1, 1, []);
  await before.journal.close();
  mend();
  refuse(files[1]!, 'EIO');
  const { journal } = await openJournal(disk, { run: 3, maxBytes: 200_000 });
  assert.deepEqual([journal.state().lostFrames, await offsetsOf(journal)], [0, [2, 3]]);
});

test('quarantine keeps the newest eight damaged files of each stream and every unreadable file', async () => {
  const { disk } = await fourSegments();
  const unread = Array.from({ length: 10 }, (_, index) => `measurements-${index}.unread`);
  const damaged = Array.from({ length: 10 }, (_, index) => `measurements-${index}.seg`);
  const events = damaged.map((file) => file.replace('measurements', 'events'));
  for (const file of [...unread, ...damaged, ...events]) await disk.replace(`quarantine/${file}`, new Uint8Array([1]));
  await openAgain(disk);
  assert.deepEqual(
    (await disk.list('quarantine')).toSorted(),
    [...unread, ...damaged.slice(2), ...events.slice(2)].toSorted(),
  );
});

test('an unreadable account costs no records: everything is resent', async () => {
  const { disk, refuse } = await fourSegments();
  refuse('journal.json', 'EIO');
  const { journal, notices } = await openAgain(disk);
  assert.deepEqual([journal.state().lostFrames, await offsetsOf(journal)], [0, [0, 1, 2, 3]]);
  assert.ok(notices.some(({ code }) => code === 'LS-JOURNAL-001'));
});

test('without file handles or renames, or the end of the newest segment, the journal stays closed and loses nothing', async () => {
  for (const [code, at] of [
    ['EMFILE', 1],
    ['EACCES', 3],
    ['EPERM', 3],
    ['EIO', 1],
  ] as const) {
    const { disk, files, refuse, mend } = await fourSegments();
    refuse(files[at]!, code);
    disk.failing = code === 'EIO';
    const { journal, clock } = await openAgain(disk);
    await clock.advance(10_000);
    assert.equal(journal.state().writable, false, code);
    mend();
    disk.failing = false;
    await clock.advance(3000);
    assert.deepEqual([journal.state().lostFrames, await offsetsOf(journal)], [0, [0, 1, 2, 3]], code);
  }
});

test('a segment of another user does not close the journal, and is sent once it may be read', async () => {
  for (const code of ['EACCES', 'EPERM']) {
    const { disk, files, refuse, mend } = await fourSegments();
    refuse(files[1]!, code);
    const { journal, write, notices } = await openAgain(disk);
    await write('next');
    assert.deepEqual([journal.state().writable, await offsetsOf(journal)], [true, [0, 2, 3, 4]], code);
    assert.match(notices[0]!.detail, /^measurements\/\S+ may not be read \(\w+: refused, read\): its records are sent/);
    mend();
    for (let look = 0; look < 3; look++) await offsetsOf(journal);
    assert.deepEqual([journal.state().lostFrames, await offsetsOf(journal)], [0, [0, 1, 2, 3, 4]], code);
    await journal.close();
    const again = await openJournal(disk, { run: 3, maxBytes: 200_000 });
    assert.deepEqual([again.notices, await offsetsOf(again.journal)], [[], [0, 1, 2, 3, 4]]);
  }
});

test('acknowledged segments expire by age, others stay', async () => {
  const disk = new SimDisk();
  const { journal, clock, write } = await openJournal(disk, { maxBytes: 200_000 });
  for (let index = 0; index < 10; index++) await write('x'.repeat(4000));
  journal.acknowledge('measurements', 1, 4, []);
  await clock.advance(8 * 86_400_000);
  await write('new');
  assert.equal((await backlogOf(journal)).length, 6);
  assert.ok(disk.used() < 40_000);
});

test('on a full disk the journal frees space and continues', async () => {
  const disk = new SimDisk();
  disk.capacity = 120_000;
  const { journal, clock, accepted } = await openJournal(disk, { maxBytes: 1_000_000 });
  for (let index = 0; index < 400; index++) {
    journal.append('measurements', new Uint8Array(1000));
    await clock.advance(1000);
  }
  await clock.advance(60_000);
  assert.equal(accepted.length, 400);
  const { missing } = journal.report('measurements');
  const backlog = await backlogOf(journal);
  const gone = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  assert.equal(backlog.length + gone, 400, 'every accepted record is present or reported');
  assert.ok(gone > 0);
});

test('a disk that is full for one record costs at most one segment of backlog', async () => {
  const disk = new SimDisk();
  const { journal, clock, accepted } = await openJournal(disk, { maxBytes: 1_000_000 });
  for (let index = 0; index < 200; index++) {
    journal.append('measurements', new Uint8Array(500));
    if (index % 10 === 9) await journal.flush();
  }
  disk.capacity = disk.used() + 100;
  journal.append('measurements', new Uint8Array(500));
  await clock.advance(5000);
  assert.equal(accepted.length, 201);
  const { droppedFrames } = journal.state();
  // A segment takes 31,250 bytes.
  assert.ok(droppedFrames > 0 && droppedFrames <= 62, `${droppedFrames} dropped`);
});

test('after a power loss all accepted records are present, and none is invented', async () => {
  let unaccepted = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = new SeededRandom(seed);
    const disk = new SimDisk();
    const written: string[] = [];
    const acceptedTexts: string[] = [];
    for (let run = 1; run <= 4; run++) {
      const { journal, accepted, clock } = await openJournal(disk, { run, maxBytes: 100_000 });
      const put = (): boolean => {
        written.push(`record ${written.length}`);
        return journal.append('measurements', new TextEncoder().encode(written.at(-1)));
      };
      for (let index = random.uint32() % 40; index > 0; index--) {
        put();
        if (random.next() < 0.3) await clock.advance(random.next() * 400);
      }
      disk.syncFails = true;
      for (let index = random.uint32() % 5; index > 0; index--) put();
      await clock.advance(random.next() * 400);
      acceptedTexts.push(...accepted.map(textOf));
      disk.crash(random);
      disk.syncFails = false;
    }
    const { journal } = await openJournal(disk, { run: 9, maxBytes: 100_000 });
    const found = (await backlogOf(journal)).map(textOf);
    assert.deepEqual(
      found.filter((each) => acceptedTexts.includes(each)),
      acceptedTexts,
      `seed ${seed}`,
    );
    assert.deepEqual([...new Set(found)], found, 'no duplicates');
    assert.ok(found.every((each) => written.includes(each)));
    assert.equal(journal.state().lostFrames, 0, `seed ${seed}`);
    unaccepted += found.length - acceptedTexts.length;
  }
  assert.ok(unaccepted > 0, 'the test never had a complete write that was not synced');
});
