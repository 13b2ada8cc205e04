/**
 * On an EVM chain: a payment, or one owner in another's place, by the Safe's next number, which a relayer carries. The number is used up
 * by whatever is executed with it, so payments that go on meanwhile make it void, and it is made anew.
 */
import {
  controlledBy,
  everyKey,
  relayerRoutes,
  sameControl,
  type EthereumWallet,
  type Wallet,
} from '@kuramori/core';
import {
  combine,
  planPayment,
  planRotation,
  readPlan,
  type PlanResult,
} from '@kuramori/chains/ethereum/codec';
import { controlAt, ethereumNode, openOurs, type SafeAt } from '@kuramori/chains/ethereum/node';
import { call } from '@kuramori/chains/http';
import { say } from '../command.ts';
import { said } from '../house.ts';
import { Stopped, withoutThem, type On, type OnChain, type Planned } from './on-chain.ts';

/** What helps where the Safe’s number was used by something else. */
const anew = (again: string) =>
  again.startsWith('kuramori rotate')
    ? `freeze the wallet, wait until nothing of it is under way, and give \`${again}\` again, which takes the next number`
    : `wait until nothing of it is under way, and give \`${again}\` again, which takes the next number`;

/** What a relayer refuses by because of the Safe’s number, and what helps. */
function aboutNumber(why: string, again: string): string | undefined {
  if (why === 'number-used') return anew(again);
  if (why === 'number-under-way')
    return `wait until that is executed, and give \`${again}\` again, which then takes the next number`;
  return why === 'too-early' ? 'its nodes are behind ours: announce it again in a minute' : undefined;
}

/** Null where the house's file names no nodes of the chain. */
export function onEthereum({ house, policy, wallet: pinned, again }: On<EthereumWallet>): OnChain | null {
  if (!house.ethereum) return null;
  const { relayers } = house.ethereum;
  const ours = openOurs([pinned], policy.network);
  const nodes = house.ethereum.nodes.map((url) => ethereumNode({ url }, ours));

  /** The Safe as each node proves it, and what keeps the others from it. */
  async function proven(): Promise<{
    readonly safes: readonly SafeAt[];
    readonly silent: readonly string[];
  }> {
    const answers = await Promise.all(nodes.map((node) => node.safe(pinned, 'latest')));
    return {
      safes: answers.flatMap((one) => (one.kind === 'read' ? one.value : [])),
      silent: answers.flatMap((one) => (one.kind === 'failed' ? one.detail : [])),
    };
  }

  /** A payment that was signed before may make this void; what sends deposits on does not, and relayers do not tell them apart. */
  async function tellOthers(): Promise<void> {
    for (const [index, at] of relayers.entries()) {
      const status = await call(at, relayerRoutes.status, {});
      if (status.kind === 'status' && status.underWay > 0)
        say(
          `relayer ${index + 1} has ${status.underWay} under way: where one is a payment of ${pinned.id}, it uses the number first, and this is recorded in vain`,
        );
    }
  }

  /** The Safe’s next number, and its owners in its own order, where all nodes prove the same. Throws Stopped. */
  async function next(): Promise<Pick<SafeAt, 'nonce' | 'owners'>> {
    await tellOthers();
    const { safes, silent } = await proven();
    if (silent.length > 0)
      throw new Stopped(`the Safe’s next number: ${withoutThem(silent, 'ethereum.nodes')}`);
    const [first, ...others] = safes;
    if (
      !first ||
      others.some(({ nonce, owners }) => nonce !== first.nonce || owners.join() !== first.owners.join())
    )
      throw new Stopped(
        `the nodes are not at one about ${pinned.id}: ${safes.map(({ nonce, height }, at) => `${house.ethereum?.nodes[at]} has number ${nonce} in block ${height}`).join(', ')}. Give the command again; one that stays behind is taken out of ethereum.nodes in the house’s file`,
      );
    return first;
  }

  function planned(result: PlanResult): Planned {
    if (result.kind === 'refused') throw new Stopped(`${result.field}: ${result.why}`);
    return result.planned;
  }

  return {
    async acting(): Promise<Wallet> {
      const { safes, silent } = await proven();
      const told = silent.length > 0 ? [] : safes.map(controlAt);
      const [first = null] = told;
      const alike =
        first && told.every((one) => sameControl(one, first)) ? controlledBy(pinned, first) : undefined;
      if (!alike)
        say(
          `${silent.length > 0 ? silent.join('; ') : `the nodes do not all prove that keys of the policy act for ${pinned.id}`}: going by the policy`,
        );
      return alike ?? pinned;
    },

    async planPayment(_, { asset, destination, amount }, keys) {
      const { nonce } = await next();
      const paid = { recipient: destination.address, asset, units: amount };
      return planned(planPayment({ ...paid, wallet: pinned, network: policy.network, nonce, keys }));
    },

    async planRotation(_, order) {
      const { nonce, owners } = await next();
      const result = planRotation({ ...order, wallet: pinned, network: policy.network, nonce, owners });
      say(`the Safe’s number ${nonce}: whatever else is executed with it makes this void`);
      return planned(result);
    },

    async carry({ plan }, signatures) {
      const calldata = combined(plan, signatures);
      for (const [index, at] of relayers.entries()) {
        const answer = await call(at, relayerRoutes.relay, { wallet: pinned.id, plan, calldata });
        say(`relayer ${index + 1}: ${answer.kind === 'reverted' ? `failed: ${answer.why}` : said(answer)}`);
        if (answer.kind === 'under-way' || answer.kind === 'executed') return;
        const helps = answer.kind === 'refused' ? aboutNumber(answer.why, again) : undefined;
        if (answer.kind === 'refused' && helps !== undefined) throw new Stopped(`${answer.detail}: ${helps}`);
        if (answer.kind === 'refused' && answer.why === 'would-fail') throw new Stopped(answer.detail);
      }
      say(byAnybody(calldata));
    },

    async waitsFor({ remove, add }, { plan }) {
      const { safes, silent } = await proven();
      const has = ({ owners }: SafeAt) =>
        owners.some((owner) => owner === add) && !owners.some((owner) => owner === remove);
      if (silent.length > 0) return withoutThem(silent, 'ethereum.nodes');
      if (safes.every(has)) return null;
      const read = readPlan(plan);
      const number = read.kind === 'refused' ? 0n : read.bound.tx.nonce;
      if (safes.every((safe) => !has(safe) && safe.nonce > number))
        throw new Stopped(`the Safe’s number ${number} was used by something else: ${anew(again)}`);
      return 'no block has it yet';
    },

    // A relayer that was taken says that it is under way, and sends nothing.
    instead: ({ plan }, signatures) => byAnybody(combined(plan, signatures)),
  };

  function combined(plan: string, signatures: ReadonlyMap<string, string>): string {
    const found = combine({ ...pinned, cosigners: everyKey(pinned) }, plan, signatures);
    if (found.kind === 'refused') throw new Stopped(`${found.key} ${found.why}`);
    return found.calldata;
  }

  function byAnybody(calldata: string): string {
    return `any account can carry it, whatever the relayers do: a transaction of 0 ETH to ${pinned.address} with this data:\n0x${calldata}`;
  }
}
