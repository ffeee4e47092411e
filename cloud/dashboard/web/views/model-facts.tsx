import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { bytes, number, sentence, withUnit, words } from '../lib/format.ts';
import { driftText, energyText, gainText, prunedText, reductionsText, type ModelDetailAnswer } from '../lib/models.ts';
import { dayClock } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { may, session, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { controlsOn } from '../state/store.ts';
import { whyLost } from '../state/controls.ts';
import { t, translate, type Text } from '../words/t.ts';

interface ModelFactsProps {
  readonly id: string;
  readonly version: string;
  readonly onActed: () => void;
}

/** One model: its gate, its performance on live data, its history, and possible state changes. */
export function ModelFacts({ id, version, onActed }: ModelFactsProps) {
  const answer = useAnswer<ModelDetailAnswer>(`/v1/models/${encodeURIComponent(id)}`, version);
  if (answer.state === 'bad')
    return (
      <Panel title={t('Model')}>
        <Problem problem={answer.problem} />
      </Panel>
    );
  if (answer.state === 'loading')
    return (
      <Panel title={t('Model')}>
        <Waiting what={t('the model')} />
      </Panel>
    );
  const model = answer.value;
  return (
    <Panel title={sentence(words(model.state))} label={t('Model {id}', { id: model.id })}>
      <ModelRows model={model} />
      <Life model={model} />
      <Wish key={`${id} ${model.state}`} model={model} onActed={onActed} />
    </Panel>
  );
}

function ModelRows({ model }: { model: ModelDetailAnswer }) {
  const { gate, live, members } = model;
  const time = (text: string): string => dayClock(Date.parse(text), zone());
  const shares = Object.entries(members)
    .filter(([, share]) => share >= 0.005)
    .map(([name, share]) => `${name} ${number(100 * share)} %`);
  const isBeside = live?.beside === model.id;
  const error = (kw: number): string => withUnit(number(kw, 1), 'kW');
  return (
    <Facts
      rows={[
        [t('Model'), <span class="model-id">{model.id}</span>],
        [t('For'), `${model.target}, ${model.role}`],
        [t('Why'), translate(model.reason)],
        gate === null ? null : [t('Over {name}', { name: gate.baseline.name }), gainText(gate.baseline)],
        gate?.incumbent ? [t('Over the incumbent'), gainText(gate.incumbent)] : null,
        live === null || live.n === 0
          ? null
          : [
              t('Live loss'),
              t('{error}, {which} {other} ({n, plural, one {# forecast} other {# forecasts}})', {
                error: error(isBeside ? live.besideKw : live.answeringKw),
                which: isBeside ? t('the one that answers') : t('the one beside it'),
                other: error(isBeside ? live.answeringKw : live.besideKw),
                n: live.n,
              }),
            ],
        model.drift === null ? null : [t('Drift'), driftText(model.drift)],
        [t('Members'), shares.join(', ')],
        model.pruned === null ? null : [t('Pruned'), prunedText(model.pruned)],
        model.reductions.length === 0 ? null : [t('Loss added'), reductionsText(model.reductions)],
        model.energy === null ? null : [t('Energy of a forecast'), energyText(model.energy)],
        [
          t('Trained on'),
          t('{from} to {to}, weather {weather}', {
            from: time(model.trainedFrom),
            to: time(model.trainedUpTo),
            weather: words(model.weather),
          }),
        ],
        [t('Size, expiry'), `${bytes(model.bytes)}, ${time(model.expiresAt)}`],
      ]}
    />
  );
}

const Life = ({ model }: { model: ModelDetailAnswer }) => (
  <div class="scroll" tabIndex={0} role="group" aria-label={t('History of the model')}>
    <table class="data life">
      <caption>{t('History')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('Time')}</th>
          <th scope="col">{t('Became')}</th>
          <th scope="col">{t('By, and why')}</th>
        </tr>
      </thead>
      <tbody>
        {model.transitions.toReversed().map(({ at, to, by, reason }, index) => (
          <tr key={`${at} ${to} ${index}`}>
            <td class="when">{dayClock(Date.parse(at), zone())}</td>
            <td>{words(to)}</td>
            <td class="what">
              <span class="muted">{`${by}: `}</span>
              {translate(reason)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const VERBS: Readonly<Record<string, Text>> = {
  shadow: 'Run in shadow',
  canary: 'Let it answer as a canary',
  active: 'Let it answer',
  held: 'Hold',
  retired: 'Retire',
};
const verbOf = (to: string): string => {
  const known = VERBS[to];
  return known === undefined ? to : t(known);
};
const LEAST_REASON = 3;
/** A promotion was submitted to a second person, which is not an error. */
const WAITS = 'LS-DESK-005';

function Wish({ model, onActed }: { model: ModelDetailAnswer; onActed: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  if (model.next.length === 0) return <p class="muted foot">{t('A rejected model does not come back.')}</p>;
  const isReady = controlsOn.value && may('models:write') && !busy;
  const ask = async (to: string): Promise<void> => {
    setBusy(true);
    const path = `/v1/models/${encodeURIComponent(model.id)}/transitions`;
    const answer = await sendJson<ModelDetailAnswer>('POST', path, { to, reason: reason.trim() });
    setBusy(false);
    setProblem(answer.state === 'bad' && answer.problem.code !== WAITS ? answer.problem : null);
    if (answer.state === 'good' || (answer.state === 'bad' && answer.problem.code === WAITS)) onActed();
  };
  const verb = (to: string): string =>
    to === 'held' && model.state === 'active' && model.gate?.incumbent ? t('Roll back') : verbOf(to);
  return (
    <form class="model-wish" onSubmit={(event) => event.preventDefault()}>
      {model.waiting !== null && (
        <p class="notice" role="status">
          {model.waiting.by === session.value?.user?.name
            ? t('You asked that it becomes {to}: another engineer must confirm it.', { to: words(model.waiting.to) })
            : t('{by} asks that it becomes {to}, because {reason}: ask for the same to confirm it.', {
                by: model.waiting.by,
                to: words(model.waiting.to),
                reason: model.waiting.reason,
              })}
        </p>
      )}
      <label>
        {t('Reason')}
        <input
          type="text"
          value={reason}
          maxLength={300}
          disabled={!isReady}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div class="row">
        {model.next.map((to) => (
          <button
            key={to}
            type="button"
            disabled={!isReady || reason.trim().length < LEAST_REASON}
            onClick={() => void ask(to)}
          >
            {verb(to)}
          </button>
        ))}
      </div>
      <p class="muted foot" role="status">
        {hint()}
      </p>
      {problem !== null && <Problem problem={problem} />}
    </form>
  );
}

function hint(): string {
  const lost = whyLost();
  if (lost !== undefined) return lost;
  return may('models:write')
    ? t('Each step is kept with your name and reason; a promotion takes two persons.')
    : needs(t('an engineer'));
}
