import type { EffectState, EffectView } from '../../../../shared/contracts/desk.ts';
import { shortName } from '../lib/diagram-geometry.ts';
import { kw, number, pu } from '../lib/format.ts';
import type { Answer } from '../state/api.ts';
import { ageText } from './value.tsx';
import { Problem } from './layout.tsx';
import { PriorityMark } from './marks.tsx';
import { t, translate } from '../words/t.ts';

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly of: (state: EffectState) => number | null;
  readonly text: (value: number | null) => string;
}

const rows = (feeder: string, { before, after }: EffectView): Row[] => [
  { name: t('Device'), unit: 'kW', of: ({ deviceKw }) => deviceKw, text: kw },
  ...(before.deviceKvar === after.deviceKvar
    ? []
    : [{ name: t('Device, reactive'), unit: 'kvar', of: ({ deviceKvar }: EffectState) => deviceKvar, text: kw }]),
  { name: t('Feeder {feeder}', { feeder }), unit: 'kW', of: ({ feederKw }) => feederKw, text: kw },
  {
    name: t('Feeder, loading'),
    unit: '%',
    of: ({ feederLoadingPct }) => feederLoadingPct,
    text: (value) => number(value, 1),
  },
  { name: t('Transformer'), unit: 'kW', of: ({ transformerKw }) => transformerKw, text: kw },
  {
    name: t('Transformer, loading'),
    unit: '%',
    of: ({ transformerLoadingPct }) => transformerLoadingPct,
    text: (value) => number(value, 1),
  },
  {
    name: t('Lowest voltage, {bus}', { bus: shortName(after.voltageMinBus, feeder) }),
    unit: 'pu',
    of: ({ voltageMinPu }) => voltageMinPu,
    text: pu,
  },
  {
    name: t('Highest voltage, {bus}', { bus: shortName(after.voltageMaxBus, feeder) }),
    unit: 'pu',
    of: ({ voltageMaxPu }) => voltageMaxPu,
    text: pu,
  },
  ...(before.tapPosition === after.tapPosition
    ? []
    : [{ name: t('Tap position'), unit: '', of: ({ tapPosition }: EffectState) => tapPosition, text: kw }]),
  { name: t('Losses'), unit: 'kW', of: ({ lossesKw }) => lossesKw, text: (value) => number(value, 1) },
];

/** The effect of a setpoint by power flow, before it is sent. */
export function Effect({ answer, feeder }: { answer: Answer<EffectView> | null; feeder: string }) {
  if (answer === null) return <p class="muted waiting">{t('Give a value to see its effect.')}</p>;
  if (answer.state === 'loading') return <p class="muted waiting">{t('Power flow is being computed.')}</p>;
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  const { value } = answer;
  return (
    <>
      <table class="data effect">
        <caption class="unseen">{t('Expected effect by AC power flow')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('Expected effect')}</th>
            <th scope="col" class="num">
              {t('Now')}
            </th>
            <th scope="col" class="num">
              {t('Then')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows(feeder, value).map(({ name, unit, of, text }) => (
            <tr key={name}>
              <th scope="row">
                {name} {unit !== '' && <span class="tag">{unit}</span>}
              </th>
              <td class="num">{text(of(value.before))}</td>
              <td class="num strong">{text(of(value.after))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {value.beyond.length === 0 ? (
        <p class="foot">{t('Every limit holds.')}</p>
      ) : (
        <ul class="beyond">
          {value.beyond.map(({ text, isNew }) => (
            <li key={text}>
              <PriorityMark level={isNew ? 1 : 3} label={isNew ? t('newly passed:') : t('passed already:')} />
              {translate(text)}
            </li>
          ))}
        </ul>
      )}
      {value.notes.map((note) => (
        <p class="foot strong" key={note}>
          {t('Note: {note}.', { note: translate(note) })}
        </p>
      ))}
      <p class="muted foot">
        {t('AC power flow at the estimate of {time} ago; other devices and the guard stay as they are.', {
          time: ageText(value.time),
        })}
      </p>
    </>
  );
}
