import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { pythonWithPandas } from '../../simulators/testing/debian.ts';
import { TOKEN } from './testing/api-fixture.ts';
import { plannerFixture } from './testing/planner-fixture.ts';

/**
 * The state of a demo a quarter of an hour after its first start: history, models, and two forecasts, of which the first has begun to be
 * measured.
 */
const rig = await plannerFixture();
await rig.forecasts.train(['substation:owd']);
await rig.live(1);
await rig.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = rig.app.server.address() as { port: number };
const folder = mkdtempSync(join(tmpdir(), 'loadstone-guide-'));
after(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});
writeFileSync(join(folder, 'meter.csv'), 'target,start,value\nfeeder:owd-1,2021-06-01T00:00:00+02:00,1000\n');

const guide = readFileSync(new URL('./PLANNERS.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/^```python\n(.*?)^```/gms)].map(([, block]) => block!);

/** Error handling that the guide leaves to its reader. */
const BEFORE = `
import requests, sys
_send = requests.Session.request
def _checked(*args, **kwargs):
    answer = _send(*args, **kwargs)
    if answer.status_code >= 400: raise SystemExit(f"{answer.url}: {answer.status_code} {answer.text}")
    return answer
requests.Session.request = _checked
`;
const AFTER = `
import json, os
print("ROWS " + json.dumps({name: len(value) for name, value in globals().items() if isinstance(value, pd.DataFrame)}))
print("DIFFERENCES", len(backtest["differences"]), "BYTES", os.path.getsize("training.parquet"))
`;

/** Times of Parquet carry their zone, also through pandas, so its file can be posted back. */
const WITH_PARQUET = `
assert str(typed["start"].dt.tz) == str(typed["issuedAt"].dt.tz) == "UTC", typed.dtypes
_meter = session.get(f"{base}/v1/measurements?target=feeder:owd-1&start=2021-05-31T22:00:00Z&end=2021-05-31T22:15:00Z&format=parquet")
pd.read_parquet(io.BytesIO(_meter.content)).to_parquet("meter.parquet")
session.post(base + "/v1/measurements", data=open("meter.parquet", "rb"), headers={"Content-Type": "application/vnd.apache.parquet"})
`;

interface Python {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

async function run(code: string, { command, env }: Python): Promise<string> {
  const program = [BEFORE, code, AFTER].join('\n').replaceAll('http://localhost:8080', `http://127.0.0.1:${port}`);
  writeFileSync(join(folder, 'guide.py'), program.replaceAll('<token>', TOKEN));
  const child = spawn(command, ['guide.py'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, complaint, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  assert.equal(exit, 0, `${out}${complaint}`);
  return out;
}

/** Checks that every table of the guide has rows. */
function assertRows(out: string, tables: readonly string[]): void {
  const rows = JSON.parse(/^ROWS (.*)$/m.exec(out)![1]!) as Record<string, number>;
  assert.deepEqual(Object.keys(rows), tables);
  for (const [name, count] of Object.entries(rows)) assert.ok(count > 0, `${name} is empty: ${out}`);
  const [, differences, bytes] = /^DIFFERENCES (\d+) BYTES (\d+)$/m.exec(out)!;
  assert.ok(Number(differences) > 0 && Number(bytes) > 1000, out);
}

const needsPyarrow = (block: string): boolean => block.includes('read_parquet');
const tables = ['newest', 'day_ahead', 'measured', 'scores', 'hourly'];

test("the planners' guide runs with pandas and without pyarrow, and no table is empty", async () => {
  const python = pythonWithPandas();
  const without = { ...python, env: { ...python.env, PYTHONDONTWRITEBYTECODE: '1' } };
  const out = await run(
    ['sys.modules["pyarrow"] = None', ...blocks.filter((block) => !needsPyarrow(block))].join('\n'),
    without,
  );
  assertRows(out, tables);
});

test("the planners' guide runs with pandas and pyarrow", async (context) => {
  const python: Python = { command: 'python3', env: process.env };
  const found = spawnSync(python.command, ['-c', 'import pandas, pyarrow, requests']);
  if (found.status !== 0) {
    context.skip('Debian has no pyarrow, and python3 has none: pip install pandas pyarrow requests');
    return;
  }
  assert.ok(blocks.some(needsPyarrow));
  assertRows(await run([...blocks, WITH_PARQUET].join('\n'), python), tables.toSpliced(1, 0, 'typed'));
});
