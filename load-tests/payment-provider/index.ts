/**
 * The simulated payment provider: a process that speaks the part of Stripe's HTTP API that the engine
 * uses, moves no money, and misbehaves when it is told to.
 *
 * In: HTTP requests. Out: Stripe's answers, signed webhooks, and books on disk that outlive a kill. The engine starts
 * `main.ts` by itself; tests start it with what is exported here. May import runtime/.
 */
export {
  startPaymentProvider,
  type PaymentProviderOptions,
  type PaymentProviderProcess,
} from './start.ts';
