import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/locale.ts';

interface ButtonProps {
  readonly children: ComponentChildren;
  /** While the promise is pending the button takes no second press. What it throws is the caller's. */
  readonly onPress?: () => unknown;
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly large?: boolean;
  readonly wide?: boolean;
  readonly disabled?: boolean;
  readonly submit?: boolean;
  /** For what is on or off. */
  readonly pressed?: boolean;
  /** What an icon means. */
  readonly label?: string;
  readonly id?: string;
}

export function Button(props: ButtonProps): JSX.Element {
  const { children, onPress, kind = 'plain', large, wide, disabled = false, label } = props;
  const [busy, setBusy] = useState(false);
  const press = async (): Promise<void> => {
    if (busy || disabled || onPress === undefined) return;
    setBusy(true);
    try {
      await onPress();
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      id={props.id}
      type={props.submit === true ? 'submit' : 'button'}
      class={label === undefined ? 'button' : 'button button-icon'}
      data-kind={kind}
      data-large={large}
      data-wide={wide}
      disabled={disabled}
      aria-busy={busy}
      aria-pressed={props.pressed}
      aria-label={label}
      title={label}
      onClick={() => void press()}
    >
      {children}
    </button>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly children: JSX.Element;
}

/** A control under its name. */
export function Field({ label, hint, children }: FieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
      {hint === undefined ? null : <small class="soft small">{hint}</small>}
    </label>
  );
}

interface StepperProps {
  readonly count: number;
  readonly max: number;
  readonly less: string;
  readonly more: string;
  readonly onChange: (count: number) => void;
}

/** How many: from nothing to `max`. */
export function Stepper({ count, max, less, more, onChange }: StepperProps): JSX.Element {
  return (
    <span class="stepper">
      <Button label={less} disabled={count === 0} onPress={() => onChange(count - 1)}>
        <Icon name="minus" />
      </Button>
      <output class="digits">{count}</output>
      <Button label={more} disabled={count >= max} onPress={() => onChange(count + 1)}>
        <Icon name="plus" />
      </Button>
    </span>
  );
}

const ICONS = {
  minus: 'M5 12h14',
  plus: 'M12 5v14M5 12h14',
  sun: 'M12 4V2m0 20v-2m8-8h2M2 12h2m13.7-5.7 1.4-1.4M4.9 19.1l1.4-1.4m0-11.4L4.9 4.9m14.2 14.2-1.4-1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  leave: 'M15 4h4v16h-4M10 8l-4 4 4 4m-4-4h10',
  bag: 'M6 8h12l1 12H5zm3 0V6a3 3 0 0 1 6 0v2',
  pot: 'M4 10h16v6a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4zm-2 0h20M9 6V4m3 2V3m3 3V4',
  bike: 'M5.5 20a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm13 0a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-13-3.5L9 9h6l3.5 7.5M9 9l3 7.5h-6.5M15 9l-1.5-3H16',
  tower: 'M4 20h16M6 20V9l6-5 6 5v11M10 20v-5h4v5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3 2',
  alert: 'M12 4 2.5 20h19zM12 10v4m0 3v.01',
  check: 'M5 12.5 10 17 19 7',
  sound: 'M4 9v6h4l5 4V5L8 9zm12.5-.5a5 5 0 0 1 0 7m2.5-9.5a9 9 0 0 1 0 12',
  close: 'm6 6 12 12M18 6 6 18',
  fit: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
} as const;
export type IconName = keyof typeof ICONS;

/** Beside words, or within something that has a name of its own: it says nothing itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path
        d={ICONS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

interface StarsProps {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly onChange: (stars: number) => void;
}

/** One to five, as radio buttons: arrow keys move through them. */
export function Stars({ name, label, value, onChange }: StarsProps): JSX.Element {
  return (
    <fieldset>
      <legend class="small soft">{label}</legend>
      <span class="stars">
        {[1, 2, 3, 4, 5].map((stars) => (
          <label key={stars} data-on={stars <= value}>
            <input
              type="radio"
              name={name}
              value={stars}
              checked={stars === value}
              aria-label={t('rating.stars', { count: stars })}
              onChange={() => onChange(stars)}
            />
            <svg width="26" height="26" viewBox="0 0 24 24" aria-hidden="true">
              <path
                fill="currentColor"
                d="m12 2.8 2.8 5.9 6.4.8-4.7 4.5 1.2 6.4-5.7-3.2-5.7 3.2 1.2-6.4L2.8 9.5l6.4-.8z"
              />
            </svg>
          </label>
        ))}
      </span>
    </fieldset>
  );
}
