import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { NodeDisk } from './node-disk.ts';
import { diskSuite } from './testing/disk-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-disk-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

diskSuite('node disk', () => new NodeDisk(join(folder, String(count++))));
diskSuite('simulated disk', () => new SimDisk());
