import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { remaining } from '../i18n/format.ts';
import { t } from '../i18n/locale.ts';
import { Button, Icon, type IconName } from './controls.tsx';

export type Tone = 'plain' | 'good' | 'warn' | 'danger' | 'info' | 'accent';

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <span class="badge" data-tone={tone}>
      {children}
    </span>
  );
}

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Over everything else until it is closed; the browser keeps the focus within, and Escape closes. */
export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} class="dialog" aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

interface RingProps {
  /** 1 when all of it is left, 0 when nothing is. */
  readonly part: number;
  readonly seconds: number;
  readonly size?: string;
}

const RADIUS = 16;
const AROUND = 2 * Math.PI * RADIUS;
/** So little is left that it should be seen. */
const URGENT_PART = 0.25;

/** How much time is left, as a ring and in figures. */
export function CountdownRing({ part, seconds, size = '4rem' }: RingProps): JSX.Element {
  const left = Math.min(1, Math.max(0, part));
  return (
    <span
      class="ring"
      role="timer"
      aria-label={t('time.left', { time: remaining(seconds) })}
      data-urgent={left < URGENT_PART}
      style={{ '--ring-size': size }}
    >
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <circle class="ring-ground" cx="18" cy="18" r={RADIUS} />
        <circle
          class="ring-rest"
          cx="18"
          cy="18"
          r={RADIUS}
          stroke-dasharray={AROUND}
          stroke-dashoffset={AROUND * (1 - left)}
        />
      </svg>
      <b aria-hidden="true">{remaining(seconds)}</b>
    </span>
  );
}

export interface TimelineStep {
  readonly key: string;
  readonly label: string;
  readonly when: 'past' | 'now' | 'later';
  /** As it is to be read; '' for none. */
  readonly time: string;
}

export function Timeline({ steps }: { steps: readonly TimelineStep[] }): JSX.Element {
  return (
    <ol class="timeline">
      {steps.map((step) => (
        <li
          key={step.key}
          data-when={step.when}
          aria-current={step.when === 'now' ? 'step' : undefined}
        >
          <span>{step.label}</span>
          <time>{step.time}</time>
        </li>
      ))}
    </ol>
  );
}

interface StateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Where there is nothing else to see: nothing yet, or nothing any more. */
export function Empty({ icon, title, children }: StateProps): JSX.Element {
  return (
    <div class="state">
      <Icon name={icon} size={40} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading(): JSX.Element {
  return (
    <div class="stack" role="status">
      <span class="unseen">{t('app.loading')}</span>
      <div class="skeleton" />
      <div class="skeleton" />
    </div>
  );
}

export function Failed({ reason, onRetry }: { reason: string; onRetry: () => unknown }) {
  return (
    <div class="state" role="alert">
      <Icon name="alert" size={40} />
      <h2>{t('app.failed')}</h2>
      <p>{reason}</p>
      <Button kind="primary" onPress={onRetry}>
        {t('app.retry')}
      </Button>
    </div>
  );
}
