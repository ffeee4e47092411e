import type { Ref } from 'preact';
import { t } from '../words/t.ts';

interface TextProps {
  readonly value: string;
  readonly onText: (text: string) => void;
}

interface PasswordProps extends Partial<TextProps> {
  readonly label: string;
  readonly autocomplete?: 'current-password' | 'new-password';
  readonly minLength?: number;
  readonly ref?: Ref<HTMLInputElement>;
}

/** Its text is held by `value` and `onText`, or read from `ref` once. */
export function PasswordField({ label, onText, autocomplete = 'current-password', ...input }: PasswordProps) {
  return (
    <label>
      {label}
      <input
        {...input}
        type="password"
        autocomplete={autocomplete}
        required
        maxLength={200}
        onInput={(event) => onText?.(event.currentTarget.value)}
      />
    </label>
  );
}

interface ReasonProps extends TextProps {
  readonly ref?: Ref<HTMLInputElement>;
  readonly hint?: string;
}

/** Why somebody acts. */
export function ReasonField({ ref = null, value, onText, hint = t('stands in the audit list') }: ReasonProps) {
  return (
    <label>
      <span>{t('Reason')}</span>
      <input
        ref={ref}
        maxLength={300}
        autocomplete="off"
        value={value}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      <span class="hint">{hint}</span>
    </label>
  );
}

interface SearchProps extends TextProps {
  readonly label: string;
  /** What is searched. */
  readonly placeholder: string;
}

export function SearchField({ label, placeholder, value, onText }: SearchProps) {
  return (
    <label>
      <span class="unseen">{label}</span>
      <input
        type="search"
        placeholder={placeholder}
        value={value}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
    </label>
  );
}
