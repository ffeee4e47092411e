import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import type {
  Act,
  ApprovalView,
  DeskFeederView,
  DeskSubstationView,
  DeskView,
} from '../../../../shared/contracts/desk.ts';
import type { FeederMode } from '../../../../shared/contracts/ids.ts';
import { deskRows, planWords, stateWords } from '../lib/acts.ts';
import { paged } from '../lib/areas.ts';
import { duration, sentence, words } from '../lib/format.ts';
import { ActDialog } from '../parts/act-dialog.tsx';
import { Approvals } from '../parts/approvals.tsx';
import { ModeDialog } from '../parts/mode-dialog.tsx';
import { DeskTabs } from '../parts/desk-tabs.tsx';
import { LatestActs } from '../parts/latest-acts.tsx';
import { SearchField } from '../parts/fields.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { LinkMark } from '../parts/marks.tsx';
import { Pages } from '../parts/pages.tsx';
import { useAnswer } from '../state/api.ts';
import { commandTurn } from '../state/commands.ts';
import { whyOff } from '../state/controls.ts';
import { query } from '../state/route.ts';
import { areas, moment, tick } from '../state/store.ts';
import type { Screen } from '../lib/screen.ts';
import { t, translate } from '../words/t.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';

export const screen: Screen = {
  path: '/desk',
  title: 'Control',
  Component: DeskScreen,
  section: 'Desk',
  entries: [
    { menu: 'main', text: 'Desk', at: 30 },
    { menu: 'desk', text: 'Control', at: 10 },
  ],
};

const AGAIN_MS = 3_000;
const MODES: readonly FeederMode[] = ['monitor', 'manual', 'automatic'];
type Ask = (act: Act) => void;
const PAGE_LINES = 60;

