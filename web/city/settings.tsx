import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { CityView, OrderSummary } from '../../protocol/index.ts';
import { Button, Field } from '../design/controls.tsx';
import { Dialog } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import { dryRun, inputOf, settingsOf, type CitySettings, type DryRun } from './settings-input.ts';
import { crossesItself } from './zone.ts';
import { ZoneEditor } from './zone-editor.tsx';

interface SettingsProps {
  readonly engine: EngineLink;
  readonly city: CityView;
  readonly onSaved: () => void;
}

type NumberName = {
  [Name in keyof CitySettings]: CitySettings[Name] extends number ? Name : never;
}[keyof CitySettings];

interface NumberField {
  readonly name: NumberName;
  readonly min: number;
  readonly max: number;
  readonly step: number | 'any';
}

/** Bounds as the protocol has them. */
const DISPATCH_FIELDS: readonly NumberField[] = [
  { name: 'maxPickupDistanceMeters', min: 100, max: 200_000, step: 1 },
  { name: 'bundleRadiusMeters', min: 0, max: 5_000, step: 1 },
  { name: 'maxBatch', min: 1, max: 10, step: 1 },
  { name: 'promiseMinutes', min: 5, max: 240, step: 'any' },
  { name: 'courierSpeedMps', min: 0.1, max: 55, step: 'any' },
  { name: 'detourFactor', min: 1, max: 3, step: 'any' },
];
const MONEY_FIELDS: readonly NumberField[] = [
  { name: 'deliveryFeeMinor', min: 0, max: 1_000_000_000, step: 1 },
  { name: 'taxRate', min: 0, max: 0.5, step: 'any' },
  { name: 'withinSeconds', min: 0, max: 86_400, step: 1 },
  { name: 'refundWithin', min: 0, max: 1, step: 'any' },
  { name: 'refundAfter', min: 0, max: 1, step: 'any' },
];
const STRATEGIES = ['nearest', 'scored', 'optimal'] as const;

/** How the city works. Nothing changes before it was shown what would. */
export function Settings({ engine, city, onSaved }: SettingsProps): JSX.Element {
  const before = useMemo(() => settingsOf(city), [city]);
  const [settings, setSettings] = useState(before);
  const [plan, setPlan] = useState<DryRun | null>(null);
  const set = (change: Partial<CitySettings>): void => setSettings({ ...settings, ...change });
  const isCrossed = settings.deliveryZone.some(({ outer }) => crossesItself(outer));
  const preview = async (): Promise<void> => {
    try {
      const orders: readonly OrderSummary[] = await engine.api.cityOrders(city.cityId);
      setPlan(dryRun(before, settings, orders));
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  const save = async (): Promise<void> => {
    try {
      await engine.api.putCity(city.cityId, inputOf(city, settings));
      setPlan(null);
      toast(t('city.saved'));
      onSaved();
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  return (
    <div class="city-settings">
      <form
        class="stack city-settings-form"
        onSubmit={(event) => {
          event.preventDefault();
          void preview();
        }}
      >
        <h1>{t('city.settings')}</h1>
        <DispatchPart settings={settings} set={set} />
        <MoneyPart settings={settings} set={set} />
        <p class="small city-crossed" role="alert">
          {isCrossed ? t('city.zone.crossed') : null}
        </p>
        <div class="row">
          <Button kind="primary" submit disabled={isCrossed}>
            {t('city.dryRun')}
          </Button>
          <Button onPress={() => setSettings(before)}>{t('city.undo')}</Button>
        </div>
      </form>
      <ZoneEditor
        engine={engine}
        saved={before.deliveryZone}
        zone={settings.deliveryZone}
        onChange={(deliveryZone) => set({ deliveryZone })}
      />
      {plan === null ? null : <Preview plan={plan} onSave={save} onClose={() => setPlan(null)} />}
    </div>
  );
}

interface PartProps {
  readonly settings: CitySettings;
  readonly set: (change: Partial<CitySettings>) => void;
}

function DispatchPart(props: PartProps): JSX.Element {
  return (
    <fieldset class="card stack">
      <legend>{t('city.settings.dispatch')}</legend>
      <Strategy {...props} />
      <Numbers fields={DISPATCH_FIELDS} {...props} />
    </fieldset>
  );
}

function MoneyPart({ settings, set }: PartProps): JSX.Element {
  return (
    <fieldset class="card stack">
      <legend>{t('city.settings.money')}</legend>
      <Numbers fields={MONEY_FIELDS} settings={settings} set={set} />
      <label class="row">
        <input
          type="checkbox"
          name="deliveryCode"
          checked={settings.deliveryCode}
          onChange={({ currentTarget }) => set({ deliveryCode: currentTarget.checked })}
        />
        {t('city.setting.deliveryCode')}
      </label>
    </fieldset>
  );
}

function Strategy({ settings, set }: PartProps): JSX.Element {
  return (
    <Field label={t('city.setting.strategy')} hint={t(`city.strategy.${settings.strategy}`)}>
      <select
        name="strategy"
        value={settings.strategy}
        onChange={({ currentTarget: { value } }) => {
          const strategy = STRATEGIES.find((one) => one === value);
          if (strategy !== undefined) set({ strategy });
        }}
      >
        {STRATEGIES.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Numbers({ fields, settings, set }: PartProps & { fields: readonly NumberField[] }) {
  return (
    <div class="city-numbers">
      {fields.map(({ name, min, max, step }) => (
        <Field key={name} label={t(`city.setting.${name}`)}>
          <input
            type="number"
            name={name}
            required
            min={min}
            max={max}
            step={step}
            value={settings[name]}
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (!Number.isNaN(valueAsNumber)) set({ [name]: valueAsNumber });
            }}
          />
        </Field>
      ))}
    </div>
  );
}

interface PreviewProps {
  readonly plan: DryRun;
  readonly onSave: () => Promise<void>;
  readonly onClose: () => void;
}

/** What would change, before anything does. */
function Preview({ plan, onSave, onClose }: PreviewProps): JSX.Element {
  const { changes, zoneChanged, doorsOutside } = plan;
  const isNothing = changes.length === 0 && !zoneChanged;
  return (
    <Dialog title={t('city.dryRun.title')} onClose={onClose}>
      {isNothing ? <p>{t('city.dryRun.nothing')}</p> : null}
      <dl class="city-changes">
        {changes.map(({ name, before, after }) => (
          <div key={name}>
            <dt>{t(`city.setting.${name}`)}</dt>
            <dd class="digits">{t('city.dryRun.change', { before, after })}</dd>
          </div>
        ))}
      </dl>
      {zoneChanged ? <p>{t('city.dryRun.zone', { count: doorsOutside })}</p> : null}
      <p class="soft small">{t('city.dryRun.when')}</p>
      <div class="dialog-actions">
        <Button onPress={onClose}>{t('city.close')}</Button>
        <Button kind="primary" disabled={isNothing} onPress={onSave}>
          {t('city.save')}
        </Button>
      </div>
    </Dialog>
  );
}
