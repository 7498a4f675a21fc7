import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../../clients/ts/index.ts';
import type { DemoPeople, PageRole, PageSession, PagesConfig } from '../../protocol/index.ts';
import { Button, Field } from '../design/controls.tsx';
import { Failed, Loading } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import { useLoaded } from '../live/use-loaded.ts';
import { beSomebody, readDemoPeople, signIn } from './session.ts';

interface SignInProps {
  readonly role: PageRole;
  readonly config: PagesConfig;
  readonly onSession: (session: PageSession) => void;
}

/** By a token; where everything is for trying out, by choosing somebody. */
export function SignIn(props: SignInProps): JSX.Element {
  return (
    <div class="page-column sign-in stack">
      <h1>{t('signIn.title')}</h1>
      {props.config.demoSignIn ? <DemoChoice {...props} /> : <TokenForm {...props} />}
    </div>
  );
}

function TokenForm({ role, onSession }: SignInProps): JSX.Element {
  const [token, setToken] = useState('');
  const submit = async (): Promise<void> => {
    try {
      const session = await signIn(token.trim());
      if (session.role === role) onSession(session);
      else toast(t('signIn.wrongRole'), 'danger');
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status === 401;
      toast(isRefused ? t('signIn.refused') : sayFailure(error), 'danger');
    }
  };
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={t('signIn.token')} hint={t('signIn.token.note')}>
        <input
          name="token"
          type="password"
          autocomplete="off"
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </Field>
      <Button kind="primary" submit>
        {t('signIn.go')}
      </Button>
    </form>
  );
}

const ID = '[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}';

/** Whoever there is of the cities of an engine that is there for trying out. */
function DemoChoice(props: SignInProps): JSX.Element {
  const people = useLoaded(readDemoPeople, []);
  switch (people.state) {
    case 'loading':
      return <Loading />;
    case 'failed':
      return <Failed reason={people.reason} onRetry={people.retry} />;
    case 'here':
      return people.value.cities.length === 0 ? (
        <p>{t('signIn.noCity')}</p>
      ) : (
        <DemoForm {...props} cities={people.value.cities} />
      );
  }
}

type Cities = DemoPeople['cities'];

function DemoForm({ role, onSession, cities }: SignInProps & { cities: Cities }): JSX.Element {
  const [cityId, setCityId] = useState(cities[0]?.cityId ?? '');
  const [subject, setSubject] = useState('');
  const city = cities.find((one) => one.cityId === cityId);
  const there =
    role === 'restaurant' ? city?.restaurants : role === 'courier' ? city?.couriers : undefined;
  const chosen = subject === '' ? (there?.[0]?.id ?? 'you') : subject;
  const submit = (): void => {
    const wanted = { role, subject: chosen, cityId };
    beSomebody(wanted).then(onSession, (error: unknown) => toast(sayFailure(error), 'danger'));
  };
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h2>{t('signIn.demo')}</h2>
      <p class="soft small">{t('signIn.demo.note')}</p>
      <Field label={t('signIn.city')}>
        <Choice
          name="city"
          options={cities.map(({ cityId, name }) => ({ id: cityId, name }))}
          value={cityId}
          onChange={setCityId}
        />
      </Field>
      {there === undefined ? (
        <Field label={t('signIn.name')} hint={t('signIn.name.hint')}>
          <input
            name="subject"
            required
            pattern={ID}
            value={chosen}
            onInput={({ currentTarget }) => setSubject(currentTarget.value)}
          />
        </Field>
      ) : (
        <Field label={t('signIn.who')}>
          <Choice name="subject" options={there} value={chosen} onChange={setSubject} />
        </Field>
      )}
      <Button kind="primary" submit>
        {t('signIn.go')}
      </Button>
    </form>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  readonly value: string;
  readonly onChange: (id: string) => void;
}

function Choice({ name, options, value, onChange }: ChoiceProps): JSX.Element {
  return (
    <select
      name={name}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {options.map((option) => (
        <option key={option.id} value={option.id}>
          {option.name}
        </option>
      ))}
    </select>
  );
}
