import { coinOf, coinOn } from './amount.ts';
import { ruleFor } from './case.ts';
import { chainKeys, everyKey, isSingleKey, ownKey } from './control.ts';
import { writersOf, type Policy, type Wallet } from './policy.ts';
import { successorOf } from './succession.ts';
import { wrongColdRule, wrongVault } from './unsound-cold.ts';
import { wrongApprover, wrongPasskey } from './unsound-passkey.ts';
import { unsoundDenial } from './unsound-denial.ts';

export interface Unsound {
  readonly kind: 'refused';
  readonly field: string;
  readonly why: string;
}

/** The layouts that DESIGN demands, and that every name leads somewhere. */
export function soundness(policy: Policy): Unsound | undefined {
  const refused = (field: string, why: string) => ({ kind: 'refused', field, why }) as const;
  const { watchtowers, wallets, rules, signers, coldRules = [] } = policy;
  // Across roles too: a key in two of them would be one process with two powers.
  const repeated = duplicate([
    ...policy.exchanges.flatMap((exchange) => exchange.keys.map((key) => `key ${key.publicKey}`)),
    ...watchtowers.keys.map((key) => `key ${key}`),
    `key ${policy.books.key}`,
    ...policy.keepers.people.map(({ key }) => `key ${key}`),
    ...policy.keepers.people.map(({ name }) => `keeper ${name}`),
    ...policy.operators.map(({ key }) => `key ${key}`),
    ...policy.operators.map(({ name }) => `operator ${name}`),
    ...writersOf(policy).map((signer) => `key ${signer.recordKey}`),
    // One person may approve by several rules, and nobody approves with a key that is something else too.
    ...new Set(peopleOf(policy).map((key) => `key ${key}`)),
    ...policy.exchanges.flatMap((exchange) => exchange.keys.map((key) => `exchange key ${key.keyId}`)),
    ...policy.exchanges.map((exchange) => `exchange ${exchange.id}`),
    ...writersOf(policy).map((signer) => `signer ${signer.id}`),
    ...wallets.flatMap(({ id, opening = [] }) => opening.map(({ asset }) => `opening ${id} ${asset}`)),
    ...wallets.flatMap((wallet) => [`wallet ${wallet.id}`, `address ${wallet.address}`]),
    ...wallets.flatMap((wallet) =>
      wallet.cosigners.map((cosigner) => `cosigner ${wallet.id} ${cosigner.publicKey}`),
    ),
    ...rules.map((rule) => `rule ${rule.wallet} ${rule.asset}`),
    ...coldRules.map((rule) => `cold rule ${rule.wallet} ${rule.asset}`),
    ...policy.lists.map(({ id }) => `list ${id}`),
    ...policy.groups.map(({ id }) => `group ${id}`),
    ...policy.values.map(({ asset }) => `value ${asset}`),
    ...policy.denials.map(({ id }) => `denial ${id}`),
  ]);
  if (repeated) return refused('policy', `names ${repeated} twice`);
  if (watchtowers.quorum > watchtowers.keys.length || 2 * watchtowers.quorum <= watchtowers.keys.length) {
    return refused(
      'watchtowers.quorum',
      'must be more than half of the watchtowers, and no more than there are',
    );
  }
  if ((policy.version === 1) !== (policy.prev === null))
    return refused(
      'prev',
      'must be null for version 1, and the digest of the version before for every other',
    );
  const { quorum, people } = policy.keepers;
  if (quorum > people.length || 2 * quorum <= people.length)
    return refused('keepers.quorum', 'must be more than half of the keepers, and no more than there are');
  if (quorum < 2 && policy.network === 'mainnet')
    return refused('keepers.quorum', 'one keeper alone would make every rule: must be at least 2');
  // A chain's key signs other things by another scheme; nobody may have to hold one for the books.
  if (wallets.flatMap(chainKeys).includes(policy.books.key))
    return refused('books.key', 'is a key of a wallet: the books have a key of their own');
  for (const [index, { keys }] of policy.exchanges.entries()) {
    const early = keys.findIndex(
      ({ notBefore }) => notBefore > policy.issued && notBefore < policy.issued + policy.keyDelay,
    );
    if (early >= 0) {
      return refused(
        `exchanges.${index}.keys.${early}.notBefore`,
        `lies within ${policy.keyDelay} s of this version, and a key that a version adds must wait that long: at least ${policy.issued + policy.keyDelay}`,
      );
    }
  }
  const heldOnline = new Set(
    wallets.flatMap(({ cosigners }) =>
      cosigners.flatMap(({ signer, publicKey }) => (signer === null ? [] : publicKey)),
    ),
  );
  const mixed = onTwoChains(wallets);
  if (mixed) return refused(mixed.field, mixed.why);
  for (const [index, wallet] of wallets.entries()) {
    const field = `wallets.${index}`;
    const online = wallet.cosigners.filter((cosigner) => cosigner.signer !== null);
    const total = wallet.cosigners.length;
    if (wallet.threshold > total) return refused(`${field}.threshold`, 'is more than the cosigners');
    const singleKey = isSingleKey(wallet);
    if (singleKey && policy.network !== 'devnet') {
      return refused(
        `${field}.threshold`,
        'one key moves everything: only a drill on a devnet may have such a wallet',
      );
    }
    if (!singleKey && wallet.threshold >= total) {
      return refused(
        `${field}.threshold`,
        'must be below the number of cosigners: n-of-n falls to n-1 keys (NEM evicts)',
      );
    }
    if (!singleKey && wallet.threshold < 2)
      return refused(`${field}.threshold`, 'one key would move everything: must be at least 2');
    if (!singleKey && 2 * wallet.threshold - online.length < 2) {
      return refused(`${field}.threshold`, 'two quorums of online signers must share two: 2m − online ≥ 2');
    }
    const names = new Set(online.map((cosigner) => cosigner.signer));
    if (names.size !== online.length)
      return refused(`${field}.cosigners`, 'one signer holds two keys of this wallet');
    for (const name of names) {
      if (!signers.some((signer) => signer.id === name))
        return refused(`${field}.cosigners`, `no signer is called ${name}`);
    }
    const spares = wallet.spares ?? [];
    for (const [place, { publicKey, signer }] of spares.entries()) {
      const taken = wallets.some(
        (other) =>
          ownKey(other) === publicKey ||
          other.cosigners.some((one) => one.publicKey === publicKey) ||
          (other.spares ?? []).some(
            (one, at) => one.publicKey === publicKey && !(other === wallet && at === place),
          ),
      );
      if (taken) return refused(`${field}.spares.${place}.publicKey`, 'is a key of a wallet already');
      if (signer !== null && !signers.some(({ id }) => id === signer))
        return refused(`${field}.spares.${place}.signer`, `no signer is called ${signer}`);
      const again = spares.some((one, at) => one.signer === signer && at !== place);
      if (signer !== null && (names.has(signer) || again))
        return refused(`${field}.spares.${place}.signer`, 'holds a key of this wallet: it would hold two');
    }
    if (wallet.role === 'hot') {
      if (online.length < wallet.threshold)
        return refused(
          `${field}.cosigners`,
          `has ${online.length} online signers, and ${wallet.threshold} must sign: nothing could be paid, or sent home`,
        );
      const cold = wallets.find((other) => other.id === wallet.evacuateTo);
      if (cold?.role !== 'cold')
        return refused(`${field}.evacuateTo`, 'must name a cold wallet of this policy');
      if (cold.chain !== wallet.chain)
        return refused(
          `${field}.evacuateTo`,
          `${cold.id} is on ${cold.chain}: its address is nobody's on ${wallet.chain}`,
        );
    } else if (wallet.evacuateTo !== null) {
      return refused(`${field}.evacuateTo`, 'must be null for a cold wallet');
    } else if (online.length > 0) {
      return refused(`${field}.cosigners`, 'a cold wallet has no online signer');
    }
    const astray = wrongSuccessor(policy, wallet);
    if (astray !== undefined) return refused(`${field}.successor`, astray);
    const shared =
      wallet.role === 'cold' && wallet.cosigners.find(({ publicKey }) => heldOnline.has(publicKey));
    if (shared)
      return refused(
        `${field}.cosigners`,
        `${shared.publicKey} is held by an online signer: a cold key is not`,
      );
  }
  for (const [index, rule] of rules.entries()) {
    const wallet = wallets.find((other) => other.id === rule.wallet);
    if (wallet?.role !== 'hot')
      return refused(`rules.${index}.wallet`, 'must name a hot wallet of this policy');
    if (coinOf(rule.asset) !== coinOn(wallet.chain))
      return refused(`rules.${index}.asset`, `is not on ${wallet.chain}, where ${wallet.id} is`);
    // Elsewhere no fee decides between two spends that wait (Codec.races): keepers would count on what does nothing.
    if (
      rule.outbid &&
      ((wallet.chain !== 'bitcoin' && wallet.chain !== 'litecoin') || rule.asset !== coinOn(wallet.chain))
    )
      return refused(
        `rules.${index}.outbid`,
        `bids for nothing on ${wallet.chain}: only where coins are spent that wait (bitcoin, litecoin)`,
      );
    const { approvals } = rule;
    if (approvals && new Set(approvals.people).size !== approvals.people.length)
      return refused(`rules.${index}.approvals.people`, 'names somebody twice');
    const astray = rule.sweep?.to.find((id) => {
      const to = wallets.find((other) => other.id === id);
      return to?.chain !== wallet.chain || id === wallet.id;
    });
    if (astray !== undefined)
      return refused(
        `rules.${index}.sweep.to`,
        `${astray} is no other wallet of this policy on ${wallet.chain}`,
      );
    const heir = successorOf(wallet);
    if (heir !== undefined && !rule.sweep?.to.includes(heir))
      return refused(
        `rules.${index}.sweep.to`,
        `must name ${heir}, the successor of ${wallet.id}: what is left there could not follow`,
      );
    if (rule.sweep && new Set(rule.sweep.to).size !== rule.sweep.to.length)
      return refused(`rules.${index}.sweep.to`, 'names a wallet twice');
    if (approvals && approvals.quorum > approvals.people.length)
      return refused(`rules.${index}.approvals.quorum`, 'is more than the people who may approve');
  }
  const astray = wrongVault(policy) ?? wrongColdRule(policy) ?? wrongPasskey(policy) ?? wrongApprover(policy);
  if (astray) return refused(astray.field, astray.why);
  for (const [index, group] of policy.groups.entries())
    if (new Set(group.people).size !== group.people.length)
      return refused(`groups.${index}.people`, 'names somebody twice');
  return unsoundDenial(policy);
}

