/** What may be changed about the chain facts of an ask, and the right answer to each change. */
import { towers } from '../../core/testing/house.ts';
import { type SignedPart } from './forgery.ts';
import { partAt, type Expected } from './scene.ts';

export const factPart = (index: number): SignedPart =>
  partAt(`facts.${index}`, 'fact', 'watchtower', 'chain-fact', towers[index as 0 | 1]);

export const ofFacts: Expected = [
  [/^facts: the first twice$|^facts: turned round$/, 'allowed: a watchtower counts once, in whatever order'],
  [/^facts.fact.nonces: the first twice, signed again$/, 'allowed: one nonce, said twice'],
  [/^facts.fact.at: (zero|the most), signed again$/, 'facts-disagree'],
  [/^facts.fact.at: one (more|less), signed again$/, 'allowed: a millisecond, by one of the clocks'],
  [
    /^facts.fact.tip.*, signed again$/,
    'allowed: the block where a watchtower stands; nothing is judged by it',
  ],
  [/^facts.fact.balance.units: zero, signed again$/, 'over-first-seen-share'],
  [/^facts.fact.balance.units: .*, signed again$/, 'allowed: the least that any of them states counts'],
  [/^facts.fact.control.keys: turned round, signed again$/, 'allowed: the same keys, in whatever order'],
  [/^facts.fact.control.*, signed again$/, 'keys-on-chain'],
  [/^facts/, 'facts-below-quorum'],
];
