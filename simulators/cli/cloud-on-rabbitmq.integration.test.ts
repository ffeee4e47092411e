import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { run as runCheck } from '../../cloud/cli/check.ts';
import { run as runPki } from '../../cloud/cli/pki.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { acceptedBy, compare } from '../../cloud/ingest/rabbitmq/testing/kill-drill.ts';
import { Authority } from '../../cloud/pki/authority.ts';
import { makeToken } from '../../cloud/pki/tokens.ts';
import { Database } from '../../cloud/telemetry/database.ts';
import { WorkerStore } from '../../cloud/telemetry/worker-store.ts';
import { runEnrol } from '../../edge/cli/enrol.ts';
import { parseConfig } from '../../edge/config/load.ts';
import { configFor } from '../../edge/uplink/testing/bench.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { rabbitPorts, startRabbit } from '../testing/rabbitmq.ts';
import { cloudFiles, folderOf, run, start, type Started } from './testing/started.ts';

const GATEWAY = 'owd-01';
const PROCESS = join(import.meta.dirname, '..', '..', 'edge', 'uplink', 'testing', 'gateway-process.ts');

interface Health {
  readonly ok: boolean;
  readonly broker: string;
  readonly nodes: string;
}

test(
  'a cloud on RabbitMQ loses and duplicates nothing when cloud or broker is killed',
  { timeout: 400_000 },
  async (t) => {
    const folder = folderOf(t);
    const { config, data } = cloudFiles(folder, buildRegion(['owd']));
    const write = (passwordFile: string, more: object): void =>
      writeFileSync(
        config,
        `roles: [owner, api]\nregion: ${folder}/region.json\ndata: ${data}\napi: { port: 0, guests: true }\nuplink: ${JSON.stringify(
          {
            port: 0,
            rabbitmq: { host: '127.0.0.1', user: 'cloud', passwordFile, security: 'none', ...more },
          },
        )}\n`,
      );
    write(join(folder, 'password'), {});
    const bare = start(t, 'cloud', '--config', config);
    assert.equal(await bare.ended, 2, bare.said());
    assert.match(bare.said(), /LS-CONFIG-003: uplink\.rabbitmq: .*create them with "loadstone pki init"/);
    assert.equal(await runPki(['init', '--config', config]), 0);
    const issued = start(t, 'pki', 'broker', '127.0.0.1', '--config', config);
    assert.equal(await issued.ended, 0);
    const rabbit = await startRabbit({
      dir: join(folder, 'rabbit'),
      tls: { server: issued.said(), roots: new Authority(data).roots() },
    });
    t.after(() => rabbit.stop());
    const { password } = rabbit.address;
    const ports = rabbitPorts(rabbit);
    write(join(folder, 'password'), ports);
    writeFileSync(join(folder, 'password'), 'another\n');
    const refused = start(t, 'cloud', '--config', config);
    assert.equal(await refused.ended, 1, refused.said());
    assert.match(refused.said(), /LS-BROKER-003: uplink\.rabbitmq\.passwordFile: the broker rejects the password/);
    writeFileSync(join(folder, 'password'), `${password}\n`);

    let url = '';
    let enrolment = '';
    const begin = async (): Promise<Started> => {
      const cloud = start(t, 'cloud', '--config', config);
      await cloud.says(/uplinks on RabbitMQ at 127\.0\.0\.1:\d+ by TLS, enrolment on 127\.0\.0\.1:\d+/);
      [, url = '', enrolment = ''] = /cloud: (\S+) .*enrolment on (\S+)/.exec(cloud.said())!;
      return cloud;
    };
    const health = async (): Promise<Health> => (await (await fetch(`${url}/health`)).json()) as Health;

    const look = async (file = config): Promise<string> => {
      const write = t.mock.method(process.stdout, 'write', () => true);
      assert.equal(await runCheck(['--config', file]), 0);
      write.mock.restore();
      return write.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
    };
    assert.match(await look(), /^RabbitMQ +4\.\S+ at 127\.0\.0\.1 accepts the cloud$/m);

    // A gateway enrols at the cloud and learns the broker's address; its daemon receives signed heartbeats and documents from there.
    const first = await begin();
    const alone = await until('no job node is found', async () => {
      const answer = await health();
      return answer.nodes !== 'ok' && answer;
    });
    assert.deepEqual([alone.ok, alone.broker], [false, 'ok']);
    assert.match(alone.nodes, /^no job node has been connected since 20\d\d-.*: plans in force continue/);
    const jobFile = join(folder, 'job.yaml');
    const rabbitmq = { host: '127.0.0.1', user: 'cloud', passwordFile: join(folder, 'password'), security: 'none' };
    writeFileSync(
      jobFile,
      `roles: [job]\napi: { port: 0 }\nuplink: ${JSON.stringify({ rabbitmq: { ...rabbitmq, ...ports } })}\n`,
    );
    assert.match(await look(jobFile), /^RabbitMQ +at 127\.0\.0\.1 accepts the job node$/m);
    const node = start(t, 'cloud', '--config', jobFile);
    await until('the job node is found', async () => (await health()).nodes === 'ok');
    const yaml = join(folder, 'gateway.yaml');
    const identity = join(folder, 'identity');
    const own = `journal: { path: ${folder}/journal }\nlocalBroker: { listen: "127.0.0.1:0" }\nuplink: { identity: ${identity} }\n`;
    writeFileSync(yaml, `gateway: { id: ${GATEWAY}, substation: owd, group: ${buildRegion().id} }\n${own}`);
    const token = join(folder, 'token');
    writeFileSync(token, makeToken(data, GATEWAY, { now: Date.now() }));
    const enrol = (): Promise<number> => runEnrol([`https://${enrolment}`, '--token-file', token, '--config', yaml]);
    assert.equal(await enrol(), 0);
    const { uplink } = parseConfig(readFileSync(yaml, 'utf8'), yaml);
    assert.deepEqual(
      [uplink.url, uplink.authority],
      [`mqtts://127.0.0.1:${rabbit.gatewayPort}`, `https://${enrolment}`],
    );
    const daemon = start(t, 'edge', '--config', yaml);
    for (const heard of ['heartbeat.json', 'documents'])
      await until(`${heard} from the cloud`, () => existsSync(join(folder, 'journal', heard)));
    daemon.child.kill('SIGTERM');
    await daemon.ended;

    const journal = { path: join(folder, 'busy'), maxMb: 100, maxAgeMs: 86_400_000, syncMs: 50 };
    const busyConfig = {
      ...configFor(),
      gateway: GATEWAY,
      group: buildRegion().id,
      url: uplink.url,
      identity,
      reconnectS: [0.1, 1],
      journal,
    };
    const gateway = (mode: string): Started => run(t, PROCESS, JSON.stringify(busyConfig), mode);
    const stored = (): number => {
      const db = new DatabaseSync(join(data, 'state.sqlite'), { readOnly: true, timeout: 1000 });
      try {
        const spans = `FROM span JOIN run ON run.id = span.run WHERE gateway = '${GATEWAY}' AND stream = 'measurements'`;
        return Number(
          db.prepare(`SELECT coalesce(sum(last - first + 1), 0) AS n ${spans} AND state = 'stored'`).get()!['n'],
        );
      } finally {
        db.close();
      }
    };
    const more = async (what: string): Promise<void> => {
      const from = stored();
      await until(what, () => stored() > from + 100);
    };
    const busy = gateway('busy');
    await more('frames are stored');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await begin();
    await more('frames are stored after the end of the cloud');
    await rabbit.kill();
    const away = await until('the cloud reports the broker as away', async () => {
      const answer = await health();
      return answer.broker !== 'ok' && answer;
    });
    assert.match(away.broker, /^has not answered since 20\d\d-.*: /);
    assert.equal(away.ok, false);
    await rabbit.start();
    await until('the broker is back', async () => (await health()).ok);
    await more('frames are stored after the end of the broker');
    const events = await (await fetch(`${url}/v1/events?limit=200`)).text();
    for (const text of ['"code":"LS-BROKER-004"', 'RabbitMQ answers again.']) assert.ok(events.includes(text), text);
    busy.child.kill('SIGTERM');
    await busy.ended;
    const accepted = await acceptedBy({ journal });
    const quiet = gateway('quiet');
    await quiet.says(/"connected":true/);
    await until('all is stored', () => stored() === accepted.size);

    assert.match(await look(), /^RabbitMQ +the running cloud is connected/m);

    // After a revocation the connection ends, and the gateway's id stays blocked.
    const cut = quiet.says(/"connected":true[^]*"connected":false/);
    assert.equal(await runPki(['revoke', GATEWAY, '--config', config]), 0);
    await cut;
    quiet.child.kill('SIGKILL');
    writeFileSync(token, makeToken(data, GATEWAY, { now: Date.now() }));
    await assert.rejects(enrol(), {
      code: 'LS-PKI-001',
      message: /owd-01 is revoked, and RabbitMQ cannot distinguish/,
    });

    // The job node has reconnected to the broker; cloud and node stop cleanly even without it.
    await until('the job node is found again', async () => (await health()).nodes === 'ok');
    await rabbit.kill();
    node.child.kill('SIGTERM');
    assert.equal(await node.ended, 0, node.said());
    second.child.kill('SIGTERM');
    assert.equal(await second.ended, 0, second.said());
    const stores = {
      ledger: new LedgerFile(new Database(join(data, 'state.sqlite'))),
      points: new WorkerStore({ path: join(data, 'telemetry.sqlite') }),
    };
    await compare(stores, [GATEWAY], [accepted]);
    t.diagnostic(`${accepted.size} frames accepted, each stored once`);
  },
);
