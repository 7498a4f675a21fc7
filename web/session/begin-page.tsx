import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageRole, PageSession, PagesConfig } from '../../protocol/index.ts';
import { Frame } from '../design/frame.tsx';
import { Failed, Loading } from '../design/surfaces.tsx';
import { showPage } from '../design/show-page.ts';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import { EngineLink } from '../live/engine-link.ts';
import { readPagesConfig, resumeSession, signOut } from './session.ts';
import { SignIn } from './sign-in.tsx';

/** What a page gets once somebody is signed in. */
export interface PageProps {
  readonly engine: EngineLink;
  /** Ends the session here and on a reload. */
  readonly leave: () => Promise<void>;
}

/**
 * Shows a page of somebody who has to be signed in: who was before goes on, anybody else signs in first.
 * @param where says which page it is, in the reader's language
 */
export async function beginPage(
  role: PageRole,
  where: () => string,
  Page: (props: PageProps) => JSX.Element,
): Promise<void> {
  await showPage(<Entrance role={role} where={where} Page={Page} />);
}

interface Entered {
  readonly config: PagesConfig;
  readonly session: PageSession | null;
}

interface EntranceProps {
  readonly role: PageRole;
  readonly where: () => string;
  readonly Page: (props: PageProps) => JSX.Element;
}

function Entrance({ role, where, Page }: EntranceProps): JSX.Element {
  const [entered, setEntered] = useState<Entered | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const enter = (): void => {
    setFailure(null);
    Promise.all([readPagesConfig(), resumeSession(role)]).then(
      ([config, session]) => setEntered({ config, session }),
      (error: unknown) => setFailure(sayFailure(error)),
    );
  };
  useEffect(enter, []);
  document.title = `${where()} · ${t('app.name')}`;
  const outside = (content: JSX.Element): JSX.Element => (
    <Frame where={where()} who={null}>
      {content}
    </Frame>
  );
  if (failure !== null) return outside(<Failed reason={failure} onRetry={enter} />);
  if (entered === null) {
    return outside(
      <div class="page-column">
        <Loading />
      </div>,
    );
  }
  const { config, session } = entered;
  if (session === null) {
    const onSession = (begun: PageSession): void => setEntered({ config, session: begun });
    return outside(<SignIn role={role} config={config} onSession={onSession} />);
  }
  const leave = async (): Promise<void> => {
    await signOut(role);
    setEntered({ config, session: null });
  };
  return <Inside session={session} config={config} Page={Page} leave={leave} />;
}

interface InsideProps {
  readonly session: PageSession;
  readonly config: PagesConfig;
  readonly Page: EntranceProps['Page'];
  readonly leave: () => Promise<void>;
}

/** Has the connection while somebody is signed in. */
function Inside({ session, config, Page, leave }: InsideProps): JSX.Element {
  const [engine, setEngine] = useState<EngineLink | null>(null);
  useEffect(() => {
    const link = new EngineLink(session, config);
    setEngine(link);
    return () => link.close();
  }, [session, config]);
  return engine === null ? <Loading /> : <Page engine={engine} leave={leave} />;
}
