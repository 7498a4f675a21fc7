import type { Phrases } from './template.ts';

export const en: Phrases = {
  templates: {
    order_received: {
      subject: 'New order {number}',
      text: 'Order {number} over {total} has been paid and waits for your answer.',
    },
    order_confirmed: {
      subject: '{restaurant} is preparing your order',
      text: '{restaurant} has accepted your order {number}. The food will be ready at about {ready}.',
    },
    order_delayed: {
      subject: 'Your order takes a little longer',
      text: '{restaurant} needs more time for your order {number}: it will be ready at about {ready}.',
    },
    order_assigned: {
      subject: 'Pick up order {number}',
      text: 'Order {number} at {restaurant} is yours to carry.',
    },
    delivery_code: {
      subject: 'Your delivery code: {code}',
      text: 'Your order {number} has been picked up. Tell the courier this code at the door: {code}',
      sms: '{code} is your delivery code for {restaurant}. Tell it only to the courier at the door.',
    },
    order_on_its_way: {
      subject: 'Your order is on its way',
      text: 'Your order {number} from {restaurant} is on its way to you.',
    },
    order_delivered: {
      subject: 'Order {number} was delivered',
      text: 'Order {number} from {restaurant} over {total} was delivered.',
    },
    order_cancelled: {
      subject: 'Your order was cancelled',
      text: 'Your order {number} at {restaurant} was cancelled: {reason}. You are charged {fee}.',
    },
    order_withdrawn: {
      subject: 'Order {number} was cancelled',
      text: 'Order {number} at {restaurant} was cancelled: {reason}.',
    },
    payment_refunded: {
      subject: 'You get {amount} back',
      text: 'We have given back {amount} for your order {number} at {restaurant}.',
    },
    order_rated: {
      subject: 'Order {number} was rated',
      text: 'A customer gave order {number} {stars} of 5 stars.',
    },
    rating_reminder: {
      subject: 'How was {restaurant}?',
      text: 'Your order {number} from {restaurant} has arrived. Would you like to rate it?',
    },
  },
  reasons: {
    payment_refused: 'the payment was refused',
    payment_unavailable: 'the payment could not be made',
    restaurant_rejected: 'the restaurant could not take it',
    restaurant_silent: 'the restaurant did not answer',
    restaurant_closed: 'the restaurant is closed',
    no_courier: 'no courier was found',
    customer: 'the customer cancelled it',
    operator: 'our support cancelled it',
  },
  digestSubject: '{count} messages about your orders',
  footer: 'You choose in the app what we write to you.',
};
