/**
 * On an EVM chain: one owner in another's place by the Safe's next number, which a relayer carries. The number is used up by whatever
 * is executed with it, so payments that go on meanwhile make the rotation void, and it is recorded anew.
 */
import {
  controlledBy,
  everyKey,
  relayerRoutes,
  sameControl,
  type EthereumWallet,
  type Wallet,
} from '@kuramori/core';
import { combine, planRotation, readPlan } from '@kuramori/chains/ethereum/codec';
import { controlAt, ethereumNode, openOurs, type SafeAt } from '@kuramori/chains/ethereum/node';
import { call } from '@kuramori/chains/http';
import { print, say } from '../command.ts';
import { said } from '../house.ts';
import { Stopped, type On, type Rotating } from './rotating.ts';

const anew =
  'give `kuramori rotate record` again, which takes the next one, while the wallet is frozen or nothing is paid from it';

/** What a relayer refuses by because of the Safe’s number. */
const numbered: ReadonlySet<string> = new Set(['number-used', 'number-under-way', 'too-early']);

/** Null where the house's file names no nodes of the chain. */
export function rotatingOnEthereum({ house, policy, wallet: pinned }: On<EthereumWallet>): Rotating | null {
  if (!house.ethereum) return null;
  const { relayers } = house.ethereum;
  const ours = openOurs([pinned], policy.network);
  const nodes = house.ethereum.nodes.map((url) => ethereumNode({ url }, ours));

  /** The Safe as every node proves it; or what keeps them from it. */
  async function proven(): Promise<readonly SafeAt[] | string> {
    const answers = await Promise.all(nodes.map((node) => node.safe(pinned, 'latest')));
    const failed = answers.flatMap((one) => (one.kind === 'failed' ? one.detail : []));
    if (failed.length > 0) return failed.join('; ');
    return answers.flatMap((one) => (one.kind === 'read' ? one.value : []));
  }

  return {
    async acting(): Promise<Wallet> {
      const safes = await proven();
      const told = typeof safes === 'string' ? [] : safes.map(controlAt);
      const [first = null] = told;
      const alike =
        first && told.every((one) => sameControl(one, first)) ? controlledBy(pinned, first) : undefined;
      if (!alike)
        say(
          `${typeof safes === 'string' ? safes : `the nodes do not all prove that keys of the policy act for ${pinned.id}`}: going by the policy`,
        );
      return alike ?? pinned;
    },

    async plan(_, order) {
      const safes = await proven();
      if (typeof safes === 'string') throw new Stopped(`the Safe’s next number: ${safes}`);
      const [first, ...others] = safes;
      if (
        !first ||
        others.some(({ nonce, owners }) => nonce !== first.nonce || owners.join() !== first.owners.join())
      )
        throw new Stopped(
          `the nodes are not at one about ${pinned.id}’s next number and owners: give the command again`,
        );
      const { nonce, owners } = first;
      const result = planRotation({ ...order, wallet: pinned, network: policy.network, nonce, owners });
      if (result.kind === 'refused') throw new Stopped(`${result.field}: ${result.why}`);
      say(`the Safe’s number ${nonce}: whatever else is executed with it makes this void`);
      return result.planned;
    },

    async carry({ plan }, signatures) {
      const combined = combine({ ...pinned, cosigners: everyKey(pinned) }, plan, signatures);
      if (combined.kind === 'refused') throw new Stopped(`${combined.key} ${combined.why}`);
      const { calldata } = combined;
      for (const [index, at] of relayers.entries()) {
        const answer = await call(at, relayerRoutes.relay, { wallet: pinned.id, plan, calldata });
        say(`relayer ${index + 1}: ${answer.kind === 'reverted' ? `failed: ${answer.why}` : said(answer)}`);
        if (answer.kind === 'under-way' || answer.kind === 'executed') return;
        if (answer.kind === 'refused' && numbered.has(answer.why))
          throw new Stopped(`${answer.detail}: ${anew}`);
        if (answer.kind === 'refused' && answer.why === 'would-fail') throw new Stopped(answer.detail);
      }
      print(`0x${calldata}`);
      say(
        `no relayer takes it. Any account can carry it: a transaction of 0 ETH to ${pinned.address} with the data above`,
      );
    },

    async isDone({ remove, add }, { plan }) {
      const safes = await proven();
      if (typeof safes === 'string') return false;
      const has = ({ owners }: SafeAt) =>
        owners.some((owner) => owner === add) && !owners.some((owner) => owner === remove);
      if (safes.every(has)) return true;
      const read = readPlan(plan);
      const number = read.kind === 'refused' ? 0n : read.bound.tx.nonce;
      if (safes.every((safe) => !has(safe) && safe.nonce > number))
        throw new Stopped(`the Safe’s number ${number} was used by something else: ${anew}`);
      return false;
    },
  };
}
