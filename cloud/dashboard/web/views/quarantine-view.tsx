import type { QuarantineView } from '../../../../shared/contracts/quarantine.ts';
import { bytesShown } from '../lib/bytes.ts';
import { number, words } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { choose, query } from '../state/route.ts';
import { may, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { moment, tick } from '../state/store.ts';
import { fault, t } from '../words/t.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';

const AGAIN_MS = 10_000;
const MOST = 200;

/** Input that the cloud rejected, with reasons and counts; and frames that are not stored, by gateway. */
export function QuarantineScreen() {
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Quarantine')}</h1>
        <a href="/gateways">{t('Gateways')}</a>
      </div>
      {may('quarantine:read') ? (
        <Shown />
      ) : (
        <Panel title={t('Quarantine')}>
          <p class="waiting muted">{needs(t('an operator or an engineer'))}</p>
        </Panel>
      )}
    </>
  );
}

function Shown() {
  const chosen = { code: query.value.get('code') ?? '', gateway: query.value.get('gateway') ?? '' };
  const filter = new URLSearchParams({ limit: String(MOST) });
  for (const [name, value] of Object.entries(chosen)) if (value !== '') filter.set(name, value);
  const path = `/v1/quarantine?${filter}`;
  const answer = useAnswer<QuarantineView>(path, `${filter} ${Math.floor(tick.value / AGAIN_MS)}`);
  if (answer.state === 'loading') return <Waiting what={t('the quarantine')} />;
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  const { codes, journals, samples } = answer.value;
  const total = codes.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <div class="pair">
        <Panel
          title={t('{total, plural, one {# invalid message} other {# invalid messages}} since the start', { total })}
          label={t('Why')}
        >
          <Codes codes={codes} chosen={chosen.code} />
        </Panel>
        <Panel title={t('Frames that are not stored')} label={t('Journals')}>
          <Journals journals={journals} />
        </Panel>
      </div>
      <Panel
        title={t('Newest samples')}
        class="wide"
        aside={
          <>
            {(chosen.code !== '' || chosen.gateway !== '') && (
              <button type="button" class="quiet" onClick={() => (choose('code', ''), choose('gateway', ''))}>
                {t('All, not only {code}', { code: [chosen.code, chosen.gateway].filter(Boolean).join(' of ') })}
              </button>
            )}
            <a href={`${path}&format=csv`} download>
              {t('CSV')}
            </a>
            <a href={`${path}&format=json`} download="quarantine.json">
              {t('JSON')}
            </a>
          </>
        }
      >
        <Samples samples={samples} />
      </Panel>
    </>
  );
}

function Codes({ codes, chosen }: { codes: QuarantineView['codes']; chosen: string }) {
  if (codes.length === 0)
    return <p class="muted waiting">{t('All messages were valid. Invalid ones are kept here and hold up nothing.')}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Why')}>
      <table class="data quarantine-codes card-rows">
        <thead>
          <tr>
            <th scope="col">{t('Code')}</th>
            <th scope="col" class="num">
              {t('Count')}
            </th>
            <th scope="col">{t('What it means, and what to do')}</th>
          </tr>
        </thead>
        <tbody>
          {codes.map(({ code, count, title, remedy }) => (
            <tr key={code} class={code === chosen ? 'chosen' : ''}>
              <th scope="row">
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={code === chosen}
                  onClick={() => choose('code', code === chosen ? '' : code)}
                >
                  {code}
                </button>
              </th>
              <td class="num" data-name={t('Count')}>
                {number(count)}
              </td>
              <td>
                {fault(code)?.[0] ?? title}
                <span class="muted block">{fault(code)?.[1] ?? remedy}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Journals({ journals }: { journals: QuarantineView['journals'] }) {
  if (journals.length === 0)
    return <p class="muted waiting">{t('Every frame that a gateway has reported is stored.')}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Journals')}>
      <table class="data journals card-rows">
        <thead>
          <tr>
            <th scope="col">{t('Gateway')}</th>
            {[t('Missing'), t('Refused'), t('Dropped'), t('Damaged')].map((name) => (
              <th scope="col" class="num" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">{t('Why')}</th>
          </tr>
        </thead>
        <tbody>
          {journals.map(({ gateway, missing, refused, dropped, lost, reasons }) => (
            <tr key={gateway}>
              <th scope="row">
                <button type="button" class="quiet" onClick={() => choose('gateway', gateway)}>
                  {gateway}
                </button>
              </th>
              <td class="num" data-name={t('Missing')}>
                {number(missing)}
              </td>
              <td class="num" data-name={t('Refused')}>
                {number(refused)}
              </td>
              <td class="num" data-name={t('Dropped')}>
                {number(dropped)}
              </td>
              <td class={`num${lost > 0 ? ' strong' : ''}`} data-name={t('Damaged')}>
                {number(lost)}
              </td>
              <td data-name={t('Why')}>
                {Object.entries(reasons)
                  .map(([reason, count]) => `${reason.startsWith('LS-') ? reason : words(reason)} ${number(count)}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Samples({ samples }: { samples: QuarantineView['samples'] }) {
  if (samples.length === 0) return <p class="muted waiting">{t('There is no sample.')}</p>;
  return (
    <div class="scroll log" tabIndex={0} role="group" aria-label={t('Samples')}>
      <table class="data samples card-rows">
        <thead>
          <ColumnHeads names={[t('When'), t('Gateway'), t('Why'), t('Topic'), t('Bytes'), t('Payload')]} />
        </thead>
        <tbody>
          {samples.map((sample, index) => (
            <Sample key={`${sample.time}${sample.topic}${samples.length - index}`} sample={sample} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sample({ sample }: { sample: QuarantineView['samples'][number] }) {
  const { time, gateway, topic, code, detail, payload, bytes } = sample;
  const { hex, text } = bytesShown(payload);
  return (
    <tr>
      <td class="when">{near(Date.parse(time), moment.value.now, zone())}</td>
      <th scope="row">{gateway}</th>
      <td>
        {code}
        <span class="muted block">{detail}</span>
      </td>
      <td class="changed" data-name={t('Topic')}>
        {topic}
      </td>
      <td class="num" data-name={t('Bytes')}>
        {number(bytes)}
      </td>
      <td>
        <details>
          <summary>{t('Show')}</summary>
          <code class="payload">{hex}</code>
          <code class="payload">{text}</code>
        </details>
      </td>
    </tr>
  );
}
