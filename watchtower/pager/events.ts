/** What is done about each event that a watchtower tells: the usual, and what a configuration says otherwise. */
import type { IncidentEvent } from '@kuramori/core';

/** `lasts`: whether a watchtower says when it is over. */
type Handling =
  | { readonly does: 'page'; readonly topic: string; readonly lasts: boolean }
  | { readonly does: 'notify' | 'ignore' | 'end' };

const page = (topic: string, lasts = false): Handling => ({ does: 'page', topic, lasts });
const lasting = (topic: string) => page(topic, true);
const notify: Handling = { does: 'notify' };

/** A freeze is one page, whichever of the two words a watchtower has for it. */
export const frozenTopic = 'alarm: frozen';

const usual: Readonly<Record<IncidentEvent, Handling>> = {
  'alarm: frozen': page(frozenTopic, true),
  alarm: page(frozenTopic, true),
  'unexplained, and in a block': notify,
  'a signer has two journals': page('a signer has two journals'),
  'this watchtower has lost entries that it cosigned': page(
    'this watchtower has lost entries that it cosigned',
  ),
  'this watchtower cosigned another journal than it holds': page(
    'this watchtower cosigned another journal than it holds',
  ),
  'evacuation sent': notify,
  'evacuation announced': notify,
  'evacuation signed, and nobody carries it': page('evacuation signed, and nobody carries it'),
  'signer frozen': notify,
  'thaw taken up': page('thaw taken up'),
  thawed: { does: 'end' },
  'books went back': lasting('books went back'),
  'books are silent': lasting('books are silent'),
  'books cannot be compared': lasting('books cannot be compared'),
  'books do not balance': lasting('books do not balance'),
  'books and chain apart': lasting('books and chain apart'),
  'books hold coins in no wallet': lasting('books hold coins in no wallet'),
  'claims above holdings': lasting('claims above holdings'),
  'nodes disagree on a balance': lasting('nodes disagree on a balance'),
  'the books are in order again': { does: 'end' },
  'probe, then burst': lasting('probe, then burst'),
  'many assets at once': lasting('many assets at once'),
  'share of a wallet drained': lasting('share of a wallet drained'),
  'a limit is nearly used up': lasting('a limit is nearly used up'),
  'nearly all destinations new': lasting('nearly all destinations new'),
  'a stranger funds an account of ours': lasting('a stranger funds an account of ours'),
  'payments to addresses nobody can spend from': lasting('payments to addresses nobody can spend from'),
  'a balance falls without a spend': lasting('a balance falls without a spend'),
  'hot share above its limit': lasting('hot share above its limit'),
  'a nonce used twice: the key is public': lasting('a nonce used twice: the key is public'),
  'nonces that look alike': lasting('nonces that look alike'),
  'signed, and not on the chain': lasting('signed, and not on the chain'),
  'a Safe’s guard is not as the policy has it': lasting('a Safe’s guard is not as the policy has it'),
  'a key file was read': lasting('a key file was read'),
  'monitoring degraded: key files are not watched': lasting('monitoring degraded: key files are not watched'),
  'a process runs code of no release': lasting('a process runs code of no release'),
  'code was changed under a running process': lasting('code was changed under a running process'),
  'a signer refuses again and again': lasting('a signer refuses again and again'),
  // Over as soon as it has happened: nobody says so.
  'a key was used at an odd hour': page('a key was used at an odd hour'),
  'a key that had slept was used': page('a key that had slept was used'),
  'monitoring degraded: a node lags': lasting('monitoring degraded: a node lags'),
  'monitoring degraded: a node shows another block': lasting(
    'monitoring degraded: a node shows another block',
  ),
  'monitoring degraded: a node rewrote its chain': lasting('monitoring degraded: a node rewrote its chain'),
  'monitoring degraded: a node is silent': lasting('monitoring degraded: a node is silent'),
  'monitoring degraded: a node pushes nothing': lasting('monitoring degraded: a node pushes nothing'),
  'monitoring degraded: a node serves another chain': lasting(
    'monitoring degraded: a node serves another chain',
  ),
  'monitoring degraded: blind': lasting('monitoring degraded: blind'),
  'monitoring degraded: a signer or watchtower is silent': lasting(
    'monitoring degraded: a signer or watchtower is silent',
  ),
  'monitoring degraded: the disk is nearly full': lasting('monitoring degraded: the disk is nearly full'),
  'monitoring degraded: clocks apart': lasting('monitoring degraded: clocks apart'),
  'monitoring degraded: slow rounds': lasting('monitoring degraded: slow rounds'),
  'a sign is over': { does: 'end' },
  // Of ourselves: whoever else a watchtower tells must hear it.
  'the pager is silent': { does: 'ignore' },
  'the pager reaches nobody': { does: 'ignore' },
  'the pager is in order again': { does: 'ignore' },
};

/** What no configuration turns off. */
export const mustPage = [
  'alarm: frozen',
  'alarm',
  'a key file was read',
  'a signer has two journals',
] as const;

export type Events = ReadonlyMap<string, Handling>;

export function openEvents(changed: {
  readonly [Event in IncidentEvent]?: 'page' | 'notify' | 'ignore' | undefined;
}): Events {
  return new Map(
    Object.entries(usual).map(([event, handling]) => {
      const does = changed[event as IncidentEvent];
      if (does === undefined || does === handling.does) return [event, handling];
      return [event, does === 'page' ? page(event) : { does }];
    }),
  );
}

/** One that nobody knows pages: it may be a newer watchtower's. All of them on one page, so that nobody opens thousands. */
export function handlingOf(events: Events, event: string, tower: string): Handling {
  return events.get(event) ?? page(`unknown events of ${tower}`);
}

/** The topic that an event ends for whoever tells it; null where it ends none. */
export function endedBy(event: string, fields: { readonly [name: string]: unknown }): string | null {
  if (event === 'thawed') return fields['standing'] === 0 ? frozenTopic : null;
  const over = event === 'the books are in order again' || event === 'a sign is over';
  if (over && typeof fields['about'] === 'string') return fields['about'];
  return null;
}