/** Modes, stops, tags, plans and raised limits of the region, and approvals by a second person. */
function DeskScreen() {
  const [act, setAct] = useState<Act | null>(null);
  const [modes, setModes] = useState(false);
  const turn = Math.floor(tick.value / AGAIN_MS) + commandTurn.value;
  const answer = useAnswer<DeskView>('/v1/view/desk', turn);
  const approvals = useAnswer<{ items: ApprovalView[] }>('/v1/approvals', turn);
  const latest = useAnswer<{ items: CommandView[] }>('/v1/commands?limit=20', turn);
  const requests = useRef<HTMLDivElement>(null);
  const isAsked = query.value.get('show') === 'requests' && answer.state === 'good' && approvals.state === 'good';
  // Requests are below all substations, so a link to them scrolls there once both parts are drawn.
  useEffect(() => {
    if (isAsked) requests.current?.scrollIntoView({ block: 'center' });
  }, [isAsked]);
  return (
    <>
      <DeskTabs title={t('Control')} />
      {answer.state === 'loading' && <Waiting what={t('the desk')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && (
        <Panel
          title={t('Control')}
          class="wide"
          aside={<RegionButtons view={answer.value} onAct={setAct} onModes={() => setModes(true)} />}
        >
          <ControlTable view={answer.value} onAct={setAct} />
        </Panel>
      )}
      <div class="pair" ref={requests}>
        <Panel title={t('Second person')}>
          {approvals.state === 'good' ? (
            <Approvals items={approvals.value.items} />
          ) : (
            <Waiting what={t('what waits for a second person')} />
          )}
        </Panel>
        <Panel title={t('Latest acts')}>
          {latest.state === 'good' ? (
            <LatestActs items={latest.value.items} />
          ) : (
            <Waiting what={t('the latest acts')} />
          )}
        </Panel>
      </div>
      {modes && answer.state === 'good' && <ModeDialog view={answer.value} onClose={() => setModes(false)} />}
      {act !== null && <ActDialog act={act} onClose={() => setAct(null)} />}
    </>
  );
}

interface RegionButtonsProps {
  readonly view: DeskView;
  readonly onAct: Ask;
  readonly onModes: () => void;
}

function RegionButtons({ view: { region, substations }, onAct, onModes }: RegionButtonsProps) {
  const target = `region:${region}`;
  const stopped = substations.filter((each) => each.stopped === true).length;
  return (
    <>
      {stopped > 0 && (
        <span class="strong">
          {t('{stopped} of {substations, plural, one {# substation} other {# substations}} stopped', {
            stopped,
            substations: substations.length,
          })}
        </span>
      )}
      <Button text={t('Mode of all your feeders')} goesOutLocked onClick={onModes} />
      {stopped > 0 && (
        <Button text={t('Lift the stop of the region')} onClick={() => onAct({ kind: 'resume', target })} />
      )}
      <Button text={t('Stop the region')} danger goesOutLocked onClick={() => onAct({ kind: 'stop', target })} />
    </>
  );
}

function Button({
  text,
  on = '',
  danger = false,
  goesOutLocked = false,
  onClick,
}: {
  text: string;
  on?: string;
  danger?: boolean;
  goesOutLocked?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class={danger ? 'danger' : 'quiet'}
      disabled={whyOff(goesOutLocked) !== undefined}
      title={whyOff(goesOutLocked)}
      onClick={onClick}
    >
      {text}
      {on !== '' && <span class="unseen">{` ${on}`}</span>}
    </button>
  );
}

function ControlTable({ view, onAct }: { view: DeskView; onAct: Ask }) {
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  const found = deskRows(view.substations, text);
  const count = (of: readonly DeskSubstationView[]): number => of.reduce((sum, { feeders }) => sum + feeders.length, 0);
  const pages = paged(found, PAGE_LINES, ({ feeders }) => feeders.length + 1);
  const at = Math.max(0, Math.min(page, pages.length - 1));
  const shown = pages[at] ?? [];
  return (
    <>
      <search class="row filters">
        <SearchField
          label={t('Search places')}
          placeholder={t('Substation, feeder')}
          value={text}
          onText={(next) => {
            setText(next);
            setPage(0);
          }}
        />
      </search>
      {shown.length === 0 ? (
        <p class="muted waiting">{t('No place matches. Shorten the search.')}</p>
      ) : (
        <ControlRows substations={shown} onAct={onAct} />
      )}
      {pages.length > 1 && (
        <Pages
          from={count(pages.slice(0, at).flat())}
          shown={count(shown)}
          total={count(found)}
          what={t('feeders')}
          onBack={at === 0 ? undefined : () => setPage(at - 1)}
          onNext={at === pages.length - 1 ? undefined : () => setPage(at + 1)}
        />
      )}
    </>
  );
}

function ControlRows({ substations, onAct }: { substations: readonly DeskSubstationView[]; onAct: Ask }) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Control')}>
      <table class="data desk-table card-rows">
        <thead>
          <ColumnHeads
            names={[t('Place'), t('Held by'), t('Mode'), t('Devices'), t('Plan'), t('Limits'), t('Link')]}
            act={t('Act')}
          />
        </thead>
        <tbody>
          {substations.map((each) => [
            <SubstationRow key={each.id} view={each} onAct={onAct} />,
            ...each.feeders.map((feeder) => <FeederRow key={feeder.id} feeder={feeder} of={each} onAct={onAct} />),
          ])}
        </tbody>
      </table>
    </div>
  );
}

function SubstationRow({ view, onAct }: { view: DeskSubstationView; onAct: Ask }) {
  const target = `substation:${view.id}`;
  const { plan, gatewayLink: link } = view;
  const old = link === 'up' ? '' : 'is-stale';
  return (
    <tr class="desk-station">
      <th scope="row">
        <a href={`/substations/${view.id}`}>{view.name}</a>
      </th>
      <Holder target={target} />
      <td />
      <td class={old} data-name={t('Devices')}>
        {view.stopped === null ? <Unknown /> : view.stopped ? <b>{t('stopped')}</b> : t('free')}
      </td>
      <td class={old} data-name={t('Plan')}>
        <span class="desk-plan">{planWords(view)}</span>
        {plan !== null && plan.verdict !== 'approved' && (
          <Button
            text={t('Approve')}
            on={t('the plan of {id}', { id: view.id })}
            onClick={() => onAct({ kind: 'approve-plan', target, plan: plan.id })}
          />
        )}
        {plan !== null && plan.verdict !== 'refused' && (
          <Button
            text={t('Refuse')}
            on={t('the plan of {id}', { id: view.id })}
            onClick={() => onAct({ kind: 'refuse-plan', target, plan: plan.id })}
          />
        )}
      </td>
      <td class={old} data-name={t('Limits')}>
        <Limits target={target} until={view.emergencyUntil} onAct={onAct} />
      </td>
      <td data-name={t('Link')}>
        <span class="link-cell">
          <LinkMark state={link === 'up' ? 'up' : link === 'down' ? 'down' : 'unknown'} />
          {translate(link)}
        </span>
      </td>
      <td class="desk-acts">
        <Button text={t('Stop')} on={view.id} danger goesOutLocked onClick={() => onAct({ kind: 'stop', target })} />
        {view.stopped === true && (
          <Button
            text={t('Lift stop')}
            on={t('of {id}', { id: view.id })}
            onClick={() => onAct({ kind: 'resume', target })}
          />
        )}
      </td>
    </tr>
  );
}

