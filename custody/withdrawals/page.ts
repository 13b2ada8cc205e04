/** The states as docs/withdrawals.md shows them: a diagram and two tables, made from what the code runs. */
import { lastStates, meaning, moves, State, type Move } from './states.ts';

/** The Mermaid diagram's names have no hyphens. */
const node = (state: State) => state.replaceAll('-', '_');

function edge({ from, to, by }: Move): string {
  return `    ${from === null ? '[*]' : node(from)} --> ${node(to)} : ${by.join(', ')}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function statesPage(): string {
  return [
    '# The states of a withdrawal',
    '',
    'Made from [custody/withdrawals/states.ts](../custody/withdrawals/states.ts), the table that the code runs; a test holds this page against it. A return of a held deposit goes the same way. *custody/withdrawal.ts* tells the story from top to bottom.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...State.options
      .filter((state) => state !== node(state))
      .map((state) => `    state "${state}" as ${node(state)}`),
    ...moves.map(edge),
    ...lastStates.map((state) => `    ${node(state)} --> [*]`),
    '```',
    '',
    row('state', 'what it is', 'the money'),
    row('---', '---', '---'),
    ...State.options.map((state) => row(`**${state}**`, meaning[state].is, meaning[state].money)),
    '',
    row('from', 'to', 'by whose word', 'when'),
    row('---', '---', '---', '---'),
    ...moves.map(({ from, to, by, when }) => row(from ?? '–', to, by.join(', '), when)),
    '',
    onCoins,
    '',
  ].join('\n');
}

/** What no table of states tells. */
const onCoins = `## Where a chain has coins, and no end by the clock

The states are the same on Bitcoin and Litecoin ([0034](decisions/0034-a-branch-a-chain.md), [0036](decisions/0036-batches-and-replacements.md)); what differs:

* A plan takes its coins in the transaction that makes it a plan, and no other plan has one of them until it is proven dead or given up unsigned, but one that takes its place. Where no coin is free the payment waits in its turn, and says so.
* What the network takes is known when coins are chosen. Above the payment's cap it waits for lower fees; \`quote\` tells what an ordinary one takes now, or that nobody can tell (\`fees-unknown\`).
* \`validUntil\` is null. *Proven dead* is another transaction that spends one of its coins, as deep as the watchtowers ask (\`deadDepth\`), and booked here.
* A memo must be empty.
* Those that have their turn within some seconds (\`batch.seconds\`) share a transaction, at most \`batch.most\` of them; one of high priority waits for nobody. One of them is asked for all until it is signed; each is followed, and ends, by itself. Its fee is divided evenly. \`transaction\` is \`<id>:<output>\`.
* Where signers or watchtowers refuse a batch each of its payments goes alone, with a coin of the batch, and in no other batch.
* One that no block takes within \`fees.blocks\` has another transaction take its place (BIP 125): the same payments, every coin of the first and a fee that is a quarter higher or what the network takes by now, as far as the payments' caps and the policy's rule allow. \`plans\` names both; a block takes one, and whichever it is has paid. The first is announced as long as the second is not signed.

## On an EVM chain

Likewise ([0035](decisions/0035-custody-on-an-evm-chain.md)); what differs:

* A plan takes the Safe's next number, once the payment before it is in the relayer's hands. What can never be executed has its number taken over by the next payment.
* \`confirmed\` is in a block; \`final\` is in one that the chain holds for final, some 15 minutes later. *Proven dead* is the number used up by something else in such a block.
* \`validUntil\` is null, a memo must be empty, and \`fee\` is 0: the relayer pays for gas.
* \`transaction\` is the Safe's own hash, whichever of the relayer's transactions carries it; \`chainHash\` that transaction, once it is booked.`;
