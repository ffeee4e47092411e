import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson } from '../state/api.ts';
import { controlsOn } from '../state/store.ts';
import { t, type Text } from '../words/t.ts';
import { WAITS } from './user-requests.tsx';

export interface UserEntry {
  readonly name: string;
  readonly roles: readonly string[];
  readonly areas: '*' | readonly string[];
  readonly mustChange: boolean;
  readonly disabled: boolean;
}

const ROLES: Readonly<Record<string, Text>> = {
  viewer: 'sees everything, changes nothing',
  operator: 'acts on devices and alarms',
  planner: 'makes forecasts and scenarios',
  engineer: 'the same, and models',
  admin: 'keeps users; is neither operator nor auditor',
  auditor: 'reads who did what',
};

interface UserFormProps {
  /** Null for a new user. */
  readonly user: UserEntry | null;
  readonly areas: readonly { readonly target: string; readonly name: string }[];
  /** Called when the change waits for a second admin. */
  readonly onAsked: () => void;
  readonly onSaved: (name: string, oneTimePassword: string | undefined) => void;
}

export function UserForm({ user, areas, onAsked, onSaved }: UserFormProps) {
  const [name, setName] = useState(user?.name ?? '');
  const [roles, setRoles] = useState<readonly string[]>(user?.roles ?? ['viewer']);
  const [where, setWhere] = useState<'*' | readonly string[]>(user?.areas ?? '*');
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const save = async (): Promise<void> => {
    const body = { roles, areas: where, disabled: user?.disabled ?? false };
    const answer = await sendJson<{ oneTimePassword?: string }>('PUT', `/v1/users/${encodeURIComponent(name)}`, body);
    setProblem(answer.state === 'bad' ? answer.problem : null);
    if (answer.state === 'good') onSaved(name, answer.value.oneTimePassword);
    else if (answer.state === 'bad' && answer.problem.code === WAITS) onAsked();
  };
  const toggled = (list: readonly string[], item: string): string[] =>
    list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
  const check = (text: string, on: boolean, onChange: () => void, note = '') => (
    <label key={text} class="check">
      <input type="checkbox" checked={on} onChange={onChange} />
      <span>
        {text} {note !== '' && <span class="muted">{note}</span>}
      </span>
    </label>
  );
  return (
    <Panel
      title={user === null ? t('New user') : user.name}
      label={user === null ? t('New user') : t('Rights of {name}', { name: user.name })}
    >
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {user === null && (
          <label>
            {t('Name')}
            <input
              value={name}
              required
              pattern="[a-z0-9][a-z0-9._\-]{0,62}"
              title={t('small letters, digits, dot, hyphen')}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
        )}
        <fieldset>
          <legend>{t('Roles')}</legend>
          {Object.entries(ROLES).map(([role, note]) =>
            check(role, roles.includes(role), () => setRoles(toggled(roles, role)), t(note)),
          )}
        </fieldset>
        <fieldset>
          <legend>{t('Acts in')}</legend>
          {check(t('Everywhere'), where === '*', () => setWhere(where === '*' ? [] : '*'))}
          {where !== '*' &&
            areas.map(({ target, name: place }) =>
              check(place, where.includes(target), () => setWhere(toggled(where, target))),
            )}
        </fieldset>
        <p class="muted">{t('New users and wider rights wait for a second admin.')}</p>
        <button type="submit" class="primary" disabled={!controlsOn.value}>
          {user === null ? t('Make user') : t('Save')}
        </button>
        {problem !== null && <Problem problem={problem} />}
      </form>
    </Panel>
  );
}