function FeederRow({ feeder, of, onAct }: { feeder: DeskFeederView; of: DeskSubstationView; onAct: Ask }) {
  const target = `feeder:${feeder.id}`;
  const old = of.gatewayLink === 'up' ? '' : 'is-stale';
  const { stopped, tagged, mode } = feeder;
  return (
    <tr>
      <th scope="row" class="desk-feeder">
        <a href={`/feeders/${feeder.id}`}>{feeder.id}</a>
      </th>
      <Holder target={target} />
      <td class={old} data-name={t('Mode')}>
        {mode === null ? (
          <Unknown />
        ) : (
          <select
            aria-label={t('Mode of {id}', { id: feeder.id })}
            value={mode}
            disabled={whyOff(true) !== undefined}
            title={whyOff(true)}
            onChange={({ currentTarget }) => {
              const chosen = currentTarget.value as FeederMode;
              currentTarget.value = mode;
              if (chosen !== mode) onAct({ kind: 'mode', target, mode: chosen });
            }}
          >
            {MODES.map((each) => (
              <option key={each} value={each}>
                {sentence(words(each))}
              </option>
            ))}
          </select>
        )}
      </td>
      <td class={`${old} ${(stopped ?? 0) + (tagged ?? 0) > 0 ? 'strong' : ''}`} data-name={t('Devices')}>
        {stopped === null ? <Unknown /> : stateWords(feeder)}
      </td>
      <td />
      <td class={old} data-name={t('Limits')}>
        <Limits target={target} until={feeder.emergencyUntil} onAct={onAct} />
      </td>
      <td />
      <td class="desk-acts">
        <Button text={t('Stop')} on={feeder.id} danger goesOutLocked onClick={() => onAct({ kind: 'stop', target })} />
        {(stopped ?? 0) > 0 && (
          <Button
            text={t('Lift stop')}
            on={t('of {id}', { id: feeder.id })}
            onClick={() => onAct({ kind: 'resume', target })}
          />
        )}
        {(tagged ?? 0) < feeder.devices && (
          <Button text={t('Tag')} on={feeder.id} onClick={() => onAct({ kind: 'tag', target })} />
        )}
        {(tagged ?? 0) > 0 && (
          <Button text={t('Untag')} on={feeder.id} onClick={() => onAct({ kind: 'untag', target })} />
        )}
      </td>
    </tr>
  );
}

/** Holder of a target; for a substation, of its own plant only, because its feeders have rows of their own. */
function Holder({ target }: { target: string }) {
  const holder = areas.value?.held.find((each) => each.target === target)?.holder;
  return (
    <td data-name={t('Held by')}>
      {areas.value === null ? <Unknown /> : (holder ?? <span class="muted">{t('nobody')}</span>)}
    </td>
  );
}

function Limits({ target, until, onAct }: { target: string; until: number | null; onAct: Ask }) {
  const on = t('the limits of {target}', { target: target.split(':')[1] });
  if (until === null || until <= moment.value.now)
    return <Button text={t('Raise')} on={on} onClick={() => onAct({ kind: 'emergency', target, durationS: 3600 })} />;
  return (
    <>
      <b role="timer">{t('raised, {until} left', { until: duration(until - moment.value.now) })}</b>
      <Button text={t('Set back')} on={on} onClick={() => onAct({ kind: 'normal', target })} />
    </>
  );
}

const Unknown = () => <span class="unknown">{t('unknown')}</span>;
