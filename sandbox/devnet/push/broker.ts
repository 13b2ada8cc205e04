/** Who listens to what: topics, and the sessions that have subscribed to them (Spring's SimpleBrokerMessageHandler). */
import { frameText } from './frame.ts';

export interface Listener {
  readonly id: string;
  readonly send: (text: string) => void;
}

export interface Broker {
  readonly subscribe: (listener: Listener, subscription: string, topic: string) => void;
  readonly unsubscribe: (listener: Listener, subscription: string) => void;
  readonly forget: (listener: Listener) => void;
  /** Whether anybody would hear it: what nobody hears is not written. */
  readonly isHeard: (topic: string) => boolean;
  readonly publish: (topic: string, body: string) => void;
}

/** NisWebAppWebsocketInitializer.configureMessageBroker */
const prefixes = [
  '/blocks',
  '/unconfirmed',
  '/errors',
  '/account',
  '/transactions',
  '/recenttransactions',
  '/node',
];
/** Ours: a session of a devnet needs no more. */
const mostSubscriptions = 10_000;

export function isTopic(destination: string): boolean {
  return prefixes.some((prefix) => destination.startsWith(prefix));
}

export function openBroker(): Broker {
  const topics = new Map<string, Map<Listener, Set<string>>>();
  const byListener = new Map<Listener, Map<string, string>>();
  let messages = 0;

  function unsubscribe(listener: Listener, subscription: string): void {
    const topic = byListener.get(listener)?.get(subscription);
    if (topic === undefined) return;
    byListener.get(listener)?.delete(subscription);
    const listeners = topics.get(topic);
    listeners?.get(listener)?.delete(subscription);
    if (listeners?.get(listener)?.size === 0) listeners.delete(listener);
    if (listeners?.size === 0) topics.delete(topic);
  }

  return {
    subscribe(listener, subscription, topic) {
      const own = byListener.get(listener) ?? new Map<string, string>();
      byListener.set(listener, own);
      unsubscribe(listener, subscription);
      if (own.size >= mostSubscriptions) return;
      own.set(subscription, topic);
      const listeners = topics.get(topic) ?? new Map<Listener, Set<string>>();
      topics.set(topic, listeners);
      listeners.set(listener, (listeners.get(listener) ?? new Set()).add(subscription));
    },
    unsubscribe,
    forget(listener) {
      for (const subscription of byListener.get(listener)?.keys() ?? []) unsubscribe(listener, subscription);
      byListener.delete(listener);
    },
    isHeard: (topic) => topics.has(topic),
    publish(topic, body) {
      for (const [listener, subscriptions] of topics.get(topic) ?? []) {
        for (const subscription of subscriptions) {
          messages += 1;
          const headers = {
            destination: topic,
            subscription,
            'message-id': `${listener.id}-${messages}`,
            'content-length': `${Buffer.byteLength(body)}`,
          };
          listener.send(frameText('MESSAGE', headers, body));
        }
      }
    },
  };
}
