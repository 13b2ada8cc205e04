/** On Bitcoin's family: coins of a cold wallet, as a node's chain state has them, and the transaction that spends them. */
import { formatAmount, coinOn, type BitcoinWallet } from '@kuramori/core';
import { combine, planPayments } from '@kuramori/chains/bitcoin/codec';
import { authorizationOf, bitcoinNode, openOurs, type Endpoint } from '@kuramori/chains/bitcoin/node';
import { Misconfigured, readSecret } from '@kuramori/program';
import { say } from '../command.ts';
import { Stopped, type On, type OnChain } from './on-chain.ts';

/** In so many blocks it should be in one. */
const patientBlocks = 6;

/** Null where the house's file names no nodes of the chain. */
export function onBitcoin({ house, policy, wallet: pinned }: On<BitcoinWallet>): OnChain | null {
  const given = house.family[pinned.chain];
  if (!given) return null;
  const ours = openOurs([pinned], policy.network);
  const nodes = given.nodes.map((node) => bitcoinNode(endpointOf(node), pinned.chain, ours));
  const unlike = (): never => {
    throw new Stopped(`${pinned.id}: its keys are its own for good (docs/succession.md)`);
  };

  /** By the first node that knows. Throws Stopped. */
  async function look() {
    const why: string[] = [];
    for (const node of nodes) {
      say(`looks for the coins of ${pinned.id} at ${node.url}`);
      const unspent = await node.unspent(pinned.id);
      if (unspent.kind === 'read') return { node, ...unspent.value };
      why.push(unspent.detail);
    }
    throw new Stopped(why.join('; '));
  }

  return {
    acting: () => Promise.resolve(pinned),

    async planPayment(_, { id, asset, destination, amount, feeCap }, keys) {
      const coin = coinOn(pinned.chain);
      if (asset !== coin) throw new Stopped(`${asset} is no asset that is paid on ${pinned.chain}`);
      const { node, coins, height } = await look();
      const told = await node.feeRate(patientBlocks);
      if (told.kind === 'failed') throw new Stopped(told.detail);
      const used = coins.flatMap(({ branch, index }) => (branch === 1 ? index : []));
      const result = planPayments({
        wallet: pinned,
        network: policy.network,
        coins,
        feeRate: told.value ?? given.usualRate,
        usualRate: given.usualRate,
        change: Math.max(-1, ...used) + 1,
        lockTime: height,
        seed: id,
        payments: [{ address: destination.address, units: amount }],
      });
      if (result.kind === 'refused') throw new Stopped(`${result.field}: ${result.why}`);
      const { plan, fees, inputs, shares } = result.planned;
      if (fees > feeCap)
        throw new Stopped(
          `the fee would be ${formatAmount(fees, coin)}, and the intent lets it be ${formatAmount(feeCap, coin)}: wait until the network is quieter, or have more allowed`,
        );
      const previous = [...new Set(inputs.map(({ txid }) => txid))].flatMap(
        (txid) => ours.previous(txid) ?? [],
      );
      return { plan, fees, shares: shares.filter(({ key }) => keys.includes(key)), previous };
    },

    async carry({ plan }, signatures) {
      const combined = combine(pinned, plan, signatures);
      if (combined.kind === 'refused')
        throw new Stopped(`${combined.key ?? 'the transaction'} ${combined.why}`);
      const answers = await Promise.all(nodes.map((node) => node.announce(combined.transaction)));
      const taken = answers.filter(
        (answer) =>
          answer.kind === 'read' && (answer.value.kind === 'accepted' || answer.value.kind === 'known'),
      );
      for (const [index, answer] of answers.entries())
        say(
          `${nodes[index]?.url}: ${answer.kind === 'failed' ? answer.detail : answer.value.kind}${answer.kind === 'read' && 'message' in answer.value ? `: ${answer.value.message}` : ''}`,
        );
      if (taken.length === 0) throw new Stopped('no node took it: see what each of them said');
    },

    planRotation: unlike,
    waitsFor: unlike,
    instead: () => null,
  };
}

type Node = NonNullable<On<BitcoinWallet>['house']['family']['bitcoin']>['nodes'][number];

/** Read only where it is asked: whoever freezes needs no node. */
function endpointOf({ url, credentialsFile }: Node): Endpoint {
  if (credentialsFile === undefined) return { url };
  const authorization = authorizationOf(readSecret(credentialsFile));
  if (authorization === undefined)
    throw new Misconfigured(`${credentialsFile}: must hold user:password in one line`);
  return { url, authorization };
}
