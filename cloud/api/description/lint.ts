import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApi } from '../app.ts';
import { fixtureDeps } from '../testing/api-fixture.ts';

/** Checks the OpenAPI description against the rules of redocly.yaml and .spectral.yaml. */
const linters = [
  ['redocly', 'lint'],
  ['spectral', 'lint', '--quiet', '--fail-severity=hint'],
] as const;

const { app } = await buildApi(fixtureDeps());
await app.ready();
const folder = mkdtempSync(join(tmpdir(), 'loadstone-openapi-'));
const file = join(folder, 'openapi.json');
writeFileSync(file, JSON.stringify(app.swagger(), null, 2));
await app.close();

const run = ([name, ...args]: readonly [string, ...string[]]): Promise<boolean> =>
  new Promise((resolve) => {
    const bin = join('node_modules', '.bin', name);
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    spawn(process.execPath, [bin, ...args, file], { stdio: 'inherit', env }).on('close', (code) => resolve(code === 0));
  });
const clean = await Promise.all(linters.map(run));
rmSync(folder, { recursive: true });
process.exitCode = clean.every(Boolean) ? 0 : 1;
