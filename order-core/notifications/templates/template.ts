import type { CancelReason, NotificationKind } from '../../../protocol/index.ts';

/** One text in one language; `{name}` stands for what only the order knows (`facts.ts`). */
export interface Template {
  readonly subject: string;
  readonly text: string;
  /** Where a text message says it in fewer words. */
  readonly sms?: string;
}

/** Everything that a language has to say. A test compares the placeholders of all languages. */
export interface Phrases {
  readonly templates: Readonly<Record<NotificationKind, Template>>;
  readonly reasons: Readonly<Record<CancelReason, string>>;
  /** Of an e-mail that says several things, `{count}` of them. */
  readonly digestSubject: string;
  /** Below each e-mail. */
  readonly footer: string;
}
