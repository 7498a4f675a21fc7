/**
 * Everything that the pages say, in English; the other languages have the same keys, and the compiler
 * sees to it. `{name}` is put in; a message with plural forms is chosen by `{count}`.
 */
export type Message = string | PluralForms;
type PluralForms = { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

export const en = {
  'app.name': 'Hexfleet',
  'app.theme': 'Light or dark',
  'app.theme.light': 'Light',
  'app.theme.dark': 'Dark',
  'app.theme.system': 'As the system',
  'app.language': 'Language',
  'app.retry': 'Try again',
  'app.loading': 'Loading',
  'app.failed': 'That did not work',
  'app.failed.what': 'The engine says: {reason}',
  'app.unreachable': 'The engine cannot be reached.',
  'app.signOut': 'Sign out',

  'time.now': 'just now',
  'time.left': '{time} left',

  'connection.lost': 'Connection lost, trying again',
  'connection.polling': 'No live connection here; looking every few seconds',
  'connection.back': 'Connected again',
  'connection.ended': 'You are signed out here. Sign in again to go on.',
  'connection.replaced': 'You are signed in on another screen.',

  'start.title': 'Every order, from the click to the door',
  'start.intro': 'Choose whose page you want to see.',
  'start.customer': 'Customer',
  'start.customer.what': 'Order something, and watch it come.',
  'start.restaurant': 'Restaurant',
  'start.restaurant.what': 'Take orders, cook, hand over.',
  'start.courier': 'Courier',
  'start.courier.what': 'Go on duty, pick up, deliver.',
  'start.operator': 'Operator',
  'start.operator.what': 'Run the city.',
  'start.open': 'Open',
  'start.docs': 'The protocol, for developers',

  'signIn.title': 'Sign in',
  'signIn.demo': 'Who do you want to be?',
  'signIn.demo.note':
    'This engine has a key of its own, and you are at its machine: you may be anybody.',
  'signIn.city': 'City',
  'signIn.name': 'Your name',
  'signIn.name.hint': 'Letters, digits, "-" and "_"',
  'signIn.who': 'Who',
  'signIn.go': 'Go on',
  'signIn.token': 'Access token',
  'signIn.token.note': 'From whoever runs your city. It is kept where no page can read it.',
  'signIn.wrongRole': 'This token is for another page.',
  'signIn.refused': 'This token is not valid, or not any more.',
  'signIn.noCity': 'There is no city yet. Start the demo, or set one up.',

  'customer.title': 'Order and track',
  'customer.restaurants': 'Restaurants',
  'customer.open': 'Open',
  'customer.closed': 'Closed',

  'rating.stars': { one: '{count} star', other: '{count} stars' },

  'map.label': 'Map',
  'map.loading': 'The map is being drawn',
  'map.unavailable': 'This device cannot draw the map. Everything else works.',
  'map.courier': 'Courier',
  'map.restaurant': 'Restaurant',
  'map.door': 'Your door',
  'map.center': 'Show everything',
} as const satisfies Readonly<Record<string, Message>>;

export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, Message>>;
