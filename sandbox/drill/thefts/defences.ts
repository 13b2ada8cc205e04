/** What a house defends itself with, and how each is switched off. */
import { LTC, parseAmount, XEM } from '@kuramori/core';
import { usualRule, type PlanInput } from '../../house/plan.ts';

/** Each with what it means to be without it. */
export const defences = {
  cold: 'everything is hot; else 5 % are, and the rest lies under three offline keys',
  multisig: 'one key moves the hot wallet, as in 2018; else two of three, one of them offline',
  judging:
    'the co-signers sign what they are told: the thief uses their keys as he likes, and nothing is recorded',
  limits: 'the policy’s rule allows any amount to anybody; else a million XEM a day, and 1 % to who is new',
  denials: 'the policy denies nothing; else nothing is paid to an address that looks like a known one',
  keepers: 'a new policy counts at once; else it waits a day',
  books: 'one person may credit any amount; else what is far beyond the usual takes two',
  confirmations: 'a deposit is credited in its first block; else after as many as a fork may take back',
  watchtower: 'nobody watches; where signers need its word, the thief has its key',
  evacuation: 'the watchtower stops, and sends nothing home',
} as const;
export type Defence = keyof typeof defences;

const everything = parseAmount('9000000000', XEM);

const boundless: PlanInput['rule'] = {
  perPayment: everything,
  rolling: { hours: 24, units: everything },
  firstSeen: { hours: 24, shareBps: 10_000 },
  feeCap: usualRule.feeCap,
};

/** What NEM's limits are to what is hot, of a hundred litecoins: a day's worth, and what who is new may have. */
export const usualOnLitecoin = {
  perPayment: parseAmount('2', LTC),
  rolling: { hours: 24, units: parseAmount('4', LTC) },
  firstSeen: { hours: 24, shareBps: 100 },
} as const;

const everyLitecoin = parseAmount('80000000', LTC);
export const boundlessOnLitecoin = {
  perPayment: everyLitecoin,
  rolling: { hours: 24, units: everyLitecoin },
  firstSeen: { hours: 24, shareBps: 10_000 },
} as const;

/** How a house is built that lacks some of them. */
export function planWith(has: (defence: Defence) => boolean): Partial<PlanInput> {
  return {
    rule: has('limits') ? usualRule : boundless,
    evacuates: has('evacuation'),
    confirmations: has('confirmations') ? 3 : 1,
    loosening: has('keepers') ? 24 * 3600 : 0,
    denials: has('denials') ? [{ id: 'lookalike', when: { destination: { lookalike: true } } }] : [],
  };
}
