import type { ComponentChildren, Ref } from 'preact';
import { useId } from 'preact/hooks';
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

/** Controlled by `value` and `onText`, or read once from `ref`. */
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

interface FieldProps {
  readonly name: string;
  readonly hint: string;
  /** The hint is an error message. */
  readonly isFault?: boolean;
  readonly children: (own: {
    readonly 'aria-labelledby': string;
    readonly 'aria-describedby': string;
  }) => ComponentChildren;
}

/** A control with a name and a hint; a screen reader announces the hint after the name, not as part of it. */
export function Field({ name, hint, isFault = false, children }: FieldProps) {
  const id = useId();
  return (
    <label>
      <span id={`${id}-name`}>{name}</span>
      {children({ 'aria-labelledby': `${id}-name`, 'aria-describedby': `${id}-hint` })}
      <span class={isFault ? 'hint fault' : 'hint'} id={`${id}-hint`}>
        {hint}
      </span>
    </label>
  );
}

interface ReasonProps extends TextProps {
  readonly ref?: Ref<HTMLInputElement>;
  readonly hint?: string;
}

/** The reason for an act. */
export function ReasonField({ ref = null, value, onText, hint = t('recorded in the audit list') }: ReasonProps) {
  return (
    <Field name={t('Reason')} hint={hint}>
      {(own) => (
        <input
          {...own}
          ref={ref}
          maxLength={300}
          autocomplete="off"
          value={value}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface SearchProps extends TextProps {
  readonly label: string;
  /** Names what is searched. */
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
