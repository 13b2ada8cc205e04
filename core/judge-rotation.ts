/** Judging a rotation: the keepers decided it, and the bytes do just that. */
import { refuse, type Refused } from './case.ts';
import type { Witnessed } from './fact.ts';
import type { RotationAsk } from './journal.ts';
import { keepersOf, policyDigest, type Policy, type Wallet } from './policy.ts';
import { keepersFor, type Change } from './rotation.ts';

export function judgeRotation(
  { policy, witnessed }: { readonly policy: Policy; readonly witnessed: Pick<Witnessed, 'at'> },
  { rotation: signed }: RotationAsk,
  wallet: Wallet,
  change: Change,
): Refused | readonly string[] {
  const { rotation } = signed;
  if (rotation.policy !== policyDigest(policy))
    return refuse('rotation-policy', 'it was decided under another version than the one in force');
  const { quorum } = keepersOf(policy);
  const agreeing = keepersFor({ policy }, signed);
  if (agreeing < quorum)
    return refuse('rotation-below-quorum', `${agreeing} of the ${quorum} keepers that it takes signed it`);
  if (rotation.wallet !== wallet.id || change.account !== wallet.address)
    return refuse('rotation-altered', `${wallet.id} is not the wallet of it`);
  if (change.remove !== rotation.remove || change.add !== rotation.add)
    return refuse('rotation-altered', `these bytes replace ${change.remove} by ${change.add}`);
  const gone = wallet.cosigners.find(({ publicKey }) => publicKey === rotation.remove);
  const spare = wallet.spares?.find(({ publicKey }) => publicKey === rotation.add);
  if (!gone) return refuse('not-a-cosigner', `${rotation.remove} is no key of ${wallet.id}`);
  if (!spare) return refuse('no-spare', `${rotation.add} is no spare of ${wallet.id}`);
  // Or two quorums of online signers would share fewer than two, or too few of them would be left.
  if ((gone.signer === null) !== (spare.signer === null))
    return refuse(
      'no-spare',
      'a vault’s key takes the place of a vault’s, an online signer’s that of another',
    );
  const rule = policy.rules.find((one) => one.wallet === wallet.id);
  if (!rule) return refuse('no-rule', `no rule is about ${wallet.id}`);
  if (change.fees > rule.feeCap) return refuse('fee-over-cap', `fees of ${change.fees}`);
  if (witnessed.at >= rotation.expiry * 1000)
    return refuse('intent-expired', `expired at ${rotation.expiry}`);
  if (change.validUntil !== null && change.validUntil > rotation.expiry)
    return refuse(
      'outlives-intent',
      `valid until ${change.validUntil}, the rotation until ${rotation.expiry}`,
    );
  return [`keepers: ${rotation.remove} by ${rotation.add}`];
}