/** One signer, one chain; and one key, one chain: where two chains sign the same bytes, it would pay on both at once. */
function onTwoChains(wallets: Policy['wallets']): Pick<Unsound, 'field' | 'why'> | undefined {
  const chainOf = new Map<string, string>();
  for (const [index, wallet] of wallets.entries())
    for (const { publicKey, signer, vault } of everyKey(wallet))
      for (const holder of [`key ${publicKey}`, ...holders(signer, vault)]) {
        const before = chainOf.get(holder) ?? wallet.chain;
        chainOf.set(holder, before);
        if (before !== wallet.chain)
          return {
            field: `wallets.${index}.cosigners`,
            why: `${holder} is of a wallet on ${before} already: one chain each`,
          };
      }
  return undefined;
}

function holders(signer: string | null, vault: string | undefined): readonly string[] {
  return [
    ...(signer === null ? [] : [`signer ${signer}`]),
    ...(vault === undefined ? [] : [`vault ${vault}`]),
  ];
}

/** Why the wallet that shall have this one's place cannot; undefined where it can, or where none shall. */
function wrongSuccessor(
  { wallets, rules }: Pick<Policy, 'wallets' | 'rules'>,
  wallet: Wallet,
): string | undefined {
  const name = successorOf(wallet);
  if (name === undefined) return undefined;
  const heir = wallets.find(({ id }) => id === name);
  if (wallet.role !== 'hot' || heir?.role !== 'hot' || heir.chain !== wallet.chain)
    return `${name} is no hot wallet of this policy on ${wallet.chain}, as it must be to take the place of one`;
  const bare = [wallet.id, name].find((id) => !ruleFor({ rules }, id, coinOn(wallet.chain)));
  if (bare !== undefined)
    return `no rule is about ${coinOn(wallet.chain)} in ${bare}: nothing could follow from ${wallet.id}, or leave ${name}`;
  const seen = new Set([wallet.id]);
  let next: string | undefined = name;
  while (next !== undefined) {
    if (seen.has(next)) return `${next} would follow itself: the newest wallet has no successor`;
    seen.add(next);
    const one = wallets.find(({ id }) => id === next);
    next = one && successorOf(one);
  }
  return undefined;
}

function peopleOf({ rules, coldRules = [], groups, passkeys }: Policy): readonly string[] {
  return [
    ...coldRules.flatMap(({ approvals }) => approvals.people),
    ...rules.flatMap((rule) => rule.approvals?.people ?? []),
    ...groups.flatMap(({ people }) => people),
    ...(passkeys?.people ?? []).map(({ person }) => person),
  ];
}

function duplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
