import type { Messages } from './en.ts';

export const de: Messages = {
  'app.name': 'Hexfleet',
  'app.theme': 'Hell oder dunkel',
  'app.theme.light': 'Hell',
  'app.theme.dark': 'Dunkel',
  'app.theme.system': 'Wie das System',
  'app.language': 'Sprache',
  'app.retry': 'Noch einmal',
  'app.loading': 'Wird geladen',
  'app.failed': 'Das hat nicht geklappt',
  'app.failed.what': 'Der Server meldet: {reason}',
  'app.unreachable': 'Der Server ist nicht zu erreichen.',
  'app.signOut': 'Abmelden',

  'time.now': 'gerade eben',
  'time.left': 'noch {time}',

  'connection.lost': 'Verbindung verloren, neuer Versuch läuft',
  'connection.polling': 'Hier geht keine Live-Verbindung; alle paar Sekunden wird nachgesehen',
  'connection.back': 'Wieder verbunden',
  'connection.ended': 'Sie sind hier abgemeldet. Melden Sie sich wieder an, um weiterzumachen.',
  'connection.replaced': 'Sie sind an einem anderen Bildschirm angemeldet.',

  'start.title': 'Jede Bestellung, vom Klick bis zur Tür',
  'start.intro': 'Wessen Seite möchten Sie sehen?',
  'start.customer': 'Kundin',
  'start.customer.what': 'Etwas bestellen und zusehen, wie es kommt.',
  'start.restaurant': 'Restaurant',
  'start.restaurant.what': 'Bestellungen annehmen, kochen, übergeben.',
  'start.courier': 'Kurier',
  'start.courier.what': 'In den Dienst gehen, abholen, ausliefern.',
  'start.operator': 'Leitstelle',
  'start.operator.what': 'Die Stadt führen.',
  'start.open': 'Öffnen',
  'start.docs': 'Das Protokoll, für Entwickler',

  'signIn.title': 'Anmelden',
  'signIn.demo': 'Wer möchten Sie sein?',
  'signIn.demo.note':
    'Dieser Server hat einen eigenen Schlüssel, und Sie sitzen an seinem Rechner: Sie dürfen jeder sein.',
  'signIn.city': 'Stadt',
  'signIn.name': 'Ihr Name',
  'signIn.name.hint': 'Buchstaben, Ziffern, „-“ und „_“',
  'signIn.who': 'Wer',
  'signIn.go': 'Weiter',
  'signIn.token': 'Zugangstoken',
  'signIn.token.note':
    'Von der Stelle, die Ihre Stadt betreibt. Es liegt dort, wo keine Seite es lesen kann.',
  'signIn.wrongRole': 'Dieses Token gehört zu einer anderen Seite.',
  'signIn.refused': 'Dieses Token gilt nicht, oder nicht mehr.',
  'signIn.noCity': 'Es gibt noch keine Stadt. Starten Sie die Demo, oder richten Sie eine ein.',

  'customer.title': 'Bestellen und verfolgen',
  'customer.restaurants': 'Restaurants',
  'customer.open': 'Offen',
  'customer.closed': 'Geschlossen',

  'rating.stars': { one: '{count} Stern', other: '{count} Sterne' },

  'map.label': 'Karte',
  'map.loading': 'Die Karte wird gezeichnet',
  'map.unavailable': 'Dieses Gerät kann die Karte nicht zeichnen. Alles andere geht.',
  'map.courier': 'Kurier',
  'map.restaurant': 'Restaurant',
  'map.door': 'Ihre Tür',
  'map.center': 'Alles zeigen',
};
