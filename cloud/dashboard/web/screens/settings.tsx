import type { Signal } from '@preact/signals';
import { AreasPanel } from '../parts/areas-panel.tsx';
import { Panel } from '../parts/layout.tsx';
import { session } from '../state/session.ts';
import { alarmScope, alarmSound, LANGUAGES, languageChoice, localZone, theme, zoneChoice } from '../state/settings.ts';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/settings',
  title: 'Settings',
  Component: SettingsScreen,
  entries: [{ menu: 'user', text: 'Settings', at: 30 }],
};

/** Look and sound of this page on this machine, and the areas. */
function SettingsScreen() {
  const user = session.value?.user ?? null;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Settings')}</h1>
        <a href="/login">{user === null ? t('Sign in') : t('Password and tokens')}</a>
      </div>
      <Panel title={t('This page')} class="wide">
        <div class="settings">
          <Choice name={t('Language')} hint={t('kept in this browser')} setting={languageChoice} choices={LANGUAGES} />
          <Choice
            name={t('Colours')}
            hint={t('kept in this browser')}
            setting={theme}
            choices={{ system: t('As the system'), light: t('Light'), dark: t('Dark') }}
          />
          <Choice
            name={t('Time zone')}
            hint={t('local is {zone}', { zone: localZone.value })}
            setting={zoneChoice}
            choices={{ utc: 'UTC', local: t('Local') }}
          />
          <Choice
            name={t('Alarm sound')}
            hint={t('sounds until somebody acknowledges or silences')}
            setting={alarmSound}
            choices={{ on: t('On'), off: t('Off') }}
          />
          <Choice
            name={t('Alarms shown and sounded')}
            hint={t('my area: areas that you hold, unheld areas, and the cloud itself')}
            setting={alarmScope}
            choices={{ all: t('All'), mine: t('My area') }}
          />
        </div>
      </Panel>
      <AreasPanel />
    </>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly hint: string;
  readonly setting: Signal<T>;
  readonly choices: Readonly<Record<T, string>>;
}

function Choice<T extends string>({ name, hint, setting, choices }: ChoiceProps<T>) {
  return (
    <div class="setting">
      <span class="strong">{name}</span>
      <div class="segments" role="group" aria-label={name}>
        {(Object.keys(choices) as T[]).map((each) => (
          <button type="button" key={each} aria-pressed={setting.value === each} onClick={() => (setting.value = each)}>
            {choices[each]}
          </button>
        ))}
      </div>
      <span class="hint">{hint}</span>
    </div>
  );
}
