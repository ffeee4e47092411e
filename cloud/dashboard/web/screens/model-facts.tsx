import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { bytes, number, sentence, withUnit } from '../lib/format.ts';
import { driftText, gainText, prunedText, type ModelDetailAnswer } from '../lib/models.ts';
import { dayClock } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { may, session, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { controlsOn } from '../state/store.ts';

interface ModelFactsProps {
  readonly id: string;
  readonly version: string;
  readonly onActed: () => void;
}

/** One model: what its gate found, how it does on live data, its life so far, and what may be asked of it. */
export function ModelFacts({ id, version, onActed }: ModelFactsProps) {
  const answer = useAnswer<ModelDetailAnswer>(`/v1/models/${encodeURIComponent(id)}`, version);
  if (answer.state === 'bad')
    return (
      <Panel title="Model">
        <Problem problem={answer.problem} />
      </Panel>
    );
  if (answer.state === 'loading')
    return (
      <Panel title="Model">
        <Waiting what="the model" />
      </Panel>
    );
  const model = answer.value;
  return (
    <Panel title={sentence(model.state)} label={`Model ${model.id}`}>
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
        ['Model', <span class="model-id">{model.id}</span>],
        ['For', `${model.target}, ${model.role}`],
        ['Why', model.reason],
        gate === null ? null : [`Over ${gate.baseline.name}`, gainText(gate.baseline)],
        gate?.incumbent ? ['Over the incumbent', gainText(gate.incumbent)] : null,
        live === null || live.n === 0
          ? null
          : [
              'Live loss',
              `${error(isBeside ? live.besideKw : live.answeringKw)}, ${isBeside ? 'the one that answers' : 'the one beside it'} ${error(isBeside ? live.answeringKw : live.besideKw)} (${live.n} forecasts)`,
            ],
        model.drift === null ? null : ['Drift', driftText(model.drift)],
        ['Members', shares.join(', ')],
        model.pruned === null ? null : ['Pruned', prunedText(model.pruned)],
        ['Trained on', `${time(model.trainedFrom)} to ${time(model.trainedUpTo)}, weather ${model.weather}`],
        ['Size, expiry', `${bytes(model.bytes)}, ${time(model.expiresAt)}`],
      ]}
    />
  );
}

const Life = ({ model }: { model: ModelDetailAnswer }) => (
  <div class="scroll" tabIndex={0} role="group" aria-label="History of the model">
    <table class="data life">
      <caption>History</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Became</th>
          <th scope="col">By, and why</th>
        </tr>
      </thead>
      <tbody>
        {model.transitions.toReversed().map(({ at, to, by, reason }, index) => (
          <tr key={`${at} ${to} ${index}`}>
            <td class="when">{dayClock(Date.parse(at), zone())}</td>
            <td>{to}</td>
            <td class="what">
              <span class="muted">{`${by}: `}</span>
              {reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const VERBS: Readonly<Record<string, string>> = {
  shadow: 'Run in shadow',
  canary: 'Let it answer as a canary',
  active: 'Let it answer',
  held: 'Hold',
  retired: 'Retire',
};
const LEAST_REASON = 3;
/** A promotion has been put before a second person: that is no fault. */
const WAITS = 'LS-DESK-005';

function Wish({ model, onActed }: { model: ModelDetailAnswer; onActed: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  if (model.next.length === 0) return <p class="muted foot">A rejected model does not come back.</p>;
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
    to === 'held' && model.state === 'active' && model.gate?.incumbent ? 'Roll back' : (VERBS[to] ?? to);
  return (
    <form class="model-wish" onSubmit={(event) => event.preventDefault()}>
      {model.waiting !== null && (
        <p class="notice" role="status">
          {model.waiting.by === session.value?.user?.name
            ? `You asked that it becomes ${model.waiting.to}: it waits for another engineer.`
            : `${model.waiting.by} asks that it becomes ${model.waiting.to}, because ${model.waiting.reason}: it does where you ask for the same.`}
        </p>
      )}
      <label>
        Reason
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
  if (!controlsOn.value) return 'Off: the cloud is lost.';
  return may('models:write')
    ? 'Each step is kept with your name and reason; a promotion takes two persons.'
    : needs('an engineer');
}
