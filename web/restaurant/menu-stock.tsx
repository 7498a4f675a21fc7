import type { JSX } from 'preact';
import type { MenuItem, RestaurantView } from '../../protocol/index.ts';
import { Button } from '../design/controls.tsx';
import { Badge } from '../design/surfaces.tsx';
import { toast } from '../design/toasts.tsx';
import { money } from '../i18n/format.ts';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';

interface MenuStockProps {
  readonly engine: EngineLink;
  readonly restaurant: RestaurantView;
  readonly currency: string;
  readonly onChange: () => void;
}

/** What can be had today. */
export function MenuStock({ engine, restaurant, currency, onChange }: MenuStockProps): JSX.Element {
  const { restaurantId, menu } = restaurant;
  const set = async ({ itemId, available }: MenuItem): Promise<void> => {
    try {
      const command = { type: 'set_item', itemId, available: !available } as const;
      await engine.api.shopCommand(restaurantId, command);
      onChange();
    } catch (error) {
      toast(sayFailure(error), 'danger');
    }
  };
  return (
    <ul class="stock-list">
      {menu.map((item) => (
        <li key={item.itemId} class="row">
          <div class="grow">
            <h3>{item.name}</h3>
            <p class="soft digits small">{money(item.priceMinor, currency)}</p>
          </div>
          {typeof item.stock === 'number' ? (
            <Badge>{t('stock.left', { count: item.stock })}</Badge>
          ) : null}
          <Button pressed={item.available} onPress={() => set(item)}>
            {t(item.available ? 'stock.on' : 'stock.off')}
            <span class="unseen">{item.name}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}
