import { useEffect, useRef } from 'preact/hooks';
import type { DeviceRowView } from '../../../../shared/contracts/desk.ts';
import { rangeText, signNote, wishName, wishUnit, type Draft } from '../lib/setpoint.ts';
import { t } from '../words/t.ts';
import { Field, ReasonField } from './fields.tsx';

const MINUTES = [5, 15, 30, 60, 120, 240];

interface FormProps {
  readonly device: DeviceRowView;
  readonly draft: Draft;
  /** Errors by field. */
  readonly faults: Readonly<Record<string, string>>;
  readonly off: boolean;
  readonly onDraft: (draft: Draft) => void;
  readonly onSelect: () => void;
}

/** Value within its limits, duration and reason; each field shows its error once it was edited. */
export function SetpointForm({ device, draft, faults, off, onDraft, onSelect }: FormProps) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const blocked = Object.keys(faults).length > 0;
  const fault = (field: string, text: string): string => (text === '' ? '' : (faults[field] ?? ''));
  return (
    <form
      class="setpoint-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!off && !blocked) onSelect();
      }}
    >
      {device.takes.map((range, at) => {
        const text = draft.values[range.key] ?? '';
        const note = fault(range.key, text);
        return (
          <Field
            key={range.key}
            name={`${wishName(range.key)}, ${wishUnit(range.key)}`}
            isFault={note !== ''}
            hint={
              note === ''
                ? [t('limits {range}', { range: rangeText(range) }), signNote(range)].filter(Boolean).join('; ')
                : note
            }
          >
            {(own) => (
              <input
                {...own}
                {...(at === 0 ? { ref: first } : {})}
                inputMode="decimal"
                autocomplete="off"
                value={text}
                aria-invalid={note !== ''}
                onInput={({ currentTarget }) =>
                  onDraft({ ...draft, values: { ...draft.values, [range.key]: currentTarget.value } })
                }
              />
            )}
          </Field>
        );
      })}
      <Field
        name={t('Duration, min')}
        isFault={faults['minutes'] !== undefined}
        hint={faults['minutes'] ?? t('plant time; then it ends by itself')}
      >
        {(own) => (
          <>
            <input
              {...own}
              inputMode="numeric"
              autocomplete="off"
              list="minutes"
              value={draft.minutes}
              aria-invalid={fault('minutes', draft.minutes) !== ''}
              onInput={({ currentTarget }) => onDraft({ ...draft, minutes: currentTarget.value })}
            />
            <datalist id="minutes">
              {MINUTES.map((minutes) => (
                <option key={minutes} value={minutes} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <ReasonField
        value={draft.reason}
        onText={(reason) => onDraft({ ...draft, reason })}
        hint={t('recorded in the audit list and with the override')}
      />
      <div class="row">
        <button type="submit" class="primary big" disabled={off || blocked}>
          {t('Select')}
        </button>
        <span class="muted">{blocked ? t('Value, duration and reason are needed.') : t('Nothing is sent yet.')}</span>
      </div>
    </form>
  );
}
