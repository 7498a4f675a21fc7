import type { Phrases } from './template.ts';

export const de: Phrases = {
  templates: {
    order_received: {
      subject: 'Neue Bestellung {number}',
      text: 'Bestellung {number} über {total} ist bezahlt und wartet auf Ihre Antwort.',
    },
    order_confirmed: {
      subject: '{restaurant} bereitet Ihre Bestellung zu',
      text: '{restaurant} hat Ihre Bestellung {number} angenommen. Das Essen ist gegen {ready} fertig.',
    },
    order_delayed: {
      subject: 'Ihre Bestellung dauert etwas länger',
      text: '{restaurant} braucht für Ihre Bestellung {number} länger: fertig gegen {ready}.',
    },
    order_assigned: {
      subject: 'Bestellung {number} abholen',
      text: 'Bestellung {number} bei {restaurant} ist Ihnen zugeteilt.',
    },
    delivery_code: {
      subject: 'Ihr Liefercode: {code}',
      text: 'Ihre Bestellung {number} ist abgeholt. Nennen Sie an der Tür diesen Code: {code}',
      sms: '{code} ist Ihr Liefercode für {restaurant}. Nennen Sie ihn nur an der Tür.',
    },
    order_on_its_way: {
      subject: 'Ihre Bestellung ist unterwegs',
      text: 'Ihre Bestellung {number} von {restaurant} ist unterwegs zu Ihnen.',
    },
    order_delivered: {
      subject: 'Bestellung {number} wurde geliefert',
      text: 'Bestellung {number} von {restaurant} über {total} wurde geliefert.',
    },
    order_cancelled: {
      subject: 'Ihre Bestellung wurde storniert',
      text: 'Ihre Bestellung {number} bei {restaurant} wurde storniert: {reason}. Berechnet: {fee}.',
    },
    order_withdrawn: {
      subject: 'Bestellung {number} wurde storniert',
      text: 'Bestellung {number} bei {restaurant} wurde storniert: {reason}.',
    },
    payment_refunded: {
      subject: 'Sie bekommen {amount} zurück',
      text: 'Wir haben Ihnen {amount} für Ihre Bestellung {number} bei {restaurant} erstattet.',
    },
    order_rated: {
      subject: 'Bestellung {number} wurde bewertet',
      text: 'Ein Kunde hat Bestellung {number} {stars} von 5 Sternen gegeben.',
    },
    rating_reminder: {
      subject: 'Wie war {restaurant}?',
      text: 'Ihre Bestellung {number} von {restaurant} ist angekommen. Möchten Sie sie bewerten?',
    },
  },
  reasons: {
    payment_refused: 'die Zahlung wurde abgelehnt',
    payment_unavailable: 'die Zahlung war nicht möglich',
    restaurant_rejected: 'das Restaurant konnte sie nicht annehmen',
    restaurant_silent: 'das Restaurant hat nicht geantwortet',
    restaurant_closed: 'das Restaurant hat geschlossen',
    no_courier: 'es wurde kein Kurier gefunden',
    customer: 'vom Kunden storniert',
    operator: 'von unserem Kundendienst storniert',
  },
  digestSubject: '{count} Nachrichten zu Ihren Bestellungen',
  footer: 'In der App wählen Sie, was wir Ihnen schreiben.',
};
