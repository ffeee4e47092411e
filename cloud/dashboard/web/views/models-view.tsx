import { useState } from 'preact/hooks';
import { sentence, words } from '../lib/format.ts';
import {
  federatedText,
  gainText,
  placesOf,
  type FederatedAnswer,
  type ModelAnswer,
  type PlaceRow,
} from '../lib/models.ts';
import { near } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { go } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { moment, tick } from '../state/store.ts';
import { ModelFacts } from './model-facts.tsx';
import { t } from '../words/t.ts';

const AGAIN_MS = 10_000;

/** State of each model: which one answers for each target, which one is compared with it, and the result. */
export function ModelsView({ id }: { id: string }) {
  const [acts, setActs] = useState(0);
  const version = `${Math.floor(tick.value / AGAIN_MS)} ${acts}`;
  const federated = useAnswer<FederatedAnswer>('/v1/federated', version);
  const answer = useAnswer<{ items: readonly ModelAnswer[] }>('/v1/models?limit=1000', version);
  const models = answer.state === 'good' ? answer.value.items : [];
  const rows = placesOf(models);
  const shown = id === '' ? (rows[0]?.other ?? rows[0]?.answering)?.id : id;
  const rollouts = models.filter(({ state }) => state === 'shadow' || state === 'canary').length;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Models')}</h1>
        <span class="muted">
          {t(
            '{rows, plural, one {# place} other {# places}}, {underWay, plural, one {# rollout} other {# rollouts}} under way',
            { rows: rows.length, underWay: rollouts },
          )}
        </span>
        <Asked models={models} />
        {federated.state === 'good' && federated.value.campaign !== null && (
          <span class="muted">{federatedText(federated.value.campaign)}</span>
        )}
      </div>
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'loading' && <Waiting what={t('the models')} />}
      {answer.state === 'good' && rows.length === 0 && (
        <p class="waiting muted">
          {t(
            'No model has been trained yet: four weeks of good measurements are needed. Until then the mean of the week answers.',
          )}
        </p>
      )}
      {rows.length > 0 && (
        <div class="with-side">
          <Panel title={t('Rollouts')}>
            <div class="scroll" tabIndex={0} role="group" aria-label={t('Rollouts')}>
              <PlaceTable rows={rows} shown={shown} />
            </div>
          </Panel>
          {shown !== undefined && (
            <ModelFacts id={shown} version={version} onActed={() => setActs((count) => count + 1)} />
          )}
        </div>
      )}
    </>
  );
}

/** Promotions that another engineer must decide within minutes. */
function Asked({ models }: { models: readonly ModelAnswer[] }) {
  const asked = models.filter(({ waiting }) => waiting !== null);
  if (asked.length === 0) return null;
  return (
    <span role="status">
      {asked.map(({ id, waiting }) => (
        <a key={id} href={`/models/${encodeURIComponent(id)}`}>
          {t('{by} asks that {id} becomes {to}: {reason}', {
            by: waiting!.by,
            id,
            to: words(waiting!.to),
            reason: waiting!.reason,
          })}
        </a>
      ))}
    </span>
  );
}

function PlaceTable({ rows, shown }: { rows: readonly PlaceRow[]; shown: string | undefined }) {
  return (
    <table class="data models">
      <thead>
        <tr>
          <th scope="col">{t('Target')}</th>
          <th scope="col">{t('Answers')}</th>
          <th scope="col" class="num from-tablet">
            {t('Over baseline, %')}
          </th>
          <th scope="col">{t('Beside it, or last')}</th>
          <th scope="col" class="num from-tablet">
            {t('Over incumbent, %')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, target, role, answering, other }) => (
          <tr key={key} class={shown === answering?.id || shown === other?.id ? 'chosen' : ''}>
            <th scope="row">
              {target} <span class="tag">{role}</span>
            </th>
            <td>
              {answering === undefined ? (
                <span class="unknown">{t('no model')}</span>
              ) : (
                <Choice model={answering} shown={shown} />
              )}
            </td>
            <td class="num from-tablet">{answering?.gate ? gainText(answering.gate.baseline) : ''}</td>
            <td>
              {other === undefined ? <span class="muted">{t('none')}</span> : <Choice model={other} shown={shown} />}
            </td>
            <td class="num from-tablet">{other?.gate?.incumbent ? gainText(other.gate.incumbent) : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Choice({ model, shown }: { model: ModelAnswer; shown: string | undefined }) {
  const { id, state, since, waiting } = model;
  return (
    <button
      type="button"
      class="text row-link"
      aria-pressed={shown === id}
      title={id}
      onClick={() => go(`/models/${encodeURIComponent(id)}`)}
    >
      {state === 'rejected' ? <b class="strong">{t('Rejected')}</b> : sentence(words(state))}
      <span class="muted">{` ${t('since {time}', { time: near(Date.parse(since), moment.value.now, zone()) })}`}</span>{' '}
      {waiting !== null && (
        <span class="flag">{t('{by} asks for {to}', { by: waiting.by, to: words(waiting.to) })}</span>
      )}
    </button>
  );
}
