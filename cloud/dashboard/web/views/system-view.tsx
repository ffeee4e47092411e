import { useState } from 'preact/hooks';
import type { SystemView } from '../../../../shared/contracts/system.ts';
import { bytes, milliseconds, number, percent } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useAnswer } from '../state/api.ts';
import { may, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { tick } from '../state/store.ts';
import { GivenUp } from './given-up.tsx';
import { t, translate, type Text } from '../words/t.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';

const AGAIN_MS = 5_000;

/** Parts of the cloud and their state, for its administrators. */
export function SystemScreen() {
  const mayRead = may('quarantine:read');
  const [acts, setActs] = useState(0);
  const asked = `${acts} ${Math.floor(tick.value / AGAIN_MS)}`;
  const answer = useAnswer<SystemView>(mayRead ? '/v1/system' : null, asked);
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('System')}</h1>
        {answer.state === 'good' && (
          <span class="muted">{t('cloud of version {version}', { version: answer.value.version })}</span>
        )}
      </div>
      {!mayRead && (
        <Panel title={t('System')}>
          <p class="waiting muted">{needs(t('an operator or an engineer'))}</p>
        </Panel>
      )}
      {mayRead && answer.state === 'loading' && <Waiting what={t('the system')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && (
        <>
          <GivenUp all={answer.value.givenUp ?? []} onDone={() => setActs((n) => n + 1)} />
          <Whole view={answer.value} />
        </>
      )}
    </>
  );
}

function Whole({ view: { version, nodes, queues, parts, lag, software } }: { view: SystemView }) {
  return (
    <div class="pair">
      <Panel title={t('Nodes')}>
        <Nodes nodes={nodes} version={version} />
      </Panel>
      <Panel title={t('Queues')}>
        <Queues queues={queues} />
      </Panel>
      <Panel title={t('Parts')}>
        <Parts parts={parts} />
      </Panel>
      <Panel title={t('Lag')}>
        <Lag lag={lag} />
      </Panel>
      <Panel title={t('Gateways by software')}>
        <Versions software={software} />
      </Panel>
    </div>
  );
}

const ROLES: Readonly<Record<string, Text>> = {
  owner: 'owner: writes and decides',
  standby: 'standby: takes over where the owner is lost',
  job: 'job node: computes for the owner',
  api: 'api node: page and API',
  other: 'another process at the database',
};

/** `version`: that of the owner; a node with another one stands out. */
function Nodes({ nodes, version: owns }: Pick<SystemView, 'nodes' | 'version'>) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Nodes')}>
      <table class="data nodes card-rows">
        <thead>
          <ColumnHeads names={[t('Node'), t('Role'), t('Version'), t('From'), t('Since')]} />
        </thead>
        <tbody>
          {nodes.map(({ role, name, version, address, since }) => {
            const known = ROLES[role];
            return (
              <tr key={`${name} ${address}`}>
                <th scope="row">{name}</th>
                <td data-name={t('Role')}>{known === undefined ? role : t(known)}</td>
                <td data-name={t('Version')}>
                  {version ?? t('unknown')}{' '}
                  {version !== owns && version !== null && <span class="flag">{t('differs')}</span>}
                </td>
                <td data-name={t('From')}>{address ?? (role === 'job' ? t('over RabbitMQ') : t('this machine'))}</td>
                <td class="when" data-name={t('Since')}>
                  {since === null ? t('unknown') : near(since, Date.now(), zone())}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const KINDS: Readonly<Record<SystemView['queues'][number]['kind'], Text>> = {
  plan: 'Plans',
  train: 'Training of models',
  planner: 'Jobs of planners',
};

function Queues({ queues }: Pick<SystemView, 'queues'>) {
  const numeric = [t('Waiting'), t('Running'), t('Threads')];
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Queues')}>
      <table class="data queues card-rows">
        <thead>
          <ColumnHeads names={[t('Work'), ...numeric]} numeric={numeric} />
        </thead>
        <tbody>
          {queues.map(({ kind, waiting, running, threads, nodeThreads }) => (
            <tr key={kind}>
              <th scope="row">{t(KINDS[kind])}</th>
              <td class="num" data-name={t('Waiting')}>
                {waiting === null ? <span class="unknown">{t('unknown')}</span> : number(waiting)}
              </td>
              <td class="num" data-name={t('Running')}>
                {number(running)}
              </td>
              <td class="num" data-name={t('Threads')}>
                {nodeThreads === null
                  ? number(threads)
                  : t('{threads} here, {nodeThreads} on job nodes', {
                      threads: number(threads),
                      nodeThreads: number(nodeThreads),
                    })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const PARTS: Readonly<Record<string, Text>> = {
  store: 'Measurements',
  state: 'State',
  broker: 'Broker',
  nodes: 'Job nodes',
  clock: 'Clock',
  disk: 'Disk',
};

function Parts({ parts }: Pick<SystemView, 'parts'>) {
  return (
    <Facts
      rows={parts.map(({ part, kind, health }) => {
        const name = PARTS[part];
        const what = kind === '' ? '' : `${kind}: `;
        return [
          name === undefined ? part : t(name),
          health === 'ok' ? (
            `${what}${t('in order')}`
          ) : (
            <b class="strong">
              <PriorityMark level={2} />
              {`${what}${translate(health)}`}
            </b>
          ),
        ];
      })}
    />
  );
}

function Lag({ lag }: Pick<SystemView, 'lag'>) {
  const { thread, commitMs, term } = lag;
  return (
    <Facts
      rows={[
        [
          t('Main thread'),
          thread === null
            ? t('unknown')
            : t('{half} late at the median, {most} at p99, {max} at most; {busy} % busy', {
                half: milliseconds(thread.lateP50Ms),
                most: milliseconds(thread.lateP99Ms),
                max: milliseconds(thread.lateMaxMs),
                busy: percent(thread.busyPct),
              }),
        ],
        [t('Memory'), bytes(lag.memoryBytes)],
        [
          t('Wait for the store'),
          t(
            '{held, plural, one {# point} other {# points}}; {failed, plural, one {# failed write} other {# failed writes}}',
            {
              held: lag.heldPoints,
              failed: lag.failedWrites,
            },
          ),
        ],
        [
          t('Backlog of the gateways'),
          t('{count, plural, one {# frame} other {# frames}}', { count: lag.backlogFrames }),
        ],
        [
          t('Missing in the ledger'),
          t('{count, plural, one {# frame} other {# frames}}', { count: lag.missingFrames }),
        ],
        commitMs === null ? null : [t('Last commit in PostgreSQL'), milliseconds(commitMs)],
        term === null
          ? null
          : [t('Term'), t('{term}: so many processes have held the state so far', { term: number(term) })],
      ]}
    />
  );
}

function Versions({ software }: Pick<SystemView, 'software'>) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Gateways by software')}>
      <table class="data versions card-rows">
        <thead>
          <tr>
            <th scope="col">{t('Software')}</th>
            <th scope="col" class="num">
              {t('Count')}
            </th>
            <th scope="col">{t('Gateways')}</th>
          </tr>
        </thead>
        <tbody>
          {software.map(({ software: name, count, gateways }) => (
            <tr key={name}>
              <th scope="row">{name ?? t('unknown')}</th>
              <td class="num" data-name={t('Count')}>
                {number(count)}
              </td>
              <td data-name={t('Gateways')}>
                {gateways.join(', ')}
                {count > gateways.length && ` ${t('and {count} more', { count: count - gateways.length })}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
