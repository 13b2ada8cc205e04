import {
  asNem,
  controlledBy,
  formatAmount,
  sameControl,
  XEM,
  type NemWallet,
  type Wallet,
} from '@kuramori/core';
import {
  combine,
  explain,
  nemTimeOf,
  planPayment,
  planRotation,
  type NemNetwork,
} from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { say } from '../command.ts';
import { Stopped, withoutThem, type On, type OnChain } from './on-chain.ts';

/** How long its transaction stays valid: a vault may have to be fetched. NIS takes a day at most. Seconds. */
const lifetime = 23 * 3600;

export function onNem({ house, policy, wallet: pinned, again }: On<NemWallet>): OnChain {
  const network: NemNetwork = policy.network === 'mainnet' ? 'mainnet' : 'testnet';
  const nodes = house.nodes.map((url) => nemNode(url, network));

  return {
    async acting(): Promise<Wallet> {
      const answers = await Promise.all(nodes.map((node) => node.account(pinned.address)));
      const told = answers.map((answer) =>
        answer.kind === 'read'
          ? { threshold: answer.value.threshold, keys: [...answer.value.cosigners] }
          : null,
      );
      const [first = null] = told;
      const alike =
        first && told.every((one) => sameControl(one, first)) ? controlledBy(pinned, first) : undefined;
      if (!alike)
        say(`the nodes do not all say that keys of the policy act for ${pinned.id}: going by the policy`);
      return alike ?? pinned;
    },

    planRotation(wallet, order, at) {
      const timeStamp = nemTimeOf(at);
      return Promise.resolve(
        planRotation({
          ...order,
          wallet: asNem(wallet),
          network,
          timeStamp,
          deadline: timeStamp + lifetime,
        }),
      );
    },

    async planPayment(wallet, { asset, destination, amount, expiry }, keys, at) {
      if (asset !== XEM) throw new Stopped(`${asset} is no asset that is paid on NEM`);
      const timeStamp = nemTimeOf(at);
      const result = planPayment({
        wallet: asNem(wallet),
        network,
        recipient: destination.address,
        units: amount,
        memo: destination.memo,
        timeStamp,
        deadline: Math.min(timeStamp + lifetime, nemTimeOf(expiry * 1000)),
        keys,
      });
      if (result.kind === 'refused') throw new Stopped(`${result.field}: ${result.why}`);
      return result.planned;
    },

    async carry(planned, signatures) {
      const combined = combine(planned, signatures);
      if (combined.kind === 'refused') throw new Stopped(`${combined.key} ${combined.why}`);
      for (const part of combined.announcements) {
        const answers = await Promise.all(nodes.map((node) => node.announce(part)));
        for (const [index, answer] of answers.entries())
          say(
            `${nodes[index]?.url}: ${answer.kind === 'read' ? `${answer.value.code} ${answer.value.message}` : answer.detail}`,
          );
        if (!answers.some((answer) => answer.kind === 'read' && answer.value.code <= 1))
          throw new Stopped(
            `no node took it: see what each of them said (5: ${pinned.address} pays ${formatAmount(planned.fees, XEM)} XEM for it itself: send it so much first)`,
          );
      }
    },

    async waitsFor({ remove, add }, { plan }) {
      const seen = await Promise.all(nodes.map((node) => node.account(pinned.address)));
      const silent = seen.flatMap((answer) => (answer.kind === 'failed' ? answer.detail : []));
      const there = seen.filter(
        (answer) =>
          answer.kind === 'read' &&
          answer.value.cosigners.includes(add) &&
          !answer.value.cosigners.includes(remove),
      ).length;
      if (there === nodes.length) return null;
      const read = explain(Uint8Array.fromHex(plan), network);
      // NIS forgets what no block took until then.
      if (there === 0 && silent.length === 0 && read.kind !== 'refused') {
        const times = await Promise.all(nodes.map((node) => node.time()));
        const { deadline } = read.transaction;
        if (times.every((time) => time.kind === 'read' && nemTimeOf(time.value) > deadline))
          throw new Stopped(`its time is over, and no block took it: give \`${again}\` again`);
      }
      return silent.length > 0 ? withoutThem(silent, 'nodes') : 'no block has it yet';
    },

    instead: () => null,
  };
}
