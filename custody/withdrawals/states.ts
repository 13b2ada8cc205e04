/** The states of a withdrawal and who may move it: one table, which `change` obeys and docs/withdrawals.md shows. */
import { z } from 'zod';

export const State = z.enum([
  'requested',
  'held',
  'screened',
  'awaiting-approval',
  'planned',
  'witnessed',
  'signed',
  'sent',
  'unknown',
  'confirmed',
  'final',
  'expired',
  'returned',
  'refused',
  'disputed',
]);
export type State = z.infer<typeof State>;

/** What a state means, and where the money is meanwhile. */
export const meaning: { readonly [S in State]: { readonly is: string; readonly money: string } } = {
  requested: {
    is: 'The signed request is kept. Left in the same database transaction.',
    money: 'the customer’s',
  },
  held: { is: 'Nobody was asked yet; the destination is not screened.', money: 'held: amount and fee cap' },
  screened: {
    is: 'The destination may be paid. Waits for its turn, where no person must approve.',
    money: 'held',
  },
  'awaiting-approval': {
    is: 'The policy wants people to approve it; with enough of them it waits for its turn.',
    money: 'held',
  },
  planned: {
    is: 'One transaction is planned and kept; no signature for it can exist. Of one whose place it takes they may.',
    money: 'held',
  },
  witnessed: {
    is: 'Every signer’s record of the plan is countersigned: from here on a signature may exist.',
    money: 'held, until the chain has spoken',
  },
  signed: {
    is: 'All signatures are verified and kept; nothing was sent.',
    money: 'held, until the chain has spoken',
  },
  sent: { is: 'A node took all of it.', money: 'held, until the chain has spoken' },
  unknown: { is: 'It was sent, and nobody answered.', money: 'held, until the chain has spoken' },
  confirmed: { is: 'In a block, by the watchtowers’ word.', money: 'held' },
  final: {
    is: 'Deep enough, and booked. The end.',
    money: 'paid: amount, and the network’s fee up to the cap',
  },
  expired: {
    is: 'Its plan is proven dead: no block has it, and none can have it any more. It is planned anew, or returned.',
    money: 'held',
  },
  returned: { is: 'It was not paid, and never will be. The end.', money: 'the customer’s again' },
  refused: {
    is: 'Screening, a signer or a watchtower will never let it pass. The end.',
    money: 'the customer’s again',
  },
  disputed: {
    is: 'Signers have recorded another transaction for it than we know of, and it cannot be learned. People must look.',
    money: 'held',
  },
};

/** Who moves a withdrawal: whose word it takes, not which process writes it down. */
export type Mover =
  | 'exchange'
  | 'treasury'
  | 'custody'
  | 'screen'
  | 'person'
  | 'signers'
  | 'signers and watchtowers'
  | 'a node'
  | 'watchtowers';

export interface Move {
  readonly from: State | null;
  readonly to: State;
  readonly by: readonly Mover[];
  readonly when: string;
}

const slow =
  'the blocks are gone in which it should have been: another, with the same coins and for a higher fee, takes its place, and one of the two can confirm';

/** What is not here is refused. */
export const moves: readonly Move[] = [
  {
    from: null,
    to: 'requested',
    by: ['exchange', 'treasury'],
    when: 'its signed request is sound: address, memo, minimum, allowlist, limits; or too much is hot, and it is a sweep',
  },
  { from: 'requested', to: 'held', by: ['custody'], when: 'amount and fee cap are available' },
  {
    from: 'requested',
    to: 'screened',
    by: ['treasury'],
    when: 'it is a sweep: the policy pins where it goes, and nobody’s money is held',
  },

  { from: 'held', to: 'screened', by: ['screen', 'person'], when: 'the destination may be paid' },
  { from: 'held', to: 'refused', by: ['screen', 'person'], when: 'it must not be paid' },
  { from: 'held', to: 'returned', by: ['exchange', 'custody'], when: 'cancelled, or its time is over' },
  {
    from: 'held',
    to: 'planned',
    by: ['signers'],
    when: 'a restored database learns from their journals what was planned',
  },

  {
    from: 'screened',
    to: 'awaiting-approval',
    by: ['custody'],
    when: 'the policy wants approvals of it, by its rule or to lift a denial',
  },
  { from: 'screened', to: 'planned', by: ['custody', 'signers'], when: 'it has its turn; or is learned' },
  {
    from: 'screened',
    to: 'refused',
    by: ['custody'],
    when: 'the network takes more than the fee cap, or it cannot be planned',
  },
  { from: 'screened', to: 'returned', by: ['exchange', 'custody'], when: 'cancelled, or its time is over' },

  {
    from: 'awaiting-approval',
    to: 'planned',
    by: ['person', 'signers'],
    when: 'enough people approved it, and it has its turn; or is learned',
  },
  {
    from: 'awaiting-approval',
    to: 'refused',
    by: ['custody'],
    when: 'the network takes more than the fee cap, or it cannot be planned',
  },
  {
    from: 'awaiting-approval',
    to: 'returned',
    by: ['exchange', 'custody'],
    when: 'cancelled, or its time is over',
  },

  {
    from: 'planned',
    to: 'witnessed',
    by: ['signers and watchtowers'],
    when: 'each judged it by itself, recorded and countersigned it',
  },
  {
    from: 'planned',
    to: 'refused',
    by: ['signers and watchtowers'],
    when: 'so many refuse it for good that it can never be signed',
  },
  {
    from: 'planned',
    to: 'disputed',
    by: ['signers'],
    when: 'they have recorded other bytes for it that may still pay',
  },
  {
    from: 'planned',
    to: 'confirmed',
    by: ['watchtowers'],
    when: 'it is found paid: we are a restored database',
  },
  { from: 'planned', to: 'expired', by: ['watchtowers'], when: 'the plan is proven dead' },

  {
    from: 'planned',
    to: 'planned',
    by: ['custody'],
    when: 'the transaction that pays it with others is refused: alone, with a coin of that one, so that one of the two can confirm',
  },

  { from: 'witnessed', to: 'signed', by: ['signers'], when: 'all signatures are let go and verify' },
  {
    from: 'witnessed',
    to: 'planned',
    by: ['signers'],
    when: 'a restored database learns from their journals what was to take its place',
  },
  { from: 'witnessed', to: 'confirmed', by: ['watchtowers'], when: 'it is found paid' },
  { from: 'witnessed', to: 'expired', by: ['watchtowers'], when: 'the plan is proven dead' },

  {
    from: 'signed',
    to: 'sent',
    by: ['a node'],
    when: 'it took the wrapper, and then every cosignature',
  },
  { from: 'signed', to: 'unknown', by: ['a node'], when: 'none took all of it, and one did not answer' },
  {
    from: 'signed',
    to: 'planned',
    by: ['custody'],
    when: slow,
  },
  { from: 'signed', to: 'confirmed', by: ['watchtowers'], when: 'it is in a block' },
  { from: 'signed', to: 'expired', by: ['watchtowers'], when: 'the plan is proven dead' },

  {
    from: 'sent',
    to: 'planned',
    by: ['custody'],
    when: slow,
  },
  { from: 'sent', to: 'confirmed', by: ['watchtowers'], when: 'it is in a block' },
  { from: 'sent', to: 'expired', by: ['watchtowers'], when: 'the plan is proven dead' },

  { from: 'unknown', to: 'sent', by: ['a node'], when: 'it took all of it' },
  {
    from: 'unknown',
    to: 'planned',
    by: ['custody'],
    when: slow,
  },
  { from: 'unknown', to: 'confirmed', by: ['watchtowers'], when: 'it is in a block' },
  { from: 'unknown', to: 'expired', by: ['watchtowers'], when: 'the plan is proven dead' },

  { from: 'confirmed', to: 'sent', by: ['watchtowers'], when: 'the chain was rewritten, its block is gone' },
  {
    from: 'confirmed',
    to: 'final',
    by: ['custody'],
    when: 'two nodes of our own agree on its block, which is deep enough',
  },
  {
    from: 'confirmed',
    to: 'expired',
    by: ['watchtowers'],
    when: 'its block is gone, and the plan is proven dead',
  },

  {
    from: 'expired',
    to: 'planned',
    by: ['custody', 'signers'],
    when: 'there is time for another transaction, and it has its turn; or is learned',
  },
  { from: 'expired', to: 'refused', by: ['custody'], when: 'it cannot be planned anew' },
  { from: 'expired', to: 'returned', by: ['exchange', 'custody'], when: 'cancelled, or its time is over' },
  {
    from: 'expired',
    to: 'confirmed',
    by: ['watchtowers'],
    when: 'it is found paid after all: with a stolen key, say',
  },
];

/** What may follow a state. */
export const next: { readonly [S in State]: readonly State[] } = Object.fromEntries(
  State.options.map((from) => [from, moves.filter((move) => move.from === from).map(({ to }) => to)]),
) as unknown as { readonly [S in State]: readonly State[] };

/** States that nothing follows. */
export const lastStates: readonly State[] = State.options.filter((state) => next[state].length === 0);

/** Nothing is planned, or what was is dead: the exchange may take its request back. */
export const cancellable: readonly State[] = moves
  .filter(({ to, by }) => to === 'returned' && by.includes('exchange'))
  .flatMap(({ from }) => from ?? []);
